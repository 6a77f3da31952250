"""Summary -> JSON, member for member as the contract names it."""

from collections.abc import Iterable

from .. import words
from ..flag_words import flag_words
from ..model import (
    Candidate,
    Flag,
    Party,
    Reason,
    Source,
    Step,
    Summary,
)
from ..voice import Voice
from . import shapes
from .order_contract import address_json, amount, order_json


def to_json(summary: Summary, voice: Voice, theirs: Voice | None = None) -> shapes.Summary:
    """The summary as the contract names it; every text by the agent's voice, ready answers by the customer's."""
    match = summary.match
    return {
        "complete": summary.complete,
        "lookup": summary.lookup,
        "generated_at": summary.generated_at,
        "match": {
            "level": match.level,
            "sender": match.sender,
            "proof_from": match.proof_from,
            "reasons": _reasons(match.reasons, voice),
            "candidates": [_candidate(candidate, voice) for candidate in match.candidates],
        },
        "customer": _customer(summary),
        "attention": [_flag(flag, voice) for flag in summary.flags],
        "orders": [order_json(shown, summary.flags, voice, theirs or voice) for shown in summary.orders],
        "sources": [_source(source, voice) for source in summary.sources],
        "why": [_step(step, match.rule) for step in summary.steps],
    }


def _reasons(reasons: Iterable[Reason], voice: Voice) -> list[shapes.Reason]:
    return [{"code": code, "text": text} for code, text in words.reasons(reasons, voice)]


def _candidate(candidate: Candidate, voice: Voice) -> shapes.Candidate:
    first = candidate.parties[0]
    return {
        "id": candidate.id,
        "store": ", ".join(dict.fromkeys(party.store for party in candidate.parties)),
        "name": next((name for party in candidate.parties for name in party.names), None),
        "email": next((email for party in candidate.parties for email in party.emails), None),
        "city": first.addresses[0].city if first.addresses else None,
        "reasons": _reasons(candidate.reasons, voice),
    }


def candidate_line(candidate: Candidate, voice: Voice) -> str:
    """A candidate in one line, veiled as he is."""
    seen = _candidate(candidate, voice)
    return " · ".join(str(seen[key]) for key in ("name", "email", "city", "store") if seen[key])


def _customer(summary: Summary) -> shapes.Customer | None:
    customer = summary.customer
    if customer is None:
        return None
    return {
        "name": customer.name,
        "emails": customer.emails,
        "phones": customer.phones,
        "masked": sorted(summary.masked),
        "since": customer.since.date().isoformat() if customer.since else None,
        "orders_count": customer.orders_count,
        "spent": [amount(money) for money in customer.spent],
        "refunded": [amount(money) for money in customer.refunded],
        "tags": customer.tags,
        "records": [_record(party, customer.aside) for party in customer.records],
    }


def revealed_to_json(summary: Summary) -> shapes.Revealed:
    """What is in the open now, as `POST /v1/reveal` answers it; the rest is as masked as it was."""
    customer = summary.customer
    return {
        "lookup": summary.lookup,
        "masked": sorted(summary.masked),
        "emails": customer.emails if customer else (),
        "phones": customer.phones if customer else (),
        "addresses": [
            {
                "order": shown.order.id,
                "shipping": address_json(shown.order.shipping_address),
                "billing": address_json(shown.order.billing_address),
            }
            for shown in summary.orders
        ],
    }


def _record(party: Party, aside: frozenset[str]) -> shapes.Record:
    return {
        "mark": party.mark,
        "store": party.store,
        "id": party.store_id or None,
        "kind": party.kind,
        "admin_url": party.admin_url,
        "aside": party.mark in aside,
    }


def _flag(flag: Flag, voice: Voice) -> shapes.Flag:
    said = flag_words(flag, voice)
    return {
        "code": flag.code,
        "severity": flag.severity,
        "order": flag.order.id,
        "number": flag.order.number,
        "title": said.title,
        "text": said.text,
        "step": said.step,
    }


def _source(source: Source, voice: Voice) -> shapes.Source:
    return {
        "store": source.store,
        "platform": source.platform,
        "behind": source.behind,
        "state": source.state,
        "as_of": source.as_of,
        "took_ms": source.took_ms,
        "text": words.source(source, voice),
        "lacks": {part: voice.say(reason) for part, reason in source.lacks.items()},
        "more_orders": source.more_orders,
        "unreadable": source.unreadable,
    }


def _step(step: Step, rule: str | None) -> shapes.Step:
    return {
        "store": step.store,
        "asked_by": step.asked_by,
        "state": step.state,
        "ms": step.ms,
        "returned": step.returned,
        "dropped": step.dropped,
        "cached": step.cached,
        "rule": rule,
    }
