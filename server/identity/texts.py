"""What the requester wrote himself, fit for finding order numbers in it: no quotes, no markup, no other digits.

All work is linear: texts are cut to `SCANNED`, and every expression is bounded.
"""

import re
from unicodedata import normalize

from ..model import Ticket

SCANNED = 20_000
"""Characters of a ticket that are looked at, the subject and fields first."""


def own_words(ticket: Ticket) -> tuple[str, ...]:
    """The requester's comments without what they quote or forward."""
    left, texts = SCANNED, []
    for comment in ticket.texts:
        if comment.by == "requester" and left > 0:
            texts.append(without_quotes(plain(comment.text[:left])))
            left -= len(comment.text)
    return tuple(texts)


_SIGNS = str.maketrans({"№": "#", "º": "°", **dict.fromkeys("‐‑‒–—−", "-")})
_QUOTE_STARTS = re.compile(
    r"""
    ^[ \t]*(?: On | Am | Le | El | Il | Op | Em | Den | W\ dniu )\b[^\n]{0,300}
        \b(?: wrote | schrieb | écrit | escribió | scritto | schreef | escreveu | skrev | napisał )\b
        [^\n]{0,100}:[ \t]*$
    | ^[^\n]{0,300}<[^<>@\s]{1,64}@[^<>\s]{1,255}>[^\n]{0,30}:[ \t]*$
    | ^[ \t]*-{3,}[ \t]?[^-\n]{3,60}-{3,}[ \t]*$
    | ^[ \t]*_{10,}[ \t]*$
    | ^[ \t]*\#\#-
    | ^[^\n:]{0,60}\b(?: forward(?:ed|ing)? | weitergeleitete[nr]? | transféré | reenviado | inoltr(?:ato|o)
        | encaminhado | doorgestuurd | vidarebefordrat )\b [^\n:]{0,120}:[ \t]*$
    | ^[ \t*]*(?: From | Von | De | Da | Van | Från | Fra | 差出人 )[ \t*]*:[^\n]{0,300}\n
        [ \t*]*(?: Sent | Date | To | Subject | Gesendet | Datum | An | Betreff | Envoyé | À | Objet | Enviado | Fecha
        | Para | Asunto | Inviato | Data | A | Oggetto | Verzonden | Aan | Onderwerp | Skickat | Til
        | 日付 | 宛先 | 送信日時
        )[ \t*]*:
    """,
    re.MULTILINE | re.IGNORECASE | re.VERBOSE,
)
_QUOTE_MARKS = (">", ":", "--", "__", "##-")
"""Every way to start a quote has one of these in it."""
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTED_NEXT = re.compile(r"\s*>")

_MARKUP = re.compile(
    r"</?(?:a|b|br|div|em|font|hr|i|img|li|ol|p|span|strong|style|table|tbody|td|th|tr|u|ul)\b[^<>]{0,400}>",
    re.IGNORECASE,
)
"""What is left of HTML in a text: its colours look like order numbers (`#333333`)."""

_UNITS = """EUR|USD|GBP|CHF|JPY|CNY|PLN|SEK|NOK|DKK|CZK|HUF|AUD|CAD|BRL|INR|euros?|dollars?|pounds?|zł|kr
    |ml|cl|cm|mm|km|kg|gb|mb|kwh|pcs|stück|stk"""
_LINKS = re.compile(r"(?:https?://|www\.)\S+|[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_NOISE = re.compile(
    rf"""(?=[$€£¥₹₩+(0-9A-Z])(?:  # nowhere else does anything begin
    [$€£¥₹₩]\s?\d[\d.,]{{0,15}}
    # IBAN (ISO 13616)
    | (?<![A-Za-z0-9])[A-Z]{{2}}\d{{2}}(?:\ ?[A-Z0-9]{{4}}){{2,7}}(?:\ ?[A-Z0-9]{{1,4}})?(?![A-Za-z0-9])
    | \+\d[\d\ ()./-]{{6,20}}\d
    | (?<![\w#.,-])(?:
        # dates and times
        (?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{2}})|\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}})(?!\d)
        | (?:\d{{4}}年)?\d{{1,2}}月(?:\d{{1,2}}日)?|\d{{4}}年|\d{{1,2}}:\d{{2}}(?!\d)
        # money and measures
        | \d[\d.,]{{0,15}}+\s?(?:[$€£¥₹₩%円元個]|(?i:{_UNITS})(?![A-Za-z]))
        | \d{{1,3}}(?:[.,]\d{{3}})+(?!\d)|\d{{1,9}}[.,]\d{{2}}(?!\d)
        # phones: with a trunk or exit zero, 3-3-4
        | \(?0\d{{1,5}}\)?[\ /.-]{{1,2}}\d[\d\ /.-]{{3,14}}\d
        | \(?\d{{3}}\)?[\ .-]\d{{3}}[\ .-]\d{{4}}(?![\d-])
    ))
    """,
    re.VERBOSE,
)
_CARD = re.compile(
    r"(?=[0-9]{4})(?<![\d-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5})(?![\d-])"
)
BEFORE = 48
AFTER = 32
"""Characters before and after a number in which something may be said of it."""
_WORTH_READING = re.compile(r"[0-9]|[A-Z]{9}")
_FAR = re.compile(rf"\D{{{BEFORE + AFTER + 1},}}")
_SHORT = 400
_GAP = " \N{BROKEN BAR} "
"""Stands where noise was, so that nothing on its two sides is read as one phrase."""


def plain(text: str) -> str:
    """Full-width digits and compatibility forms as ASCII, one kind of hyphen, `#` for every number sign, no markup."""
    text = text if text.isascii() else normalize("NFKC", text.translate(_SIGNS))
    return _MARKUP.sub(" ", text) if "<" in text else text


def without_quotes(text: str) -> str:
    if not any(mark in text for mark in _QUOTE_MARKS):  # most mails: the expressions below cost a third of all reading
        return text
    for mark in _QUOTE_STARTS.finditer(text):
        if not _QUOTED_NEXT.match(text, mark.end()):
            text = text[: mark.start()]
            break
    return _QUOTED_LINE.sub("", text)


def without_noise(text: str) -> str:
    if not _WORTH_READING.search(text):
        return ""
    if "@" in text or "://" in text or "www." in text:
        text = _LINKS.sub(_GAP, text)
    if len(text) > _SHORT:
        text = _FAR.sub(lambda far: far[0][:AFTER] + _GAP + far[0][-BEFORE:], text)
    return _CARD.sub(lambda run: _GAP if _luhn(run[0]) else run[0], _NOISE.sub(_GAP, text))


def _luhn(run: str) -> bool:
    """ISO/IEC 7812-1 annex B: the check digit of payment cards."""
    digits = [int(character) for character in run if character.isdigit()][::-1]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0
