"""Our sentences in the agent's language: gettext catalogues, compiled once. English is the text in the code itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from .texts import Text, key

LANGUAGES = ("ar", "de", "es", "fr", "it", "ja", "nl", "pt_BR")
"""Beside English: one folder each in `locale/`."""

THEIRS = frozenset(
    {"brand", "carrier", "failure", "id", "message", "method", "name", "number", "place", "raw", "reason", "review"}
    | {"scope", "store", "where"}
)
"""What stores, carriers and customers wrote, by its name in our sentences. A link is let be, or it would not open."""

_LTR, _RTL = "\N{LEFT-TO-RIGHT MARK}", "\N{RIGHT-TO-LEFT MARK}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's texts by the English ones."""

    locale: Locale
    texts: Mapping[str, str]
    counted: NullTranslations
    backwards: bool = False
    """Whether it is written from right to left."""

    def find(self, text: str) -> str:
        """The text in this language, its holes still open; in English where it has none."""
        if isinstance(text, Text):
            return self.texts.get(text.key, text.template)
        return self.texts.get(text, text)

    def form(self, one: str, other: str, count: int) -> str:
        """The form that this language takes for a count."""
        return self.counted.ngettext(one, other, count)

    def apart(self, text: str) -> str:
        """What a store wrote, beside ours: from right to left, `302-441` and `#12` would be read backwards."""
        plain = not self.backwards or text.isalnum() or not text.strip(_LTR + _RTL)
        return text if plain or text.startswith((_LTR, _RTL)) else f"{_LTR}{text}{_LTR}{_RTL}"

    @property
    def lang(self) -> str:
        """The tag for `lang=`."""
        return str(self.locale).replace("_", "-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for `dir=`."""
        return "rtl" if self.backwards else "ltr"


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
    locale = Locale.parse(language)
    return Catalogue(locale, texts, GNUTranslations(compiled), locale.text_direction == "rtl")


ENGLISH = Catalogue(Locale("en"), {}, NullTranslations())


@lru_cache(256)
def catalogue_for(tag: str | None) -> Catalogue:
    """The nearest catalogue for an agent's locale (`de-AT`, `pt-BR`, Zendesk's `es-419`); English for any other."""
    try:
        wanted = Locale.parse((tag or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return ENGLISH
    near = next((name for name in LANGUAGES if name.partition("_")[0] == wanted.language), None)
    return catalogue(near) if near else ENGLISH
