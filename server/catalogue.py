"""Our sentences in the agent's language: gettext catalogues, compiled once. English is the text in the code itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from .texts import Text, key

LANGUAGES = ("ar", "de", "es", "fr", "it", "ja", "nl", "pt_BR")
"""Beside English: one folder each in `locale/`."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's texts by the English ones."""

    locale: Locale
    texts: Mapping[str, str]
    counted: NullTranslations

    def say(self, text: str, about: Mapping[str, str]) -> str:
        """The text in this language, filled in; in English where it has none."""
        said = self.texts.get(text.key, text.template) if isinstance(text, Text) else self.texts.get(text, text)
        return _fill(said, about) if about else said

    def many(self, one: str, other: str, count: int, about: Mapping[str, str]) -> str:
        """The form that this language takes for a count."""
        return _fill(self.counted.ngettext(one, other, count), about)

    def apart(self, text: str) -> str:
        """A text that may run the other way, so that it moves nothing around it."""
        return text

    @property
    def lang(self) -> str:
        """The tag for `lang=`."""
        return str(self.locale).replace("_", "-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for `dir=`."""
        return self.locale.text_direction


def _fill(template: str, about: Mapping[str, str]) -> str:
    """A value that ends in a full stop (`15. Nov.`) takes the sentence's own with it."""
    for name, value in about.items():
        if value.endswith("."):
            template = template.replace(f"{{{name}}}.", f"{{{name}}}")
    return template.format_map(about)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of one of `LANGUAGES`."""
    file = files(__package__) / "locale" / language / "LC_MESSAGES" / "orderside.po"
    with file.open("rb") as lines:
        read = read_po(lines, locale=language)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    texts = {key(str(each.id), each.context): each.string for each in read if isinstance(each.string, str)}
    return Catalogue(Locale.parse(language), texts, GNUTranslations(compiled))


ENGLISH = Catalogue(Locale("en"), {}, NullTranslations())


def catalogue_for(tag: str | None) -> Catalogue:
    """The nearest catalogue for an agent's locale (`de-AT`, `pt-BR`, Zendesk's `es-419`); English for any other."""
    try:
        wanted = Locale.parse((tag or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return ENGLISH
    near = next((name for name in LANGUAGES if name.partition("_")[0] == wanted.language), None)
    return catalogue(near) if near else ENGLISH
