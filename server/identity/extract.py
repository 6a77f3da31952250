"""Order numbers in a ticket: what may be one, and what only looks like one.

A number that is found here is a claim. It counts only after a store has an order of that number *and* says whose it
is. A wrong find still costs a call and may speak against the right customer, so bare digits need something that
announces them: a `#`, a word for "order" beside them, the subject, or a field of their own.

All work is linear: texts are cut to `SCANNED`, every expression of ours is bounded, and a tenant's own expression
only ever meets single words of at most `LONGEST` characters.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from ..model import Ticket
from .normalize import order_number
from .texts import BEFORE, SCANNED, own_words, plain, without_noise

LONGEST = 32
MOST = 5
"""Order numbers of one ticket that are followed up."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that may be an order number, in its normal form; `announced` when the text says that it is one."""

    number: str
    announced: bool


def mentions(ticket: Ticket, texts: Sequence[str] | None = None) -> tuple[Mention, ...]:
    """Every word of the requester's that may be an order number, announced ones first, no number twice.

    `texts` are the ticket's `own_words`, where the caller has them.
    """
    found: dict[str, bool] = {}
    for mention in _all_mentions(ticket, own_words(ticket) if texts is None else texts):
        found[mention.number] = found.get(mention.number, False) or mention.announced
    ranked = sorted(found.items(), key=lambda item: not item[1])
    return tuple(Mention(number, announced) for number, announced in ranked)


def order_numbers(found: Iterable[Mention], shape: str) -> tuple[str, ...]:
    """The mentions that a store of this shape (a regular expression without anchors) would print on an order."""
    fits = _shape(shape).fullmatch
    numbers = (
        mention.number
        for mention in found
        if (mention.announced or _distinctive(mention.number)) and (fits(mention.number) or fits(f"#{mention.number}"))
    )
    return tuple(numbers)[:MOST]


# -- finding ----------------------------------------------------------------------------------------------

_WORD = re.compile(
    r"""
    (?:(?<![&#])(\#+)\ ?|(?<![0-9A-Za-zÀ-ɏ_@&\#-]))
    (
        (?=[A-Za-z-]{0,12}[0-9])[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*
        | [A-Z]{9}(?![0-9A-Za-z-])  # PrestaShop's references have no digit
    )
    (?![_@À-ɏ])
    """,
    re.VERBOSE,
)
_ORDER = r"""(?:
    (?<![A-Za-zÀ-ɏ])(?:
        orders? | order-?n(?:[ro]\.?|um(?:mer|ber)) | bestell(?:ung(?:en)?|-?(?:nummer|nr\.?))
        | bestelung(?:en)? | oder\ (?:number|nubmer|no\.?|nr\.?) | oder(?=\s?\#) | ordr | odrer  # as typed in a hurry
        | (?:bestellt|bestelt|ordered|commandé|ordinato|pedido|besteld)(?=\s?\()
        | auftrag(?:s-?(?:nummer|nr\.?))?
        | commandes? | pedidos? | ordin[ei] | bestelling(?:en)? | bestelnummer | bestelnr\.? | encomendas?
        | ordre(?:r|nummer|nr\.?)? | beställning(?:ar|snummer)? | bestilling(?:er|snummer)? | tilaus(?:numero)?
        | zam[oó]wieni(?:[ea]|u) | objedn[áa]vk[auy] | rendelés(?:em|szám(?:om)?)? | comand[aăe] | sipari[şs](?:im)?
        | đơn\ hàng | don\ hang(?:\ so)?
        | paraggelia(?:\ mou)?
    )(?![A-Za-zÀ-ɏ])
    | 注文(?:番号|ID)? | オーダー(?:番号)? | 订单(?:号|编号)? | 訂單(?:號|編號)? | 주문(?:번호)?
    | за?каз[а-я]{0,3} | замовлення | παραγγελία[ςσ]? | (?:ال)?طلب(?:ية|ي)? | הזמנה | ऑर्डर | คำสั่งซื้อ
    )"""
_LINK = r"""(?:
    [\s:,=()\[\]"'*~-]{0,4}
    (?: numbers? | nummern? | num[eé]ro | número | номер | num\.? | nr\.? | no\.? | n[°r]?\.? | ids?
    | ref(?:erence|\.)? | č\.? | mou | einai | numara(?:m|sı)? | numer | מספר | رقم
    | code | confirmation | is | was | are | ist | war | sind | lautet | est | es | era | è | är | er | my | the
    | meine? | mit | with | met | med | con | com | avec | d' | der | die | mon | ma | mi | il | la | le | el
    | は | が | の | 번호 )
    ){0,4}[\s:,=()\[\]"'*~#-]{0,4}"""
_ORDER = normalize("NFKC", _ORDER)  # as the texts are: a Thai vowel is written otherwise then
_ANNOUNCED = re.compile(
    rf"""{_ORDER}(?:
        {_LINK}
        # order of [that day] with the number
        | [^.!?\n0-9]{{1,30}}\b(?:nummer|number|num[eé]ro|número|номер)[\s:]{{0,3}}
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_ANNOUNCED_AFTER = re.compile(
    rf"""\s?(?:
        (?: is | was | ist | war | est | es | è )\s
        (?: my | the | our | meine | die | unsere | mon | ma | la | mi | il | mijn )\s
        | numaral[ıi]\s | számú\s | 番の | の
    )?{_ORDER}(?<![re]s)""",
    re.VERBOSE | re.IGNORECASE,
)
_SOMETHING_ELSE = re.compile(
    rf"""(?:(?<![A-Za-zÀ-ɏ])(?:
        track(?:ing)? | sendungs\w{{0,12}} | paket(?:nummer|nr) | suivi | seguimiento | spedizione
        | invoice | inv | rechnung(?:s\w{{0,8}})? | facture | factura | fattura | factuur
        | ticket | case | request | vorgang
        | tel(?:efon|ephone|éfono)?\.? | phone | mobile?\w{{0,8}} | handy\w{{0,8}} | cell | call | fax | whatsapp
        | zip | post(?:al|code|leitzahl)? | plz | customer | kunden\w{{0,8}} | client[ei]? | klant\w{{0,8}}
        | article | artikel\w{{0,8}} | art\.? | sku | item | model | modell | ean | gtin | isbn | product
        | produkt\w{{0,8}} | iban | konto\w{{0,8}} | account | card | karten?\w{{0,8}} | vat | ust\w{{0,6}}
        | serial | serien\w{{0,8}} | rma
        | EUR | USD | GBP | CHF | JPY | PLN | SEK | NOK | DKK | CZK | HUF | AUD | CAD | BRL | INR
        | voucher | gutschein\w{{0,8}} | coupon | version | build | room | suite | unit | flat | apt\.? | apartment
        | house | haus | hausnummer | floor | street | str\.? | straße | page | year | jahr
    ) | 追跡 | 送り状 | 伝票 | 電話 | 請求書 | 郵便 ){_LINK}$""",
    re.VERBOSE | re.IGNORECASE,
)
_PLACE_OR_TIME = re.compile(r"\b(?:in|to|nach|from|since|seit|bis|until|at|dans|depuis|desde|hasta)\s$", re.IGNORECASE)
_LIST = re.compile(r"\s?(?:[,;/&+、と和]|and|und|et|y|e|en|och|og|or|oder|ou)\s?", re.IGNORECASE)
_ALONE = re.compile(
    r"""[^\w#]*
    (?: (?: where(?:'s|\ is) | wo\ (?:ist|bleibt) | où\ est | dónde\ está | dov'è | waar\ (?:is|blijft) )\ )?
    \#{0,2}\s? ((?!(?:19|20)\d\d\b)[0-9]{4,10}) [^\w]*""",
    re.VERBOSE | re.IGNORECASE,
)
"""A message that is a number and nothing else answers "what is your order number?"."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_GLUED = re.compile(r"(?:order|bestellung|commande|pedido|ordine)-?(?=\d)", re.IGNORECASE)
_POSTCODE = re.compile(
    r"""(?:A|AT|B|BE|CH|D|DE|DK|E|ES|F|FR|I|IT|L|LU|NL|PL|S|SE)-\d{4,5}
    | \d{3}-\d{4} | \d{5}-\d{3} | \d{2}-\d{3} | \d{5}-\d{4} | \d{4}-\d{3}""",  # Japan, Brazil, Poland, US, Portugal
    re.VERBOSE,
)


def _all_mentions(ticket: Ticket, texts: Iterable[str]) -> Iterator[Mention]:
    left = SCANNED
    for value in ticket.fields.values():
        yield from _in_field(without_noise(plain(value[: max(left, 0)])))
        left -= len(value)
    subject = (ticket.subject or "")[: max(left, 0)]
    yield from _in_subject(without_noise(plain(subject)))
    left -= len(subject)
    for text in texts:
        yield from _in_text(without_noise(text[: max(left, 0)]))
        left -= len(text)


def _in_field(value: str) -> Iterator[Mention]:
    words = list(_WORD.finditer(value))
    rest = _WORD.sub("", value)
    if len(rest) <= 3 * len(words) and not re.search(r"[^\s,;/&+]", rest):
        yield from (Mention(order_number(word[2]), announced=True) for word in words if len(word[2]) <= LONGEST)
    else:
        yield from _in_text(value)


def _in_subject(subject: str) -> Iterator[Mention]:
    found = list(_in_text(subject))
    if any(mention.announced for mention in found):
        yield from found
        return
    for word, before in _words(subject):
        bare = word[2].isdigit() and len(word[2]) > 2 and not _YEAR.fullmatch(word[2])
        if bare and not _PLACE_OR_TIME.search(before) and not _SOMETHING_ELSE.search(before):
            yield Mention(word[2], announced=True)
    yield from found


def _in_text(text: str) -> Iterator[Mention]:
    if alone := _ALONE.fullmatch(text):
        yield Mention(order_number(alone[1]), announced=True)
        return
    listed: re.Match[str] | None = None
    for word, before in _words(text):
        announced = _announced(word, before, text) or (listed is not None and _continues(listed, word, text))
        listed = word if announced else None
        if announced or ((not word[2].isdigit() or _ZEROS.fullmatch(word[2])) and not _SOMETHING_ELSE.search(before)):
            yield Mention(order_number(_GLUED.sub("", word[2])), announced)


def _words(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Words that may be order numbers, each with what stands between it and the number before."""
    end = 0
    for word in _WORD.finditer(text):
        if len(word[2]) <= LONGEST:
            yield word, text[max(word.start() - BEFORE, end) : word.start()]
        end = word.end()


def _announced(word: re.Match[str], before: str, text: str) -> bool:
    if _GLUED.match(word[2]):
        return True
    if announced := _ANNOUNCED.search(before):
        return not _SOMETHING_ELSE.search(before, announced.start())
    if sum(map(str.isdigit, word[2])) < 3 and not word[2].isalpha():
        return False
    named = word[1] or (_ANNOUNCED_AFTER.match(text, word.end()) and not _YEAR.fullmatch(word[2]))
    return bool(named) and not _SOMETHING_ELSE.search(before)


def _continues(listed: re.Match[str], word: re.Match[str], text: str) -> bool:
    """Whether a word goes on a list of numbers, `1042, 1043 and 1044`: numbers of one shop have one length."""
    return len(listed[2]) == len(word[2]) and _LIST.fullmatch(text, listed.end(), word.start()) is not None


_ZEROS = re.compile(r"000\d{5,7}")
"""Eight to ten digits with three noughts in front: Magento's numbers, and nobody's postcode, price or year."""
_OTHER_PAPER = re.compile(r"(?:INV|RE|RG|RN|FV|FA|FAC|FT|RMA|CN|VAT)-?\d.*|\d{1,4}-\d{1,4}|[A-Z]{1,4}\d{9,}[A-Z]{0,2}")
"""Invoices, sizes and tracking numbers, which fit the shape of many a shop's numbers."""


def _distinctive(number: str) -> bool:
    """Whether its shape alone tells a number from the digits of everyday life: `US-2210`, `302-1234567-1234567`."""
    if number.isdigit():
        return _ZEROS.fullmatch(number) is not None
    other = _POSTCODE.fullmatch(number) or _OTHER_PAPER.fullmatch(number)
    return sum(map(str.isdigit, number)) > 2 and not other


@lru_cache(maxsize=1024)
def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
