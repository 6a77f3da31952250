"""Names of people: when two are one, and when they clearly are two. A tie-breaker, never an identity.

Nothing here is fuzzy: no similarity threshold separates strangers from selves (`John Smith`/`Joan Smith` are closer by
Jaro-Winkler than `Robert`/`Bob Smith`), and a wrong yes shows somebody a stranger's orders.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

from anyascii import anyascii
from nicknames import name_triplets

LONGEST = 100
"""Characters of a name that are looked at."""

_NICKNAMES = frozenset((t.name1, t.name2) for t in name_triplets() if t.relationship == "has_nickname")
_TITLES = {"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "mlle", "sr", "sra", "sig"}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_FAMILY_FIRST_WORDS = """
    nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly
    wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo
    kim lee park choi jung kang cho yoon jang lim
    nagy kovacs toth szabo horvath varga kiss molnar nemeth farkas balogh papp takacs juhasz
"""
_FAMILY_FIRST = frozenset(_FAMILY_FIRST_WORDS.split())
"""The commonest family names of Vietnam, China, Korea and Hungary in Latin letters: there they stand first."""

_HAN_NAME = re.compile(r"(?<![\u3400-\u9fff])([\u3400-\u9fff])([\u3400-\u9fff]{1,2})(?![\u3400-\u9fff])")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1dff\u2e80-\U0010ffff]")
_BEYOND_GREEK = "\u0370"
_SCRIPTS = (
    ("greek", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("cyrillic", re.compile(r"[\u0400-\u052f]")),
    # Hiragana stands in names beside characters; katakana gives the reading of all of them.
    ("han", re.compile(r"[\u3040-\u309f\u3400-\u9fff]")),
    ("katakana", re.compile(r"[\u30a0-\u30ff]")),
    ("hangul", re.compile(r"[\uac00-\ud7af]")),
)
_WORD = re.compile(r"[a-z]+")
_APOSTROPHES = re.compile(r"['`.]")

Tokens = tuple[str, ...]


def names_agree(a: str | None, b: str | None) -> bool:
    """Whether two full names are one: given name (or its nickname) and surname of each are in the other.

    In any order, in any script that can be transliterated. Every part of the shorter name must be in the longer
    one; initials may stand for a part but do not make a name full.
    """
    if not a or not b:
        return False
    if a == b:
        return _is_plainly_full(a) or bool(_readings(a))
    return any(_agree(x, y) for x in _readings(a) for y in _readings(b))


def is_full_name(name: str) -> bool:
    """Whether there are two words in it, or a name of characters that has two parts."""
    return bool(_readings(name)) if name else False


def names_contradict(a: str | None, b: str | None) -> bool:
    """Whether two full names clearly belong to two people: nothing in common, or one family's two given names.

    A slip of one letter, a nickname, an initial, another script or a missing part is no contradiction.
    """
    if not a or not b or a == b:
        return False
    if _is_latin(a) and _is_latin(b):
        readings = [(x, y) for x in _readings(a) for y in _readings(b)]
        return bool(readings) and all(_contradict(x, y) for x, y in readings)
    return _contradict_in_script(_parts(a), _parts(b))


def _is_plainly_full(name: str) -> bool:
    """The same as `is_full_name` for most names, at a tenth of the cost; false says nothing."""
    words = [word for word in name[:LONGEST].lower().split() if len(word) > 1 and word.isalpha()]
    return sum(word not in _TITLES for word in words) > 1


# -- in Latin letters -------------------------------------------------------------------------------------


def _is_latin(name: str) -> bool:
    return name.isascii() or max(name) < _BEYOND_GREEK or not _OTHER_SCRIPT.search(name)


def _readings(name: str) -> list[Tokens]:
    """The name in ASCII, once with `ä` as `a` and once as `ae`; no reading where it is not a full name."""
    text = name[:LONGEST]
    if text.isascii():
        spelt = [text]
    else:
        text = _han_parts(normalize("NFC", text))
        spelt = [anyascii(spelling) for spelling in dict.fromkeys((text, text.translate(_UMLAUTS)))]
    readings = [_tokens(_APOSTROPHES.sub("", spelling)) for spelling in spelt]
    return [tokens for tokens in readings if sum(len(token) > 1 for token in tokens) > 1]


def _han_parts(text: str) -> str:
    """`薛丽` -> `薛 丽`: a name written without a space has the family's part in front, mostly of one character."""
    return text if re.search(r"\s", text.strip()) else _HAN_NAME.sub(r"\1 \2", text)


def _tokens(text: str) -> Tokens:
    return tuple(dict.fromkeys(word for word in _WORD.findall(text.lower()) if word not in _TITLES))


def _agree(a: Tokens, b: Tokens) -> bool:
    shorter, longer = sorted((a, b), key=len)
    exact = [token for token in shorter if token in longer and len(token) > 1]
    left = [token for token in longer if token not in exact]
    full = len(exact)
    for token in (token for token in shorter if token not in exact):
        partner = next((other for other in left if _same_given(token, other)), None)
        if partner is None:
            return False
        left.remove(partner)
        full += len(token) > 1 and len(partner) > 1
    return bool(exact) and full > 1


def _contradict(a: Tokens, b: Tokens) -> bool:
    if a[0] == b[0] and a[0] in _FAMILY_FIRST:
        a, b = _without_common(a[::-1], b[::-1])
    elif _one_slip(a[-1], b[-1]) or _one_family(a[-1], b[-1]):
        a, b = _without_common(a[:-1], b[:-1])
    return bool(a) and bool(b) and not any(_may_be(x, y) for x in a for y in b)


def _may_be(a: str, b: str) -> bool:
    if a[0] != b[0] and a[-1] != b[-1]:  # that would be two slips, and most names differ so
        return (a, b) in _NICKNAMES or (b, a) in _NICKNAMES or len(a) == len(b) == 1
    return _same_given(a, b) or _one_slip(a, b)


def _without_common(a: Tokens, b: Tokens) -> tuple[Tokens, Tokens]:
    """Without what both end with: the other words of a family's name, `van der Heyden`."""
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return a, b


def _same_given(a: str, b: str) -> bool:
    initial = min(len(a), len(b)) == 1 and a[0] == b[0]
    return initial or a == b or (a, b) in _NICKNAMES or (b, a) in _NICKNAMES


def _one_family(a: str, b: str) -> bool:
    """Whether one is the other's form for women: `Ivanov`/`Ivanova`, `Novak`/`Novakova`, `Kowalski`/`Kowalska`."""
    shorter, longer = sorted((a, b), key=len)
    return longer in {f"{shorter}a", f"{shorter}ova", f"{shorter}eva"} or (
        shorter[:-1] == longer[:-1] and {shorter[-1:], longer[-1:]} in ({"i", "a"}, {"y", "a"})
    )


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter was added, left out or mistaken, at most."""
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    if len(longer) - len(shorter) > 1:
        return False
    at = next((at for at, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]), len(shorter))
    rest = at + (len(shorter) == len(longer))
    return shorter[rest:] == longer[at + 1 :]


# -- in other scripts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """One word of a name as it is written, in ASCII, and the scripts of its letters."""

    ascii: str
    scripts: frozenset[str]

    def may_be(self, other: "_Part") -> bool:
        """The same, by a slip the same, or in scripts that cannot be compared: a reading is not its characters."""
        if not self.scripts & other.scripts:
            return True
        a, b = self.ascii, other.ascii
        return a == b or _same_given(a, b) or (len(a) > 3 and _one_slip(a, b))

    def is_family_of(self, other: "_Part") -> bool:
        """Whether both are one family's name."""
        return bool(self.scripts & other.scripts) and (
            self.ascii == other.ascii or _one_family(self.ascii, other.ascii)
        )


def _parts(name: str) -> list[_Part]:
    return list(_each_part(_han_parts(normalize("NFC", name[:LONGEST]))))


def _each_part(text: str) -> Iterator[_Part]:
    for word in re.split(r"[\s,·・]+", text):
        letters = "".join(_WORD.findall(anyascii(word).lower()))
        if letters and letters not in _TITLES:
            scripts = frozenset(name for name, letter in _SCRIPTS if letter.search(word))
            yield _Part(letters, scripts or frozenset({"other" if _OTHER_SCRIPT.search(word) else "latin"}))


def _contradict_in_script(a: list[_Part], b: list[_Part]) -> bool:
    """Either part may stand first there, so one that both share counts as the family's: the others must agree."""
    shared = next(((x, y) for x in a for y in b if x.is_family_of(y)), None)
    if shared is not None:
        a, b = [x for x in a if x is not shared[0]], [y for y in b if y is not shared[1]]
    return bool(a) and bool(b) and not any(x.may_be(y) for x in a for y in b)
