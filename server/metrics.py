"""What agents feel, counted: how sure we were, which stores could not be asked, how long it took.

Labels are levels, states and platforms, and for the checks the names of the settings: nothing of a person's.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .check import Checkup, Verdict
from .model import SourceState, Summary

_WEIGHTS = {Verdict.WARNING: 1, Verdict.FAULT: 2}


class Meter:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "orderside_answers", "Answers given, by level and whether every store had spoken", ["level", "complete"],
            registry=self.registry,
        )  # fmt: skip
        self._sources = Counter(
            "orderside_sources", "Stores asked by lookups that ended, by what became of it", ["platform", "state"],
            registry=self.registry,
        )  # fmt: skip
        self._refusals = Counter(
            "orderside_refusals", "Requests refused, by error code", ["code"], registry=self.registry
        )
        for code in ("defect", "busy", "too_late"):  # what alerts look at must be there before the first one
            self._refusals.labels(code)
        self._seconds = Histogram(
            "orderside_answer_seconds", "From a request's arrival to its answer",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5), registry=self.registry,
        )  # fmt: skip
        self._first_seconds = Histogram(
            "orderside_first_answer_seconds", "From a ticket's first question to its first answer",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5), registry=self.registry,
        )  # fmt: skip
        self._refreshes = Counter(
            "orderside_refreshes", "Questions of agents who asked for fresh data", registry=self.registry
        )
        self._store_seconds = Histogram(
            "orderside_store_seconds", "From a question to a store to its answer", ["tenant", "store", "platform"],
            buckets=(0.1, 0.25, 0.5, 1, 2, 4), registry=self.registry,
        )  # fmt: skip
        # Found once for each store: the library takes a lock and makes texts of labels each time.
        self._source, self._store = cache(self._sources.labels), cache(self._store_seconds.labels)

        self._lookups = Counter(
            "orderside_lookups", "Lookups that ended, by whether there was somebody for the agent to see", ["found"],
            registry=self.registry,
        )  # fmt: skip
        self._missing = Counter(
            "orderside_missing", "Lookups that ended in which a store that had to be asked was silent",
            registry=self.registry,
        )  # fmt: skip
        self._age_seconds = Histogram(
            "orderside_age_seconds", "Age of the oldest store's answer when a lookup ended",
            buckets=(1, 5, 15, 30, 60, 120, 300, 600), registry=self.registry,
        )  # fmt: skip
        self._acts = Counter(
            "orderside_acts", "What agents looked at and did by hand, by level", ["act", "level"],
            registry=self.registry,
        )  # fmt: skip
        self._audit_lost = Counter(
            "orderside_audit_lost", "Events of the audit trail that could not be written", registry=self.registry
        )
        self._audit_waiting = Gauge(
            "orderside_audit_waiting", "Events of the audit trail that are still to be written", registry=self.registry
        )
        self._late = Gauge(
            "orderside_late_seconds", "How late the process comes round to what it has to do", registry=self.registry
        )
        self._alone = Counter(
            "orderside_budget_alone", "Calls to stores that went out without the shared budget's word",
            registry=self.registry,
        )  # fmt: skip
        self._checks = Gauge(
            "orderside_check", "What the last check found: 0 well, 1 warning, 2 fault",
            ["tenant", "store", "platform", "about"], registry=self.registry,
        )  # fmt: skip

    def checked(self, checkups: Iterable[Checkup]) -> None:
        """What a check found, in place of what the one before did."""
        self._checks.clear()
        for checkup in checkups:
            for finding in checkup.findings:
                labels = checkup.tenant, checkup.store, checkup.platform, finding.about
                self._checks.labels(*labels).set(_WEIGHTS.get(finding.verdict, 0))

    def answered(self, summary: Summary, seconds: float, *, first: bool = True, refresh: bool = False) -> None:
        """One answer left: the `first` one to a question, or a later one that joined its lookup."""
        if first:
            self._first_seconds.observe(seconds)
        self._refreshes.inc(refresh)
        self._answers.labels(summary.match.level, str(summary.complete).lower()).inc()
        self._seconds.observe(seconds)

    def ended(self, summary: Summary, tenant: str) -> None:
        """A lookup has come to its end, and this is its answer."""
        found = bool(summary.match.parties or summary.match.candidates)
        self._lookups.labels(str(found).lower()).inc()
        self._missing.inc(any(source.state.silent for source in summary.sources))
        if ages := [summary.generated_at - source.as_of for source in summary.sources if source.as_of is not None]:
            self._age_seconds.observe(max(ages).total_seconds())
        for source in summary.sources:
            self._source(source.platform, source.state).inc()
            if source.took_ms is not None and source.state is not SourceState.NOT_ASKED:
                self._store(tenant, source.store, source.platform).observe(source.took_ms / 1000)

    def acted(self, act: str, level: str) -> None:
        """An agent looked at somebody, or did something by hand; `act` is the audit trail's word for it."""
        self._acts.labels(act, level).inc()

    def counted_alone(self) -> None:
        """A call went out by this process's own count, because the shared budget's server was away."""
        self._alone.inc()

    def audit_lost(self, events: int) -> None:
        """So many events of the audit trail are not in it."""
        self._audit_lost.inc(events)

    def audit_waits(self, waiting: Callable[[], float]) -> None:
        """Where to look how many events are still to be written."""
        self._audit_waiting.set_function(waiting)

    def lateness(self, late_s: Callable[[], float]) -> None:
        """Where to look how late the event loop is."""
        self._late.set_function(late_s)

    def refused(self, code: str) -> None:
        """One request was refused."""
        self._refusals.labels(code).inc()


def metrics_app(meter: Meter, middleware: Sequence[Middleware]) -> Starlette:
    """`GET /metrics`, to be served on an address of its own."""

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(meter.registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/metrics", metrics)], middleware=middleware)
