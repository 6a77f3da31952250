"""Our sentences in the agent's language: gettext catalogues, read once. English is the text in the code itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import read_po

LANGUAGES = ("ar", "de", "es", "fr", "it", "ja", "nl", "pt_BR")
"""Beside English: one folder each in `locale/`."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's texts by the English ones."""

    locale: Locale
    texts: Mapping[str, str]

    def say(self, text: str, **about: str) -> str:
        """The text in this language, filled in; in English where it has none."""
        return self.texts.get(text, text).format(**about)

    @property
    def lang(self) -> str:
        """The tag for `lang=`."""
        return str(self.locale).replace("_", "-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for `dir=`."""
        return self.locale.text_direction


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of one of `LANGUAGES`."""
    file = files(__package__) / "locale" / language / "LC_MESSAGES" / "orderside.po"
    with file.open("rb") as lines:
        messages = read_po(lines, locale=language)
    texts = {str(message.id): str(message.string) for message in messages if message.id and message.string}
    return Catalogue(Locale.parse(language), texts)


ENGLISH = Catalogue(Locale("en"), {})


def catalogue_for(tag: str | None) -> Catalogue:
    """The nearest catalogue for an agent's locale (`de-AT`, `pt-BR`, Zendesk's `es-419`); English for any other."""
    try:
        wanted = Locale.parse((tag or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return ENGLISH
    near = next((name for name in LANGUAGES if name.partition("_")[0] == wanted.language), None)
    return catalogue(near) if near else ENGLISH
