"""The contract that every connector passes: inherit `ConnectorContract`, declare, and add scenarios (`scenario.py`).

Every platform has these scenarios: `one_party` (one party with one order that fills all `places`), `nobody`,
`two_parties`, `other_case`, `stranger_rows`, `more_orders`, `unreadable` (one order among good ones); and at least
one that finds somebody for each kind of question that the connector says it can be asked.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from server.connectors.answers import sift
from server.connectors.base import PARTS, Connector, Request, Wire
from server.connectors.fitness import Standing
from server.errors import Changed, Limited, Refused, StoreError, TimedOut, Unreachable
from server.model import Answer, Money, Order, SourceState

from .scenario import Lenient, Replay, Scenario, Silent, leaves, renamed, widened
from .shown import SHOWN, STATUSES, SUPPLIED

HOSTILE = (
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "\u202egnp.exe \u200b\u0000 end",
    '=HYPERLINK("https://evil.example")\'; DROP TABLE orders;--',
)
NO_LINKS = (
    "javascript:alert(1)",
    "data:text/html,x",
    "//evil.example/",
    "https://shop.example@evil.example/",
    "java\nscript:1",
)
JUNK: tuple[object, ...] = (None, [], {}, "", "x", -1, True, 1.5, 10**30, [[]], [None], {"x": 1})
MAINTENANCE = "<!doctype html><title>Maintenance</title><h1>Briefly unavailable for scheduled maintenance.</h1>"
FAILURES: Mapping[int, type[StoreError]] = {
    401: Refused,
    403: Refused,
    404: Changed,
    409: Changed,
    429: Limited,
    500: Unreachable,
    503: Unreachable,
}


class ConnectorContract:
    """What a platform's test class declares, and the cases that it inherits for it."""

    payloads: ClassVar[Path]
    """The folder of its scenarios."""
    secrets: ClassVar[tuple[str, ...]]
    """The secrets that `connector()` is built with."""
    places: ClassVar[Mapping[str, str | tuple[str, ...]]]
    """Where `one_party` holds what `SHOWN` names, as pointers into its answers; and the words of `words`."""
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]]
    """For each of `STATUSES` that the platform has, every word it documents and what becomes of it.

    The word is put at the place of the same name; deliberately unknown words map to `unknown`.
    """
    unknown: ClassVar[Mapping[str, StrEnum]] = {}
    """Where a word that nobody knows leads to something else than `unknown`, because other fields tell."""
    optional: ClassVar[tuple[str, ...]]
    """Pointers into `one_party` that the platform may leave null, and the order is still shown."""
    failures: ClassVar[Mapping[int, type[StoreError]]] = FAILURES
    side: ClassVar[Mapping[int, str]] = {}
    """The exchanges of `one_party` whose failure costs that one part of the answer and not the orders."""
    impossible: ClassVar[Mapping[str, str]] = {}
    """Of the named scenarios those that cannot come to pass on this platform, each with the reason."""
    instants: ClassVar[Sequence[tuple[str, int]]] = (
        ("2026-11-18T17:32:00", 17),
        ("2026-11-18T17:32:00Z", 17),
        ("2026-11-18T17:32:00+02:00", 15),
    )
    """How the platform writes 18 November 2026, minute 32, and the hour in UTC that is meant."""
    amounts: ClassVar[Sequence[object]] = ("89.90", "12800", "12.345", "-5.00", 89.9, 0, "1234567890.12")
    """How the platform writes amounts of money."""

    def connector(self) -> Connector[Any]:
        """A fresh connector with fixed time and nonce."""
        raise NotImplementedError

    # -- how the cases ask ------------------------------------------------------------------------------------

    def scenario(self, name: str) -> Scenario:
        return Scenario.load(self.payloads / f"{name}.json")

    def ask(self, scenario: Scenario) -> Answer:
        """The connector's answer; whatever it is, it must fit together and hold only what was asked for."""
        return self.ask_recorded(scenario)[0]

    def ask_recorded(self, scenario: Scenario) -> tuple[Answer, list[Request]]:
        connector = self.connector()
        wire = Replay(scenario, connector.read_posts)
        try:
            answer = asyncio.run(self.answer(connector, scenario, wire))
        finally:
            self.holds_no_secret(repr(connector), repr(wire.requests), *(str((r.path, r.query)) for r in wire.requests))
        assert not wire.open, f"never asked: {[(e.path, e.query) for e in wire.open]}"
        assert sift(scenario.question, answer.parties, answer.orders).dropped == 0, "a stranger was let through"
        assert {order.party for order in answer.orders} <= {party.store_id for party in answer.parties}
        assert len({order.store_id for order in answer.orders}) == len(answer.orders) <= scenario.limit
        assert len({party.store_id for party in answer.parties}) == len(answer.parties)
        assert all((order.store, order.platform) == (connector.store, connector.name) for order in answer.orders)
        assert set(answer.lacks) <= set(PARTS)
        return answer, wire.requests

    async def answer(self, connector: Connector[Any], scenario: Scenario, wire: Wire) -> Answer:
        answer = await connector.ask(scenario.question, scenario.limit, wire)
        assert all(order.later <= connector.details for order in answer.orders)
        if scenario.opened is None:
            return answer
        (order,) = (order for order in answer.orders if order.store_id == scenario.opened)
        assert order.later, "there is nothing to open"
        told = await connector.detail(order, wire)
        assert (told.id, told.number, told.party, told.later) == (order.id, order.number, order.party, frozenset())
        return replace(answer, orders=tuple(told if each is order else each for each in answer.orders))

    def ask_for_error(self, scenario: Scenario) -> StoreError:
        with pytest.raises(StoreError) as caught:
            self.ask(scenario)
        self.holds_no_secret(str(caught.value), repr(caught.value), repr(caught.value.about))
        assert scenario.question.value not in f"{caught.value!r} {caught.value.about!r}", (
            "personal data in an exception"
        )
        return caught.value

    def order(self, scenario: Scenario) -> Order:
        (order,) = self.ask(scenario).orders
        return order

    def holds_no_secret(self, *texts: str) -> None:
        assert not [secret for secret in self.secrets for text in texts if secret in text]

    @classmethod
    def names(cls, folder: str = "") -> list[str]:
        """The scenarios in the folder of payloads, or in one below it."""
        found = sorted(path.stem for path in (cls.payloads / folder).glob("*.json"))
        return [f"{folder}/{name}" if folder else name for name in found]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        arguments: Mapping[str, list[Any]] = {
            "name": [*self.names(), *self.names("details")],
            "check": self.names("checks"),
            "word": [(status, word) for status, words in self.words.items() for word in words],
            "kind": list(self.words),
            "text_place": [
                p for p in self.places if p in SHOWN and p not in {"currency", "total", "placed_at"} and "url" not in p
            ],
            "pointer": list(self.optional),
            "status": list(self.failures),
            "index": list(range(calls := len(self.scenario("one_party").exchanges))),
            "main": [index for index in range(calls) if index not in self.side],
        }
        for argument, values in arguments.items():
            if argument in metafunc.fixturenames and metafunc.function.__qualname__.startswith("ConnectorContract."):
                metafunc.parametrize(
                    argument, values, ids=lambda value: "-".join(value) if isinstance(value, tuple) else str(value)
                )

    # -- declarations -----------------------------------------------------------------------------------------

    def test_every_part_is_supplied_or_lacks_with_a_reason(self) -> None:
        connector = self.connector()
        assert connector.supplies | set(connector.lacks) == set(PARTS)
        assert not connector.supplies & set(connector.lacks)
        for part, reason in connector.lacks.items():
            assert re.fullmatch(r"(?:[A-Z]|eBay).{10,}\.", reason), f"{part}: the reason is not a sentence"

    def test_every_supplied_part_is_shown_by_some_payload(self) -> None:
        scenarios = [self.scenario(name) for name in (*self.names(), *self.names("details"))]
        answers = [self.ask(scenario) for scenario in scenarios if "raises" not in scenario.expect]
        assert {part for part in self.connector().supplies if not any(map(SUPPLIED[part], answers))} == set()

    def test_every_kind_of_question_has_an_answer_in_some_payload(self) -> None:
        scenarios = [self.scenario(name) for name in self.names()]
        assert {s.question.by for s in scenarios if s.expect.get("parties")} == self.connector().asked_by

    def test_the_order_number_is_a_pattern_that_fits_the_payloads(self) -> None:
        pattern = re.compile(self.connector().order_number)
        assert pattern.fullmatch(self.order(self.scenario("one_party")).number)

    def test_only_the_settings_hold_the_secrets(self) -> None:
        connector = self.connector()
        self.holds_no_secret(repr(connector), repr(connector.config), str(connector.config), connector.origin)

    # -- who and what -----------------------------------------------------------------------------------------

    def test_scenario(self, name: str) -> None:
        scenario = self.scenario(name)
        if "raises" in scenario.expect:
            error = self.ask_for_error(scenario)
            assert error.state == SourceState(scenario.expect["raises"])
            assert {k: v for k, v in scenario.expect.items() if k != "raises"}.items() <= dict(error.about).items()
            return
        answer = self.ask(scenario)
        seen = {
            "parties": len(answer.parties),
            "orders": len(answer.orders),
            "dropped": answer.dropped,
            "unreadable": answer.unreadable,
            "more_orders": answer.more_orders,
        }
        assert seen == {"dropped": 0, "unreadable": 0, "more_orders": False, **scenario.expect}

    def test_the_named_scenarios_are_what_they_say(self) -> None:
        says: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
            "one_party": lambda expect: (expect["parties"], expect["orders"]) == (1, 1),
            "nobody": lambda expect: (expect["parties"], expect["orders"]) == (0, 0),
            "two_parties": lambda expect: expect["parties"] == 2,
            "other_case": lambda expect: expect["parties"] >= 1,
            "stranger_rows": lambda expect: expect["dropped"] >= 1,
            "more_orders": lambda expect: expect["more_orders"] is True,
            "unreadable": lambda expect: expect["unreadable"] >= 1 and expect["orders"] >= 1,
        }
        assert all(len(reason) > 10 for reason in self.impossible.values())
        assert says.keys() - self.impossible.keys() <= set(self.names())
        assert not self.impossible.keys() & set(self.names()), "it came to pass after all"
        for name in says.keys() - self.impossible.keys():
            assert says[name](self.scenario(name).expect), name

    def test_the_same_address_in_other_capitals_is_the_same(self) -> None:
        if "other_case" in self.impossible:
            return
        scenario = self.scenario("other_case")
        shown = [email for party in self.ask(scenario).parties for email in party.emails]
        assert shown
        assert scenario.question.value not in shown
        assert scenario.question.value.casefold() in map(str.casefold, shown)

    def test_orders_are_the_newest_first(self) -> None:
        for name in self.names():
            scenario = self.scenario(name)
            if "raises" not in scenario.expect:
                placed = [order.placed_at for order in self.ask(scenario).orders if order.placed_at]
                assert placed == sorted(placed, reverse=True), name

    # -- failures ---------------------------------------------------------------------------------------------

    def test_a_failing_status_is_its_own_error(self, status: int, index: int) -> None:
        scenario = self.scenario("one_party").answering(index, status=status, body={"message": "no"})
        if index in self.side:
            answer = self.ask(scenario)
            assert len(answer.orders) == 1
            assert self.side[index] in {*answer.lacks, *answer.orders[0].later}
            assert answer.passing or status in {401, 403}, "what may heal must not be kept"
            return
        assert type(self.ask_for_error(scenario)) is self.failures[status]

    def test_a_limit_says_until_when(self, main: int) -> None:
        scenario = self.scenario("one_party").answering(main, status=429, body={}, headers={"retry-after": "7"})
        error = self.ask_for_error(scenario)
        assert isinstance(error, Limited)
        assert error.retry_after == 7.0

    def test_a_maintenance_page_is_a_store_that_is_down(self, main: int) -> None:
        headers = {"content-type": "text/html", "retry-after": "600"}
        error = self.ask_for_error(
            self.scenario("one_party").answering(main, status=503, body=MAINTENANCE, headers=headers)
        )
        assert isinstance(error, Unreachable)
        assert (error.status, error.retry_after) == (503, 600.0)

    def test_what_the_wire_raises_passes_through(self, main: int) -> None:
        for raised in (TimedOut("deadline"), Unreachable("connect"), Changed("too_large")):
            assert self.ask_for_error(self.scenario("one_party").answering(main, error=raised)) is raised

    def test_a_body_that_is_no_json_is_a_changed_store(self, main: int) -> None:
        good = self.scenario("one_party")
        whole = good.exchanges[main].response().body
        for body in (b"", whole[:-3], MAINTENANCE.encode(), b'{"total": NaN}', b"[" * 100_000, b"\xff\xfe\x00"):
            assert isinstance(self.ask_for_error(good.answering(main, body=body)), Changed)

    def test_json_of_another_shape_is_a_changed_store(self, main: int) -> None:
        good = self.scenario("one_party")
        for body in ("done", 1, None, {"unexpected": 1}, [7], renamed(good.exchanges[main].body)):
            assert isinstance(self.ask_for_error(good.answering(main, body=body)), Changed), body

    def test_no_payload_can_make_it_fail_otherwise(self) -> None:
        async def ask(spoilt: Scenario, pointer: str) -> None:
            try:
                await self.connector().ask(spoilt.question, spoilt.limit, Lenient(spoilt))
            except StoreError:
                return
            except Exception as defect:
                defect.add_note(f"with something else at {pointer}")
                raise

        async def ask_all() -> None:
            good = self.scenario("one_party")
            for index, exchange in enumerate(good.exchanges):
                for pointer in leaves(exchange.body, f"/{index}"):
                    for junk in JUNK:
                        await ask(good.put(pointer, junk), pointer)
                    await ask(good.put(f"{pointer}/-", None), pointer)

        asyncio.run(ask_all())

    def test_a_cancelled_question_leaves_nothing_behind(self) -> None:
        async def cancel() -> set[Any]:
            scenario = self.scenario("one_party")
            task = asyncio.create_task(self.connector().ask(scenario.question, 10, Silent()))
            for _ in range(5):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return asyncio.all_tasks() - {asyncio.current_task()}

        assert asyncio.run(cancel()) == set()

    def test_a_failing_side_call_costs_its_part_alone(self) -> None:
        good = self.scenario("one_party")
        for index, part in self.side.items():
            for body in (b"", MAINTENANCE.encode(), "done", {"unexpected": 1}, [7]):
                answer = self.ask(good.answering(index, body=body))
                assert len(answer.orders) == 1
                assert part in {*answer.lacks, *answer.orders[0].later}
            for raised in (TimedOut("deadline"), Unreachable("connect"), Limited("busy")):
                answer = self.ask(good.answering(index, error=raised))
                assert part in {*answer.lacks, *answer.orders[0].later}
                assert answer.passing

    # -- fitness ----------------------------------------------------------------------------------------------

    def test_what_it_needs_is_named_and_can_be_granted(self) -> None:
        needs = self.connector().needs()
        assert needs
        assert not all(need.optional for need in needs)
        assert len({need.what for need in needs}) == len(needs)
        assert all(need.what and need.permission and len(need.grant) > 10 for need in needs)
        self.holds_no_secret(repr(needs))

    def test_check(self, check: str) -> None:
        scenario, connector = self.scenario(check), self.connector()
        wire = Replay(scenario, connector.read_posts)

        async def examine() -> tuple[list[str], Standing]:
            unmet = []
            for need in connector.needs():
                try:
                    await need.read(wire)
                except Refused:
                    unmet.append(need.permission)
            return unmet, await connector.standing(wire)

        unmet, standing = asyncio.run(examine())
        assert not wire.open, f"never asked: {[(e.path, e.query) for e in wire.open]}"
        writes = None if standing.writes is None else list(standing.writes)
        seen = {"unmet": unmet, "writes": writes, "served": standing.served}
        assert seen == {"unmet": [], "writes": None, "served": None, **scenario.expect}

    def test_there_is_a_check_of_a_good_connection(self) -> None:
        assert any(not self.scenario(name).expect.get("unmet") for name in self.names("checks"))

    def test_what_is_told_later_is_shown_by_some_payload(self) -> None:
        told = [self.ask(self.scenario(name)) for name in self.names("details")]
        assert self.connector().details <= self.connector().supplies
        assert {part for part in self.connector().details if not any(map(SUPPLIED[part], told))} == set()

    # -- reading payloads -------------------------------------------------------------------------------------

    def test_unknown_fields_change_nothing(self) -> None:
        for name in self.names():
            good = self.scenario(name)
            if "raises" in good.expect:
                continue
            wide = good
            for index, exchange in enumerate(good.exchanges):
                if exchange.status == 200:
                    wide = wide.answering(index, body=widened(exchange.body))
            assert self.ask(wide) == self.ask(good), name

    def test_every_documented_word_is_mapped(self, word: tuple[str, str]) -> None:
        kind, text = word
        read, _ = STATUSES[kind]
        shown = read(self.order(self.scenario("one_party").put(self.places[kind], text)))
        assert shown.status == self.words[kind][text]
        assert getattr(shown, "raw", text) == text

    def test_an_unknown_word_stays_unknown_and_is_kept(self, kind: str) -> None:
        read, unknown = STATUSES[kind]
        shown = read(self.order(self.scenario("one_party").put(self.places[kind], "word-of-a-plugin")))
        assert shown.status == self.unknown.get(kind, unknown)
        assert getattr(shown, "raw", "word-of-a-plugin") == "word-of-a-plugin"

    def test_null_where_optional(self, pointer: str) -> None:
        assert self.order(self.scenario("one_party").put(pointer, None)).number

    @pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
    def test_money_is_exact(self, currency: str) -> None:
        scenario = self.scenario("one_party").put(self.places["currency"], currency)
        for amount in self.amounts:
            total = self.order(scenario.put(self.places["total"], amount)).totals.total
            assert total == Money(Decimal(str(amount)), currency)

    @pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e999", "12,50", "", True, [], {}])
    def test_what_is_no_amount_is_not_shown_as_one(self, amount: object) -> None:
        error = self.ask_for_error(self.scenario("one_party").put(self.places["total"], amount))
        assert isinstance(error, Changed)

    def test_instants_are_utc(self) -> None:
        for text, hour in self.instants:
            placed = self.order(self.scenario("one_party").put(self.places["placed_at"], text)).placed_at
            assert placed == datetime(2026, 11, 18, hour, 32, tzinfo=UTC)
            assert placed is not None
            assert placed.utcoffset() == UTC.utcoffset(None)

    def test_hostile_text_is_carried_as_it_is(self, text_place: str) -> None:
        for text in HOSTILE:
            shown = SHOWN[text_place](self.order(self.scenario("one_party").put(self.places[text_place], text)))
            assert text in str(shown)

    def test_only_plain_web_addresses_become_links(self) -> None:
        good, link = self.scenario("one_party"), "https://parcels.example/?n=BOB-77&x=%20"
        for place in (place for place in self.places if place.endswith("_url")):
            assert SHOWN[place](self.order(good.put(self.places[place], link))) == link
            for text in NO_LINKS:
                assert SHOWN[place](self.order(good.put(self.places[place], text))) is None
