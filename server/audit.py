"""Who looked at whom, and why: every record that an agent was shown, and what he did by hand.

One event each on the logger `orderside.audit`, as a line of JSON like every other; `trail` says where it goes. It
names the account, the agent and who vouches for him, the ticket, and records by store and id; never a person: a
guest's id is made of his address, so he stands under his mark.

Events: `looked` (a ticket's customer, or the candidates for him, were shown), `opened` (one order, with what its store
tells only then), `chosen`, `set_aside`, `search`, `reveal`, `wrong_customer` (an agent says that it is somebody else).
"""

import logging
from collections.abc import Iterable, Mapping

from .auth import Agent
from .model import Match, Party, PartyKind

log = logging.getLogger("orderside.audit")


def line(
    agent: Agent,
    posted_agent: int | None,
    ticket: int | None,
    match: Match,
    *,
    masked: Iterable[str],
    about: Iterable[str] = (),
) -> Mapping[str, object]:
    """What there is to say of one answer: who saw which records, by which reasons, and what was masked in them.

    `about` says more in words of ours: what was searched by, which fields were revealed, which order was opened.
    """
    return {
        "tenant": agent.tenant,
        "agent": int(agent.user) if agent.user else posted_agent,
        "agent_from": "token" if agent.user else "browser",
        "ticket": ticket,
        "match": match.level,
        "reasons": [reason.code for reason in match.reasons],
        "proof_from": match.proof_from,
        "records": _records(match.parties),
        "candidates": len(match.candidates),
        "masked": sorted(masked),
        "about": sorted(about),
    }


def note(event: str, line: Mapping[str, object]) -> None:
    """Records one event."""
    log.info(event, extra={"audit": line})


def _records(parties: Iterable[Party]) -> list[str]:
    return [f"{party.store}/{party.store_id if party.kind is PartyKind.ACCOUNT else party.mark}" for party in parties]
