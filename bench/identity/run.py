"""One run: towns, tickets of every family by its share, three ways of matching, and the figures."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from server.identity.match import match
from server.model import Facts

from . import adversaries, foils, held_out, honest
from .case import FAMILIES, Case, Draw
from .febrl import typos
from .people import Registry, countries
from .score import MANNER, Numbers, Tally, by_family, told
from .town import Town, ask_all, found

MODULES = (honest, adversaries, held_out)
"""Imported so that their families are entered."""

TOWNS = 24
PEOPLE = 500
"""Customers of a town."""

Way = Callable[[Town, Facts, frozenset[str]], MANNER]
FOILS: Mapping[str, Way] = {"first hit": foils.first_hit, "exact e-mail": foils.exact_email}


@dataclass(slots=True)
class Result:
    """The figures of one run. `micros` is the time of one ticket: what to ask, and whose it is."""

    tickets: int = 0
    families: dict[str, Tally] = field(default_factory=by_family)
    foils: dict[str, Tally] = field(default_factory=by_family)
    numbers: Numbers = field(default_factory=Numbers)
    micros: float = 0.0
    wrong: list[tuple[str, Case, MANNER]] = field(default_factory=list)
    missed: list[tuple[str, Case, MANNER]] = field(default_factory=list)

    @property
    def all(self) -> Tally:
        """Over every family."""
        total = Tally()
        for tally in self.families.values():
            total.add(tally)
        return total

    @property
    def figures(self) -> dict[str, float]:
        """What the bars judge."""
        return {**self.all.rows(), **self.numbers.rows()}


def run(tickets: int, seed: int) -> Result:
    """Draws that many tickets from the seed and matches each in every way."""
    rng = Random(seed)
    registry = Registry(rng, countries(seed))
    slips = typos(rng)
    towns = [found(rng, registry, PEOPLE) for _ in range(max(1, TOWNS * tickets // 30_000))]
    names, shares = zip(*((name, share) for name, (_, share) in sorted(FAMILIES.items())), strict=True)
    result, spent = Result(), 0.0
    while result.tickets < tickets:
        town = rng.choice(towns)
        (name,) = rng.choices(names, shares)
        case = FAMILIES[name][0](Draw(rng, town, registry, slips))
        if case is None:
            continue
        result.tickets += 1
        spent += _judge(result, name, town, case)
    result.micros = 1e6 * spent / result.tickets
    return result


def _judge(result: Result, name: str, town: Town, case: Case) -> float:
    down = frozenset(case.silent)
    asked = ask_all(town, case.facts, down)
    began = time.perf_counter()
    judged = match(case.facts, town.stores, asked, case.silent)
    spent = time.perf_counter() - began
    ours = told(judged)
    tally = result.families[name]
    wrong, found_, findable = tally.wrong.total() + tally.impostors_confirmed, tally.found, tally.findable
    tally.note(case, *ours)
    if tally.wrong.total() + tally.impostors_confirmed > wrong:
        result.wrong.append((name, case, ours))
    elif tally.findable > findable and tally.found == found_:
        result.missed.append((name, case, ours))
    result.numbers.note(case, town)
    for foil, way in FOILS.items():
        result.foils[foil].note(case, *way(town, case.facts, down))
    return spent
