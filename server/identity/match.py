"""Whose orders these are: one row of a decision table for each person, then four steps.

Two questions stay apart. Who carries an identity that the ticket *states*? `people` answers, by agreement of
strings. Is the writer that person? `sender` answers, by Zendesk's proof alone. `TABLE` is where they meet. Weights
only rank candidates; they decide nothing. What a store was asked does not matter either, only what its records hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from ..model import Asked, Candidate, Facts, Level, Match, Reason, ReasonCode, Sender, Store
from .evidence import Claims, claims, sender
from .people import Clue, Person, people, reasons

MOST_CANDIDATES = 3

_NAME_CONTRADICTS = -4
_NUMBER_ELSEWHERE = -8
"""Bits against a candidate; those for him are the clues' own."""

_C, _L, _A, _N = Level.CONFIRMED, Level.LIKELY, Level.AMBIGUOUS, Level.NONE
_LADDER = (_N, _A, _L, _C)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the decision table: it holds where all clues of an alternative are there, and gives these levels."""

    id: str
    levels: Mapping[Sender, Level]
    alternatives: tuple[frozenset[Clue], ...]

    def holds(self, clues: AbstractSet[Clue]) -> bool:
        """Whether somebody with these clues is meant by this row."""
        return any(alternative <= clues for alternative in self.alternatives)


def _row(name: str, proven: Level, stated: Level, doubted: Level, *alternatives: set[Clue]) -> Row:
    levels = {Sender.PROVEN: proven, Sender.STATED: stated, Sender.DOUBTED: doubted}
    return Row(name, levels, tuple(map(frozenset, alternatives)))


# The highest level counts, and of equal ones the first row: 3 says more than 2. The last row holds for everybody.
TABLE = (
    _row("1", _C, _L, _A, {Clue.EXTERNAL_ID}),
    _row("3", _C, _L, _A, {Clue.MAILBOX, Clue.NUMBER}, {Clue.MAILBOX, Clue.PHONE}),
    _row("2", _C, _L, _A, {Clue.MAILBOX}),
    _row("4", _L, _L, _A, {Clue.SHARED, Clue.NAME}, {Clue.SHARED, Clue.NUMBER}),
    _row("5", _L, _L, _N, {Clue.NUMBER, Clue.NAME}, {Clue.NUMBER, Clue.ADDRESS}),
    _row("6", _L, _L, _A, {Clue.PHONE, Clue.NUMBER}),
    _row("7", _L, _A, _N, {Clue.CALLER, Clue.NAME}),
    _row("8", _A, _A, _N, {Clue.PHONE}, {Clue.SHARED}),
    _row("9", _N, _N, _N, {Clue.NUMBER}),
    _row("10", _N, _N, _N, set()),
)


def highest_first(table: Sequence[Row]) -> Mapping[Sender, tuple[Row, ...]]:
    """The rows in the order in which they count, for each state of the sender."""
    return {state: tuple(sorted(table, key=lambda row: -_LADDER.index(row.levels[state]))) for state in Sender}


_HIGHEST_FIRST = highest_first(TABLE)


def match(
    facts: Facts, stores: Sequence[Store], asked: Sequence[Asked], silent: Sequence[str], stated: Claims | None = None
) -> Match:
    """Whose orders these are. `stores` holds every store asked; `silent` names those that had to answer and did not.

    The order of stores and answers changes nothing. Doubt about the sender, a silent store or a contradiction never
    raise a level. At `confirmed` and `likely`, `parties` are one person's records, of each store one account at most;
    at `ambiguous` there are up to 3 candidates instead. `chosen` makes `likely` of a listed candidate, who then stands
    alone; any other mark is ignored. `aside` takes the orders of some of his records out of sight, never all, and
    changes no level. `rule` is the row that decided and the letters of the steps that changed its level. `stated` are
    the claims of these facts, where the ticket has been read already.
    """
    state, stated = sender(facts), stated or claims(facts, stores)
    meant = stated.meant(asked)
    named = frozenset[str]().union(*meant.values())
    found = people(stated, stores, asked, meant)
    judged = sorted((_judged(person, state, named) for person in found), key=_Judged.rank)
    verdict = _contradicted(_tied(judged), judged, stated, named)
    verdict = _chosen(_silenced(verdict, silent), facts.chosen)
    return _told(verdict, state, stated, named, silent, facts)


class _Judged(Struct, frozen=True, gc=False):
    """A person and what the table says of him."""

    person: Person
    row: str
    level: Level
    bits: float

    def rank(self) -> tuple[int, float, str]:
        """Sorts the likeliest first."""
        return -_LADDER.index(self.level), -self.bits, self.person.id


class _Verdict(Struct, frozen=True, gc=False):
    """Where the steps have come to. `shown` is the one person, or those to choose from."""

    level: Level
    shown: tuple[_Judged, ...]
    rule: str
    reasons: tuple[Reason, ...] = ()


def _judged(person: Person, state: Sender, named: frozenset[str]) -> _Judged:
    row = next(row for row in _HIGHEST_FIRST[state] if row.holds(person.clues))
    level = row.levels[state]
    if level is _C and not person.covered:
        level = _L
    bits = sum(clue.bits for clue in person.clues)
    bits += _NAME_CONTRADICTS * person.name_contradicts + _NUMBER_ELSEWHERE * bool(named - person.owned)
    return _Judged(person, row.id, level, bits)


# -- the steps, in their order ----------------------------------------------------------------------------


def _tied(judged: Sequence[_Judged]) -> _Verdict:
    """(a) Two customers at the top, or an external id and a mailbox that name two: both, to choose from."""
    if not judged or judged[0].level is _N:
        return _Verdict(_N, (), judged[0].row if judged else "10")
    best, *others = judged
    rivals = [other for other in others if other.level is best.level or _id_against_mailbox(best, other)]
    if not rivals:
        return _Verdict(best.level, (best,), best.row)
    several = Reason(ReasonCode.SEVERAL_CUSTOMERS, str(1 + len(rivals)))
    return _Verdict(_A, (best, *rivals), f"{best.row}a", (several,))


def _id_against_mailbox(best: _Judged, other: _Judged) -> bool:
    if _LADDER.index(other.level) < _LADDER.index(_L):
        return False
    a, b = best.person, other.person
    return (Clue.EXTERNAL_ID in a.clues and bool(b.held - a.held)) or (
        Clue.EXTERNAL_ID in b.clues and bool(a.held - b.held)
    )


def _contradicted(verdict: _Verdict, judged: Sequence[_Judged], stated: Claims, named: frozenset[str]) -> _Verdict:
    """(b) Something that the ticket states is somebody else's: one level down."""
    if len(verdict.shown) != 1:
        return verdict
    (best,) = verdict.shown
    reasons = tuple(
        _contradictions(best.person, [other.person for other in judged if other is not best], stated, named)
    )
    if not reasons:
        return verdict
    level = _LADDER[_LADDER.index(verdict.level) - 1]
    shown = {
        _L: verdict.shown,
        _A: tuple(person for person in judged if person.level is not _N),
        _N: (),
    }[level]
    return _Verdict(level, shown, f"{verdict.rule}b", reasons)


def _contradictions(best: Person, others: Sequence[Person], stated: Claims, named: frozenset[str]) -> Iterator[Reason]:
    """An order of that number may also exist in another store: only a number that is none of his speaks against him."""
    for number in sorted(named - best.owned):
        yield Reason(ReasonCode.CONTRADICTION, number)
    mailbox_elsewhere = stated.mailbox not in best.held and any(other.held - best.held for other in others)
    if mailbox_elsewhere or any({Clue.CALLER, Clue.NAME} <= other.clues for other in others):
        yield Reason(ReasonCode.CONTRADICTION)


def _silenced(verdict: _Verdict, silent: Sequence[str]) -> _Verdict:
    """(c) A store that did not answer may hold a better match: never sure, and never sure that there is nobody."""
    lowered = {_C: _L, _N: Level.UNKNOWN}.get(verdict.level)
    return replace(verdict, level=lowered, rule=f"{verdict.rule}c") if silent and lowered else verdict


def _chosen(verdict: _Verdict, chosen: str | None) -> _Verdict:
    """(d) An agent picked one of the candidates that he was shown."""
    picked = (
        [one for one in verdict.shown[:MOST_CANDIDATES] if chosen in one.person.marks] if verdict.level is _A else []
    )
    if not picked:
        return verdict
    reasons = (*verdict.reasons, Reason(ReasonCode.CHOSEN_BY_AGENT))
    return _Verdict(_L, tuple(picked), f"{verdict.rule}d", reasons)


# -- how it is told ---------------------------------------------------------------------------------------

_SENDERS = {
    Sender.PROVEN: ReasonCode.SENDER_PROVEN,
    Sender.STATED: ReasonCode.SENDER_STATED,
    Sender.DOUBTED: ReasonCode.SENDER_DOUBTED,
}


def _told(
    verdict: _Verdict,
    state: Sender,
    stated: Claims,
    named: frozenset[str],
    silent: Sequence[str],
    facts: Facts,
) -> Match:
    found = verdict.shown[0] if verdict.level in {_C, _L} else None
    aside = found.person.may_set_aside(facts.aside) if found else frozenset()
    listed = verdict.shown[:MOST_CANDIDATES] if verdict.level is _A else ()
    elsewhere = named.difference(*(one.person.owned for one in verdict.shown)) if found is None else ()
    return Match(
        level=verdict.level,
        sender=state,
        reasons=(
            *(reasons(found.person, stated) if found else ()),
            Reason(_SENDERS[state]),
            *verdict.reasons,
            *(Reason(ReasonCode.ORDER_ELSEWHERE, number) for number in sorted(elsewhere)),
            *(Reason(ReasonCode.STORE_SILENT, name) for name in sorted(set(silent))),
        ),
        parties=found.person.parties if found else (),
        orders=found.person.orders_without(aside) if found else (),
        named=found.person.named if found else frozenset(),
        aside=aside,
        candidates=tuple(
            Candidate(one.person.id, one.person.parties, tuple(reasons(one.person, stated)), one.bits) for one in listed
        ),
        rule=verdict.rule,
        proof_from=facts.proof_from,
    )
