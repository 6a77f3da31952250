"""The sentences about who is writing exist in every language, whole, with what they are filled with."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import server
from server import words
from server.catalogue import ENGLISH, LANGUAGES, catalogue, catalogue_for
from server.model import Reason, ReasonCode

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def holes(text: str) -> list[str]:
    return re.findall(r"\{\w*\}", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_and_none_is_left_over(language: str) -> None:
    assert set(catalogue(language).texts) == set(words.SPOKEN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_filled_with_the_same(language: str) -> None:
    texts = catalogue(language).texts
    assert [text for text in words.SPOKEN if holes(texts[text]) != holes(text)] == []


def test_every_folder_is_a_language() -> None:
    assert {path.name for path in (Path(server.__file__).parent / "locale").iterdir()} == set(LANGUAGES)


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
    said = {tag: words.reasons(reasons, words.voice(tag, None, NOW))[0][1] for tag in ("en", "de", "ja")}
    assert said == {
        "en": "Same e-mail address in Acme EU and Acme US",
        "de": "Gleiche E-Mail-Adresse in Acme EU und Acme US",
        "ja": "Acme EU、Acme US のメールアドレスが一致",
    }


def test_a_stores_name_with_braces_is_said_as_it_is() -> None:
    said = words.reasons([Reason(ReasonCode.SAME_PHONE, "{0} {x}")], words.voice("fr", None, NOW))
    assert said == [(ReasonCode.SAME_PHONE, "Même numéro de téléphone dans {0} {x}")]
    assert ENGLISH.say("Why?") == "Why?"
