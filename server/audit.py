"""Who looked at whom, and why, whenever a match alone did not decide it: choice, set aside, search, reveal.

One JSON line each on the logger `orderside.audit`. It names the account, the agent and who vouches for him, the ticket,
and records by store and id; never a person: a guest's id is made of his address, so he stands under his mark.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

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
    now: float,
    about: Sequence[str] = (),
) -> None:
    """Records one event. `about` says more in words of ours: what was searched by, which fields were revealed."""
    line = {
        "at": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "event": event,
        "tenant": agent.tenant,
        "agent": agent.user or posted_agent,
        "agent_from": "token" if agent.user else "browser",
        "ticket": ticket,
        "level": summary.match.level,
        "proof_from": summary.match.proof_from,
        "records": _records(summary.match.parties),
        "candidates": len(summary.match.candidates),
        "about": list(about),
    }
    log.info(json.dumps(line))


def _records(parties: Iterable[Party]) -> list[str]:
    return [f"{party.store}/{party.store_id if party.kind is PartyKind.ACCOUNT else party.mark}" for party in parties]
