"""Figures of one run, on axes that are never mixed: whose record was shown, who was believed, who was found."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from server.identity.extract import mentions, order_numbers
from server.model import Level, Match

from .case import Case
from .people import Human
from .town import Town

SHOWN = {Level.CONFIRMED, Level.LIKELY}
MANNER = tuple[Level, frozenset[str], frozenset[str]]
"""A level, the ids of the orders that are shown, and those of the candidates' records."""


def told(match: Match) -> MANNER:
    """What our own match shows."""
    listed = frozenset(party.id for candidate in match.candidates for party in candidate.parties)
    return match.level, frozenset(order.id for order in match.orders), listed


@dataclass(slots=True)
class Tally:
    """What one way of matching did with the tickets of one family, or with all."""

    tickets: int = 0
    shown: Counter[Level] = field(default_factory=Counter)
    wrong: Counter[Level] = field(default_factory=Counter)
    impostors: int = 0
    impostors_confirmed: int = 0
    findable: int = 0
    found: int = 0
    honest: int = 0
    listed: int = 0
    nobodies: int = 0
    kept_silent: int = 0

    def note(self, case: Case, level: Level, orders: frozenset[str], candidates: frozenset[str]) -> None:
        """Counts one ticket."""
        self.tickets += 1
        own = _orders(case.truth)
        right = bool(orders) and orders <= own
        if level in SHOWN:
            self.shown[level] += 1
            self.wrong[level] += not right
        if case.impostor:
            self.impostors += 1
            self.impostors_confirmed += level is Level.CONFIRMED
        elif case.truth is None:
            self.nobodies += 1
            self.kept_silent += level not in SHOWN
        elif case.findable:
            self.findable += 1
            self.found += level in SHOWN and right
            self.listed += (level in SHOWN and right) or bool(candidates & _records(case.truth))

    def add(self, other: "Tally") -> None:
        """Takes in another tally."""
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, mine + theirs)

    def rows(self) -> dict[str, float]:
        """Shares in percent; what there was none of counts as kept."""
        return {
            "wrong shown, confirmed": _share(self.wrong[Level.CONFIRMED], self.shown[Level.CONFIRMED], 0),
            "wrong shown, likely": _share(self.wrong[Level.LIKELY], self.shown[Level.LIKELY], 0),
            "impostor confirmed": _share(self.impostors_confirmed, self.impostors, 0),
            "right customer found": _share(self.found, self.findable, 100),
            "found or on the shortlist": _share(self.listed, self.findable, 100),
            "honest silence": _share(self.kept_silent, self.nobodies, 100),
        }


@dataclass(slots=True)
class Numbers:
    """How well order numbers were read out of the texts."""

    meant: int = 0
    read: int = 0
    right: int = 0
    amiss: list[tuple[str, frozenset[str], frozenset[str]]] = field(default_factory=list)

    def note(self, case: Case, town: Town) -> None:
        """Counts one ticket whose numbers are known."""
        if case.numbers is None:
            return
        words = mentions(case.facts.ticket)
        read = frozenset(number for store in town.stores for number in order_numbers(words, store.order_number))
        # A number that no store of the tenant would print is none of ours to find.
        meant = frozenset(number for number in case.numbers if _printable(number, town))
        self.meant += len(meant)
        self.read += len(read)
        self.right += len(meant & read)
        if meant != read and len(self.amiss) < 200:
            self.amiss.append((case.facts.ticket.texts[0].text, meant, read))

    def rows(self) -> dict[str, float]:
        """Shares in percent."""
        return {
            "order numbers, precision": _share(self.right, self.read, 100),
            "order numbers, recall": _share(self.right, self.meant, 100),
        }


def _printable(number: str, town: Town) -> bool:
    import re

    shapes = [store.order_number for store in town.stores]
    return any(re.fullmatch(shape, form, re.IGNORECASE) for shape in shapes for form in (number, f"#{number}"))


def _orders(human: Human | None) -> frozenset[str]:
    return frozenset(order.id for order in human.orders) if human else frozenset()


def _records(human: Human | None) -> frozenset[str]:
    return frozenset(party.id for party in human.parties) if human else frozenset()


def _share(part: int, whole: int, empty: float) -> float:
    return round(100 * part / whole, 3) if whole else empty


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure and what it must reach."""

    figure: str
    holds: Callable[[float], bool]
    says: str


BARS = (
    Bar("wrong shown, confirmed", lambda share: share == 0, "0 %"),
    Bar("wrong shown, likely", lambda share: share <= 0.02, "at most 0.02 %"),
    Bar("impostor confirmed", lambda share: share == 0, "0 %"),
    Bar("right customer found", lambda share: share >= 92, "at least 92 %"),
    Bar("found or on the shortlist", lambda share: share >= 99, "at least 99 %"),
    Bar("honest silence", lambda share: share >= 99.9, "at least 99.9 %"),
    Bar("order numbers, precision", lambda share: share >= 99, "at least 99 %"),
    Bar("order numbers, recall", lambda share: share >= 97, "at least 97 %"),
)
"""What a run must reach. Time is printed and not judged: it belongs to the machine."""


def missed(figures: dict[str, float], bars: Iterable[Bar] = BARS) -> Iterator[str]:
    """The bars that a run did not reach, each as a sentence."""
    for bar in bars:
        if not bar.holds(figures[bar.figure]):
            yield f"{bar.figure}: {figures[bar.figure]} %, must be {bar.says}"


def by_family() -> defaultdict[str, Tally]:
    """An empty tally for each family, made when it is needed."""
    return defaultdict(Tally)
