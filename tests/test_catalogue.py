"""Every text that the panel says is in every catalogue, whole, and filled with the same values."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

import server
from server import words
from server.catalogue import ENGLISH, LANGUAGES, THEIRS, catalogue_for
from server.model import Money, Reason, ReasonCode
from server.texts import N_, P_
from server.voice import voice

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROOT = Path(server.__file__).parent
KEYWORDS = {"say": None, "many": (1, 2), "N_": None, "P_": ((1, "c"), 2)}

Id = tuple[str | None, str | tuple[str, ...]]


@cache
def spoken() -> frozenset[Id]:
    """Every text in the code and the templates: its context, and itself or its two forms."""
    with (ROOT.parent / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(str(ROOT), methods, options, KEYWORDS)
    return frozenset((context, message) for _, _, message, _, context in found)


@cache
def messages(language: str) -> tuple[Message, ...]:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "orderside.po").open("rb") as file:
        return tuple(message for message in read_po(file, locale=language) if message.id)


def strings(message: Message) -> list[str]:
    """Its translation, or those of all forms."""
    found = message.string or ""
    return [found] if isinstance(found, str) else [str(form) for form in found]


def forms(message: Message) -> list[tuple[str, str]]:
    """Each translation with the English that it stands for; of a plural, every form with both."""
    text = message.id[1] if message.pluralizable else message.id
    return [(str(text), form) for form in strings(message)]


def holes(text: str) -> set[str]:
    return set(re.findall(r"\{\w*\}", text))


def test_the_texts_are_found() -> None:
    assert (None, "Why?") in spoken()
    assert ("parcel", "delivered") in spoken()
    assert (None, ("{n} order", "{n} orders")) in spoken()
    assert len(spoken()) > 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_and_none_is_left_over(language: str) -> None:
    assert {(message.context, message.id) for message in messages(language)} == spoken()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert [message.id for message in messages(language) if not all(strings(message))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_filled_with_the_same(language: str) -> None:
    said = [pair for message in messages(language) for pair in forms(message)]
    assert [pair for pair in said if holes(pair[1]) - {"{n}"} != holes(pair[0]) - {"{n}"}] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_clauses_and_stops_are_put_between_and_behind(language: str) -> None:
    own = catalogue_for(language)
    assert re.fullmatch(r"\{said\}[^{}]+\{clause\}", own.find("{said}; {clause}"))
    assert re.fullmatch(r"\{text\}[^{}]+", own.find("{text}."))


def test_every_folder_is_a_language() -> None:
    assert {path.name for path in (ROOT / "locale").iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("tag", "lang", "direction"),
    [
        ("de", "de", "ltr"),
        ("de-AT", "de", "ltr"),
        ("es-419", "es", "ltr"),
        ("pt", "pt-BR", "ltr"),
        ("ar", "ar", "rtl"),
        ("en-GB", "en", "ltr"),
        ("sv", "en", "ltr"),
        ("../../etc/passwd", "en", "ltr"),
        ("", "en", "ltr"),
        (None, "en", "ltr"),
    ],
)
def test_the_nearest_language_is_taken(tag: str | None, lang: str, direction: str) -> None:
    found = catalogue_for(tag)
    assert (found.lang, found.direction) == (lang, direction)


def test_reasons_in_the_agents_language() -> None:
    reasons = [Reason(ReasonCode.SAME_MAILBOX, "Acme EU"), Reason(ReasonCode.SAME_MAILBOX, "Acme US")]
    said = {tag: words.reasons(reasons, voice(tag, None, NOW))[0][1] for tag in ("en", "de", "ja")}
    assert said == {
        "en": "Same e-mail address in Acme EU and Acme US",
        "de": "Gleiche E-Mail-Adresse in Acme EU und Acme US",
        "ja": "Acme EU、Acme US のメールアドレスが一致",
    }


def test_a_stores_name_with_braces_is_said_as_it_is() -> None:
    said = words.reasons([Reason(ReasonCode.SAME_PHONE, "{0} {x}")], voice("fr", None, NOW))
    assert said == [(ReasonCode.SAME_PHONE, "Même numéro de téléphone dans {0} {x}")]
    assert ENGLISH.find("Why?") == "Why?"


def test_values_are_written_as_the_agent_reads_them() -> None:
    text = N_("{amount} on {day} in {stores}: {n}")
    about = {"amount": Money(Decimal("1203.4"), "EUR"), "day": NOW, "stores": ["A", "B"], "n": 1200}
    assert voice("en-GB", None, NOW).say(text, **about) == "€1,203.40 on 24 Nov in A and B: 1,200"
    assert voice("de", None, NOW).say(text, **about) == "1.203,40\u00a0€ on 24. Nov. in A und B: 1.200"


def test_an_abbreviated_month_at_the_end_does_not_end_a_sentence_twice() -> None:
    assert voice("de", None, NOW).say("Am {day}.", day=NOW) == "Am 24. Nov."
    assert voice("de", None, NOW).sentence(["bezahlt", "geliefert am 24. Nov."]) == "Bezahlt; geliefert am 24. Nov."
    assert voice("ja", None, NOW).stop("注文はありません。") == "注文はありません。"


def test_a_text_keeps_what_it_was_made_of() -> None:
    said = N_("Shopify withholds this until the app is granted {scope}.", scope="read_returns")
    assert said == "Shopify withholds this until the app is granted read_returns."
    assert voice("en", None, NOW).say(said) == said
    assert P_("parcel", "delivered") == "delivered"


LRM, RLM = "\N{LEFT-TO-RIGHT MARK}", "\N{RIGHT-TO-LEFT MARK}"


def apart(text: str) -> str:
    return f"{LRM}{text}{LRM}{RLM}"


def test_what_a_store_wrote_is_not_turned_around_in_a_line_from_right_to_left() -> None:
    """Without the marks `#1042` reads `1042#`, `302-441` reads `441-302`, and `+49 30 1` reads `1 30 49+`."""
    arabic, german = (voice(tag, None, NOW) for tag in ("ar", "de"))
    about = {"number": "302-441", "carrier": "DHL Inc."}
    said = arabic.say("Your order {number} was sent with {carrier}.", **about)
    assert said.endswith(f"{apart('302-441')} عبر {apart('DHL Inc.')}")
    assert german.say("Your order {number} was sent with {carrier}.", **about) == (
        "Ihre Bestellung 302-441 wurde mit DHL Inc. versendet."
    )
    assert arabic.names(["Acme EU", "Zwei"]) == f"{apart('Acme EU')} وZwei"
    assert [arabic.apart(text) for text in ("DHL", "", apart("#1"))] == ["DHL", "", apart("#1")]
    assert german.apart("#1042") == "#1042"


OURS = frozenset(
    {
        "about",
        "all",
        "amount",
        "at",
        "carriers",
        "clause",
        "delivered",
        "items",
        "last",
        "month",
        "n",
        "paid",
        "quantity",
    }
    | {
        "record",
        "refunded",
        "said",
        "scan",
        "seconds",
        "state",
        "step",
        "still",
        "stores",
        "sum",
        "sums",
        "text",
        "time",
    }
    | {"total", "url", "what"}
)
"""Values that we write ourselves, lists whose elements are set apart one by one, and links."""


def test_of_every_value_it_is_known_who_wrote_it() -> None:
    texts = (part for _, text in spoken() for part in (text if isinstance(text, tuple) else (text,)))
    assert {hole[1:-1] for text in texts for hole in holes(text)} == OURS | THEIRS


def test_a_link_stays_what_it_is_in_every_language() -> None:
    for language in LANGUAGES:
        said = voice(language, None, NOW).say("You can follow your parcel here: {url}", url="https://dhl.example/?n=1")
        assert re.search(r"[:：] ?https://dhl.example/\?n=1$", said), said


@pytest.mark.parametrize(
    ("currency", "said"),
    [
        ("USD", f"{RLM}58.00\N{NO-BREAK SPACE}US${LRM}"),
        ("JPY", f"{RLM}58\N{NO-BREAK SPACE}JP¥{LRM}"),
        ("EUR", f"{RLM}58.00\N{NO-BREAK SPACE}€"),
        ("SEK", f"{RLM}58.00\N{NO-BREAK SPACE}SEK"),
    ],
)
def test_a_currency_of_letters_and_a_sign_stays_in_one_piece_from_right_to_left(currency: str, said: str) -> None:
    assert voice("ar", None, NOW).money(Money(Decimal("58.00"), currency)) == said
