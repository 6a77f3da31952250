"""The doctor: asks a store the real questions with its real credentials, and says what to do where it falls short.

Only reads are sent, so nothing is proven by trying a write: where a platform does not tell what a credential may
do, the finding is `unknown`, and says where to look.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from . import words
from .connectors.answers import attempt
from .connectors.base import Request, Response, Wire
from .connectors.fitness import Need, Standing
from .errors import Changed, Limited, Refused, StoreError
from .identity.normalize import order_number, same_order_number
from .lookup import Connection
from .model import By, Question, Source
from .voice import voice

T = TypeVar("T")

PATIENCE_S = 15.0
"""For one store: nobody waits at a ticket, and a slow store should still be told apart from a silent one."""
AT_ONCE = 4
"""Stores that are examined side by side."""
CLOCK_WARN_S, CLOCK_FAULT_S = 30.0, 300.0
"""A token's leeway is 30 s; signatures (WooCommerce, Magento) fail at some minutes."""
ENDS_WITHIN = timedelta(days=90)
CERTIFICATE_WITHIN = timedelta(days=14)
LITTLE_LEFT = 0.2
KNOWN_ORDER = "known order"


class Verdict(StrEnum):
    """How much a finding matters: `fault` means that lookups fail or lack what they must not lack."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, what was seen, and the step to take (none where all is well)."""

    about: str
    verdict: Verdict
    text: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Checkup:
    """One store and everything found about it."""

    tenant: str
    store: str
    platform: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of its findings; what nobody can tell is no fault."""
        seen = {finding.verdict for finding in self.findings}
        return next((verdict for verdict in (Verdict.FAULT, Verdict.WARNING) if verdict in seen), Verdict.OK)

    @property
    def found(self) -> bool:
        """Whether it has the order that it was asked for."""
        return any(finding.about == KNOWN_ORDER and finding.verdict is Verdict.OK for finding in self.findings)


@dataclass(slots=True)
class _Listener:
    """A wire that notes what the store's answers say by the way. Times are in seconds."""

    wire: Wire
    now: Callable[[], float]
    skews: list[float] = field(default_factory=list)
    heard: bool = False

    async def send(self, request: Request) -> Response:
        response = await self.wire.send(request)
        self.heard = True
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            stated = parsedate_to_datetime(response.headers.get("date", ""))
            self.skews.append(self.now() - stated.replace(tzinfo=stated.tzinfo or UTC).timestamp())
        return response


async def examine_all(
    stores: Iterable[tuple[str, Connection]], now: Callable[[], float], order: str | None = None
) -> AsyncIterator[Checkup]:
    """The check-up of each (tenant, connection), as each is ready. `now` is in Unix seconds."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(tenant: str, to: Connection) -> Checkup:
        async with room:
            return await examine(tenant, to, now, order)

    for done in asyncio.as_completed([one(tenant, to) for tenant, to in stores]):
        yield await done


async def examine(tenant: str, to: Connection, now: Callable[[], float], order: str | None = None) -> Checkup:
    """Everything that can be learnt about one store by reading; a failure is a finding, never raised."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    ear = _Listener(to.guard.wire(deadline), now)
    needs = to.connector.needs()
    first = await _try(needs[0].read(ear))
    if isinstance(first, StoreError) and not isinstance(first, Refused | Limited):
        certificate = await _certificate(to.connector.origin, now())
        return _checkup(tenant, to, (_silence(to, first), *certificate))
    certificate, found, standing = await asyncio.gather(
        _certificate(to.connector.origin, now()),
        _known(to, order, ear) if order else _nothing(),
        _try(to.connector.standing(ear)),
    )
    others = await asyncio.gather(*(_try(need.read(ear)) for need in needs[1:]))
    met = dict(zip((need.what for need in needs), (first, *others), strict=True))
    today = datetime.fromtimestamp(now(), UTC).date()
    stated = standing if isinstance(standing, Standing) else Standing()
    return _checkup(
        tenant,
        to,
        [
            _reached(to, stated),
            *certificate,
            *_access(needs, met),
            *_version(to.connector.api_version, stated, today),
            *_clock(ear.skews),
            *_head_room(stated, [*met.values(), standing]),
            _read_only(to, stated, standing),
            *found,
        ],
    )


def _checkup(tenant: str, to: Connection, findings: Sequence[Finding]) -> Checkup:
    return Checkup(tenant, to.store.name, to.store.platform, tuple(findings))


async def _try(call: Awaitable[T]) -> T | StoreError:
    """Like `attempt`; a defect of a connector's is a failure too. Its text might hold what the store sent."""
    try:
        return await attempt(call)
    except Exception:
        return Changed("defect")


async def _nothing() -> tuple[Finding, ...]:
    return ()


# -- what is found ------------------------------------------------------------------------------------------


def _reached(to: Connection, standing: Standing) -> Finding:
    behind = f", which stands before {standing.behind}" if standing.behind else ""
    return Finding("reachable", Verdict.OK, f"{to.connector.title}{behind} answers")


def _said(to: Connection, failure: StoreError) -> str:
    english = voice(None, None, datetime.fromtimestamp(0, UTC))
    return words.source(Source(to.store.name, to.store.platform, failure.state, about=failure.about), english)


def _silence(to: Connection, failure: StoreError) -> Finding:
    steps = {
        "connect": "Check the address in the settings, and that this machine may call it.",
        "address": "If the shop is in your own network, name that network in [service] private_networks; if not, its "
        "DNS is wrong.",
        "tls": "Renew the shop's certificate, with the whole chain; it is never ignored.",
        "redirect": "Use the shop's final address: https, with or without www as the shop itself has it.",
        "status": "Check that the address is the shop's, and that its API is switched on.",
    }
    text, hint = _said(to, failure), failure.about.get("look_at")
    status = failure.about.get("status")
    step = f"Look at: {hint}." if hint else steps.get(failure.reason, "Try again; if it stays, ask who runs the shop.")
    return Finding("reachable", Verdict.FAULT, f"{text} (HTTP {status})" if status else text, step)


def _access(needs: Sequence[Need], met: dict[str, object]) -> Iterator[Finding]:
    wrong = [found for found in met.values() if isinstance(found, Refused) and found.reason == "credentials"]
    if wrong and len(wrong) == len(met):
        look_at = wrong[0].about.get("look_at")
        step = f"Look at: {look_at}." if look_at else f"Make a new credential: {needs[0].grant}."
        yield Finding("credential", Verdict.FAULT, "the store turns the credential down", step)
        return
    yield Finding("credential", Verdict.OK, "accepted")
    yield from (_need(need, met[need.what]) for need in needs)


def _need(need: Need, found: object) -> Finding:
    if not isinstance(found, StoreError):
        return Finding(need.what, Verdict.OK, "can be read")
    verdict = Verdict.WARNING if need.optional or isinstance(found, Limited) else Verdict.FAULT
    if isinstance(found, Refused):
        missing = found.about.get("scope") or need.permission
        return Finding(need.what, verdict, f"cannot be read: {missing} is missing", f"Grant it in {need.grant}.")
    return Finding(need.what, verdict, f"could not be read just now ({found.state}: {found.reason})", "Check again.")


def _version(pinned: str | None, standing: Standing, today: date) -> Iterator[Finding]:
    if standing.served is None:
        return
    text = f"{standing.served}" + (f", supported until {standing.ends}" if standing.ends else "")
    if pinned is not None and standing.served != pinned:
        step = f"Orderside is written for {pinned}: set api_version in the settings, or update."
        yield Finding("version", Verdict.WARNING, f"{text}; asked was {pinned}", step)
    elif standing.ends is not None and standing.ends <= today:
        yield Finding("version", Verdict.FAULT, text, "Update Orderside: this version of the API has ended.")
    elif standing.ends is not None and standing.ends - today < ENDS_WITHIN:
        yield Finding("version", Verdict.WARNING, text, "Update Orderside before that day.")
    else:
        yield Finding("version", Verdict.OK, text)


def _clock(skews: Sequence[float]) -> Iterator[Finding]:
    """`Date` has whole seconds and the answer took its time: the smallest of several is nearest to the truth."""
    if not skews:
        return
    skew = min(skews, key=abs)
    text = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the store's" if abs(skew) >= 2 else "agrees"
    if abs(skew) < CLOCK_WARN_S:
        yield Finding("clock", Verdict.OK, text)
        return
    verdict = Verdict.FAULT if abs(skew) >= CLOCK_FAULT_S else Verdict.WARNING
    yield Finding("clock", verdict, text, "Synchronise this machine's clock (NTP); tokens and signatures depend on it.")


def _head_room(standing: Standing, results: Iterable[object]) -> Iterator[Finding]:
    if any(isinstance(result, Limited) for result in results):
        yield Finding("rate", Verdict.WARNING, "the store limits us right now", "See what else uses the same quota.")
    elif standing.left is not None and standing.quota:
        text = f"{standing.left:g} of {standing.quota:g} calls or points left"
        if standing.left / standing.quota < LITTLE_LEFT:
            yield Finding("rate", Verdict.WARNING, text, "See what else uses the same quota.")
        else:
            yield Finding("rate", Verdict.OK, text)


def _read_only(to: Connection, standing: Standing, result: object) -> Finding:
    if standing.writes:
        step = "Make one that only reads, where the platform has such; Orderside itself never writes."
        return Finding("read only", Verdict.WARNING, f"the credential may write: {', '.join(standing.writes)}", step)
    if standing.writes is not None:
        return Finding("read only", Verdict.OK, "the credential cannot write")
    if isinstance(result, StoreError):
        return Finding("read only", Verdict.UNKNOWN, "the store did not tell", "Check again.")
    grant = to.connector.needs()[0].grant
    return Finding("read only", Verdict.UNKNOWN, f"{to.connector.title} does not tell", f"See for yourself: {grant}.")


async def _known(to: Connection, typed: str, wire: Wire) -> tuple[Finding, ...]:
    """The one order that the operator knows to be there."""
    if By.ORDER_NUMBER not in to.connector.asked_by:
        return (Finding(KNOWN_ORDER, Verdict.UNKNOWN, f"{to.connector.title} cannot be asked by a number"),)
    value = order_number(typed)
    question = Question(By.ORDER_NUMBER, value, (value, f"#{value}"), partial(same_order_number, value))
    answer = await _try(to.connector.ask(question, 1, wire))
    if isinstance(answer, StoreError):
        return (Finding(KNOWN_ORDER, Verdict.FAULT, f"could not be looked for: {_said(to, answer)}", "Check again."),)
    if not answer.orders:
        return (Finding(KNOWN_ORDER, Verdict.UNKNOWN, "not in this store"),)
    order = answer.orders[0]
    placed = f", placed {order.placed_at:%Y-%m-%d}" if order.placed_at else ""
    return (Finding(KNOWN_ORDER, Verdict.OK, f"{order.number} found{placed}, {len(order.items)} items"),)


# -- the certificate ----------------------------------------------------------------------------------------


async def _certificate(origin: str, now: float) -> tuple[Finding, ...]:
    """Until when the shop's certificate is good, by a handshake of its own."""
    parts = urlsplit(origin)
    if parts.scheme != "https":
        return (Finding("certificate", Verdict.UNKNOWN, "plain http on this machine: there is none"),)
    try:
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=ssl.create_default_context()
            )
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", None) or "the handshake failed"
        return (Finding("certificate", Verdict.FAULT, str(why), "Renew the certificate, with the whole chain."),)
    except (OSError, TimeoutError):
        return (Finding("certificate", Verdict.UNKNOWN, "no connection to look at it"),)
    tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
    ends, version = str((tls.getpeercert() or {}).get("notAfter", "")), tls.version()
    writer.close()
    with contextlib.suppress(OSError, ssl.SSLError):
        await writer.wait_closed()
    return (_until(ssl.cert_time_to_seconds(ends), version or "TLS", now),) if ends else ()


def _until(ends: float, version: str, now: float) -> Finding:
    text = f"{version}, good until {datetime.fromtimestamp(ends, UTC):%Y-%m-%d}"
    if ends - now < CERTIFICATE_WITHIN.total_seconds():
        return Finding("certificate", Verdict.WARNING, text, "See that it is renewed.")
    return Finding("certificate", Verdict.OK, text)
