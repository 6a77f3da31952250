"""One normal form, and one notion of "the same", for each kind of identifier. All of them answer yes or no.

Nothing here is fuzzy: no similarity threshold separates strangers from selves (`John Smith`/`Joan Smith` are
closer by Jaro-Winkler than `Robert`/`Bob Smith`), and a wrong yes shows somebody a stranger's orders.
"""

import re
from collections.abc import Iterator
from unicodedata import normalize

import idna
import phonenumbers

from ..model import Address
from .domains import FOLDINGS, HOSTNAME_ADDRESSING

# -- mailboxes --------------------------------------------------------------------------------------------

LONGEST_DOMAIN = 253
"""RFC 1035 §2.3.4: 255 octets with the length bytes and the root."""

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\U0010ffff-]{1,64}", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NOT_IN_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


_USUAL = re.compile(r"([a-z0-9_.+-]{1,64})@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})")


def mailbox(raw: str | None) -> str | None:
    """The normal form of an e-mail address, equal for two addresses exactly when they are one mailbox.

    `None` where it is no address that a shop or Zendesk can deliver to: quoted local parts, address literals,
    invisible characters, and characters that turn into ASCII on their way (the Kelvin sign U+212A becomes a `k`:
    the kind of collision that sent GitHub's password resets to strangers, bounty.github.com 2016).
    """
    if raw and raw.isascii() and (usual := _USUAL.fullmatch(raw.lower())) and len(usual[2]) <= LONGEST_DOMAIN:
        return _folded(usual[1], usual[2])
    return _unusual_mailbox(raw)


def _unusual_mailbox(raw: str | None) -> str | None:
    local, at, host = (raw or "").strip().rpartition("@")
    domain = _domain(host)
    if not at or domain is None or not _LOCAL.fullmatch(local) or _NOT_IN_ADDRESSES.search(local):
        return None
    if not local.isascii():
        turns_ascii = any(normalize("NFC", character).isascii() for character in local if not character.isascii())
        return None if turns_ascii else f"{normalize('NFC', local)}@{domain}"
    return _folded(local.lower(), domain)


def same_mailbox(a: str | None, b: str | None) -> bool:
    """Whether both are addresses of one mailbox."""
    return (normal := mailbox(a)) is not None and normal == mailbox(b)


def mailbox_spellings(raw: str) -> tuple[str, ...]:
    """How shops may have an address, likeliest first: as written, as its provider prints it, without what that ignores.

    In lower case: WooCommerce compared addresses by case until 2026-01 (woocommerce#62974). None for no address.
    """
    value = mailbox(raw)
    if value is None:
        return ()
    local, _, host = raw.strip().rpartition("@")
    local, host = local.lower() if local.isascii() else local, host.lower()
    folding = FOLDINGS.get(host)
    if folding is None:
        return tuple(dict.fromkeys((f"{local}@{host}", value)))
    untagged = f"{(local.partition('+')[0] if folding.plus else local) or local}@{folding.domain}"
    return tuple(dict.fromkeys((f"{local}@{host}", untagged, value)))


def _domain(host: str) -> str | None:
    """Lower case, A-labels (RFC 5890), without the root's dot."""
    host = host.removesuffix(".")
    if host.isascii():
        domain = host.lower()
    elif _looks_ascii(host):
        return None
    else:
        try:
            domain = idna.encode(normalize("NFC", host).lower()).decode("ascii")
        except idna.IDNAError:
            return None
    labels = domain.split(".")
    valid = (
        len(labels) > 1
        and len(domain) <= LONGEST_DOMAIN
        and not labels[-1].isdigit()
        and all(map(_LABEL.fullmatch, labels))
    )
    return domain if valid else None


def _looks_ascii(text: str) -> bool:
    """Whether a compatibility form or a change of case makes ASCII of a character that is none (`ﬁ`, `İ`)."""
    strange = "".join(character for character in text if not character.isascii())
    return any(form.isascii() for form in normalize("NFKC", strange) + strange.lower())


def _folded(local: str, domain: str) -> str:
    if domain.endswith(HOSTNAME_ADDRESSING) and domain.count(".") == 2:
        return f"{domain.removesuffix(HOSTNAME_ADDRESSING)}@fastmail.com"
    folding = FOLDINGS.get(domain)
    if folding is None:
        return f"{local}@{domain}"
    kept = local.partition("+")[0] if folding.plus else local
    kept = kept.replace(".", "") if folding.dots else kept
    return f"{kept or local}@{folding.domain}"


# -- phones -----------------------------------------------------------------------------------------------


def phone(raw: str | None, region: str | None) -> str | None:
    """The number in E.164, read with `region` (ISO 3166-1 alpha-2) where it has no country code.

    `None` where it is no valid number, or one with an extension: a switchboard is not a direct line.
    """
    try:
        number = phonenumbers.parse(raw or "", region)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def same_phone(a: str | None, b: str | None, region: str | None) -> bool:
    """Whether both are the same number; a local tail of one is not enough."""
    return (normal := phone(a, region)) is not None and normal == phone(b, region)


def phone_spellings(e164: str) -> tuple[str, str]:
    """How people write the number: nationally, internationally."""
    number = phonenumbers.parse(e164)
    formats = phonenumbers.PhoneNumberFormat
    return (
        phonenumbers.format_number(number, formats.NATIONAL),
        phonenumbers.format_number(number, formats.INTERNATIONAL),
    )


# -- order numbers and addresses --------------------------------------------------------------------------

_SIGNS = str.maketrans({"№": "#", **dict.fromkeys("‐‑‒–—−", "-")})
_ADDRESS_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"[\W_]+")
_HOUSE = re.compile(r"(\d+)(\s?)([a-z]\b)?", re.IGNORECASE)
_CLOSE = 80


def order_number(raw: str | None) -> str:
    """The normal form of an order number: without leading `#` and white space, capitals, ASCII digits and hyphens.

    Leading zeros stay, as stores are asked by them: see `same_order_number`.
    """
    text = raw or ""
    text = text if text.isascii() else normalize("NFKC", text.translate(_SIGNS))
    return "".join(text.split()).lstrip("#").upper()


_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_DIGITS = re.compile(r"[0-9]+")
LEAST_DIGITS = 3
"""Of a number that is printed with letters around it; shorter ones are too many things at once."""


def same_order_number(typed: str, printed: str) -> bool:
    """Whether a customer who writes `typed` may mean the order with this number: `2210` for `#US-2210-A`.

    Leading zeros mean nothing (Magento prints nine digits), and one side may leave out the letters that the shop
    puts around its only row of digits. A number of several rows (`302-1234567-1234567`, `1042-1`) is meant whole.
    """
    return same_bare_number(bare_number(typed), bare_number(printed))


def same_bare_number(typed: str, printed: str) -> bool:
    """The same of `bare_number`s: who compares one number with many makes it bare once."""
    if typed == printed:
        return True
    bare, dressed = (typed, printed) if len(typed) < len(printed) else (printed, typed)
    return bare in dressed and len(bare) >= LEAST_DIGITS and _DIGITS.findall(dressed) == [bare]


def bare_number(number: str) -> str:
    """An order number's normal form without leading zeros."""
    if number.isascii() and number.isdigit():  # most numbers, at a third of the cost
        return number.lstrip("0") or "0"
    return _ZEROS.sub("", order_number(number))


def address_in(text: str, address: Address) -> bool:
    """Whether a text gives the address's postcode and, within 80 characters of it, its house number."""
    houses = {number + letter.upper() for number, _, letter in _HOUSE.findall(" ".join(address.street[:1]))}
    return bool(houses) and any(
        houses <= _typed_houses(text[max(start - _CLOSE, 0) : start]) | _typed_houses(text[end : end + _CLOSE])
        for start, end in _postcodes(text, address.postcode or "")
    )


def _typed_houses(text: str) -> set[str]:
    """The numbers in a text; `12 a` may be a house number or a number and a word."""
    found = set()
    for number, space, letter in _HOUSE.findall(text):
        found |= {number + letter.upper(), number} if space else {number + letter.upper()}
    return found


def _postcodes(text: str, postcode: str) -> Iterator[tuple[int, int]]:
    """Where a text holds a postcode, written in one, two or three parts."""
    wanted = "".join(_ADDRESS_WORD.findall(postcode)).upper()
    if len(wanted) < 3 or wanted not in _BETWEEN.sub("", text).upper():
        return
    words = list(_ADDRESS_WORD.finditer(text))
    for at in range(len(words)):
        for parts in (words[at : at + count] for count in (1, 2, 3)):
            if "".join(part[0] for part in parts).upper() == wanted:
                yield parts[0].start(), parts[-1].end()
