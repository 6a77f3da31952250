"""Who looked at whom, and why, whenever a match alone did not decide it: choice, set aside, search, reveal.

One event each on the logger `orderside.audit`, as a line of JSON like every other. It names the account, the agent
and who vouches for him, the ticket, and records by store and id; never a person: a guest's id is made of his address,
so he stands under his mark.
"""

import logging
from collections.abc import Iterable, Sequence

from .auth import Agent
from .model import Party, PartyKind, Summary

log = logging.getLogger("orderside.audit")


def note(
    event: str,
    agent: Agent,
    *,
    posted_agent: int | None,
    ticket: int | None,
    summary: Summary,
    about: Sequence[str] = (),
) -> None:
    """Records one event. `about` says more in words of ours: what was searched by, which fields were revealed."""
    about_it = {
        "tenant": agent.tenant,
        "agent": agent.user or posted_agent,
        "agent_from": "token" if agent.user else "browser",
        "ticket": ticket,
        "match": summary.match.level,
        "proof_from": summary.match.proof_from,
        "records": _records(summary.match.parties),
        "candidates": len(summary.match.candidates),
        "about": list(about),
    }
    log.info(event, extra={"audit": about_it})


def _records(parties: Iterable[Party]) -> list[str]:
    return [f"{party.store}/{party.store_id if party.kind is PartyKind.ACCOUNT else party.mark}" for party in parties]
