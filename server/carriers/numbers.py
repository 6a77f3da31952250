"""Which carrier's a tracking number can be, where its form is a carrier's own and its check digit is right.

Numbers of ten to fifteen plain digits are not looked at: several carriers use them, and one in ten passes another's
check by chance.
"""

import re
from collections.abc import Callable, Sequence


def carriers_of(number: str) -> frozenset[str]:
    """Codes of `CARRIERS`; `number` is in capitals without spaces."""
    if not _ANY.fullmatch(number):
        return frozenset()
    return frozenset(code for code, form, checks in _FORMS if form.fullmatch(number) and checks(number)) | _post(number)


def _digits(number: str) -> list[int]:
    return [int(character) for character in number if character.isdigit()]


def mod10(digits: Sequence[int]) -> bool:
    """GS1's check digit, which ends SSCC and USPS' IMpb numbers: weights 3 and 1 from the right."""
    *body, last = digits
    return (sum(body[::-2]) * 3 + sum(body[-2::-2]) + last) % 10 == 0


def ups(number: str) -> bool:
    """UPS: letters count from A = 2, every second place twice."""
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in number[2:17]]
    return (-(sum(values[::2]) + 2 * sum(values[1::2]))) % 10 == int(number[17])


def s10(number: str) -> bool:
    """UPU S10: eight digits by 8 6 4 2 3 5 9 7, against 11."""
    *body, last = _digits(number)
    rest = 11 - sum(weight * digit for weight, digit in zip((8, 6, 4, 2, 3, 5, 9, 7), body, strict=True)) % 11
    return last == {10: 0, 11: 5}.get(rest, rest)


def _ground96(number: str) -> bool:
    """FedEx Ground's 96: GS1's check digit over the last 15."""
    return mod10(_digits(number)[-15:])


def _impb(number: str) -> bool:
    """USPS' IMpb, the routing code 420 and its ZIP before it left out."""
    digits = _digits(number)
    return any(mod10(digits[-length:]) for length in (22, 26) if len(digits) >= length and digits[-length] == 9)


Check = Callable[[str], bool]

_FORMS: Sequence[tuple[str, re.Pattern[str], Check]] = (
    ("ups", re.compile(r"1Z[0-9A-Z]{15}[0-9]"), ups),
    ("usps", re.compile(r"(?:420[0-9]{5}(?:[0-9]{4})?)?9[1-5][0-9]{20}(?:[0-9]{4})?"), _impb),
    ("fedex", re.compile(r"96[0-9]{20}"), _ground96),
    ("fedex", re.compile(r"92612[0-9]{17}"), lambda number: mod10(_digits(number))),
    ("dhl", re.compile(r"00340434[0-9]{12}"), lambda number: mod10(_digits(number))),
    ("dhl", re.compile(r"JJD[0-9]{10,24}|JVGL[0-9]{10,20}"), lambda _number: True),
)
"""`92612` is FedEx SmartPost, which USPS delivers: both know such a number, so it is of neither for sure."""

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_ANY = re.compile("|".join(form.pattern for form in (*(form for _, form, _ in _FORMS), _S10)))
"""All of them in one: most numbers are of no carrier's own form."""

_POSTS = {
    "AT": "austrian_post",
    "AU": "australia_post",
    "BE": "bpost",
    "BR": "correios",
    "CA": "canada_post",
    "CH": "swiss_post",
    "DK": "postnord",
    "ES": "correos",
    "FR": "la_poste",
    "GB": "royal_mail",
    "IT": "poste_italiane",
    "JP": "japan_post",
    "NO": "bring",
    "NZ": "nz_post",
    "PL": "poczta_polska",
    "SE": "postnord",
    "US": "usps",
}
"""The post that gave a number of UPU S10 out, by its last two letters (ISO 3166-1)."""


def _post(number: str) -> frozenset[str]:
    fits = _S10.fullmatch(number) and number[-2:] in _POSTS and s10(number)
    return frozenset({_POSTS[number[-2:]]}) if fits else frozenset()
