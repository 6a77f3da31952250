"""What an agent can ask for: the summary of a ticket, one order in full, a search by hand, what is masked.

Each takes a request that auth has let in, and gives a `Summary` that privacy has gone over. `arrived` and `deadline`
are the loop's clock. All raise `RequestError` where too much runs already.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from itertools import chain

from msgspec.structs import replace

from . import audit, privacy, rights, words
from .auth import Agent
from .errors import RequestError, StoreError
from .house import House
from .identity import search
from .identity.evidence import claims, plan
from .identity.match import match
from .lookup import Lookup, Plan, detail
from .model import Facts, Level, Order, ReasonCode, Source, Summary
from .summary import answers, opened, summarise
from .ticket import Ask, AskAgain, AskOrder, AskReport, AskReveal, AskSearch, SearchPart, is_answerable
from .ticket import facts as posted_facts
from .voice import Voice, voice
from .zendesk import settled


async def summary(house: House, agent: Agent, ask: Ask, *, arrived: float, deadline: float) -> Summary:
    """What this agent may see of the ticket's customer by now; waits as long as was asked for."""
    until, eager = _patience(house, ask, arrived, deadline)
    roles = rights.roles(house, agent)
    whole = await _summary(house, agent, ask, until, arrived, deadline, eager=eager)
    his = await rights.known(house, agent, roles, until)
    seen = privacy.guard(replace(whole, complete=whole.complete and his.certain), his.policy)
    if ask.chosen and any(reason.code is ReasonCode.CHOSEN_BY_AGENT for reason in whole.match.reasons):
        _note(house, "chosen", agent, ask, whole, seen, [ask.chosen])
    elif whole.match.parties or whole.match.candidates:
        _note(house, "looked", agent, ask, whole, seen)
    if whole.match.aside:
        _note(house, "set_aside", agent, ask, whole, seen, whole.match.aside)
    if seen.complete and house.lookups.is_news(whole.lookup, "ended"):
        house.meter.ended(whole, agent.tenant)
    return seen


async def order(house: House, agent: Agent, ask: AskOrder, *, arrived: float, deadline: float) -> Summary:
    """The same with one order, and everything that its store tells of it.

    Raises `RequestError`: 404 where the ticket's customer has no such order, as far as this agent may see,
    503 where the store did not tell.
    """
    whole = await _again(house, agent, ask, arrived, deadline)
    policy = (await rights.of(house, agent, deadline)).policy
    shown = next((each for each in whole.orders if each.order.id == ask.order), None)
    if shown is None:
        away = [each for each in whole.sources if ask.order.startswith(f"{each.store}/") and each.state.silent]
        gone = RequestError(404, "no_such_order", "The panel shows no such order any more.", field="order")
        raise _certain(gone, silent=bool(away))
    told = shown.order
    if told.later - policy.hide:
        to = next(each for each in house.connections[agent.tenant] if each.store.name == told.store)
        try:
            told = await detail(told, agent.tenant, to, house.answers, deadline, refresh=ask.refresh)
        except StoreError as failure:
            raise _silent(told, failure, voice(ask.agent.locale, ask.agent.time_zone, _now(house))) from None
    stores = [to.store for to in house.connections[agent.tenant]]
    whole = opened(whole, told, stores, posted_facts(ask, capped=True).ticket)
    seen = privacy.guard(whole, policy)
    _note(house, "opened", agent, ask, whole, seen, [told.id])
    return seen


async def find(house: House, agent: Agent, ask: AskSearch, *, arrived: float, deadline: float) -> Summary:
    """Whom the stores have for what an agent typed: candidates first, and of the chosen one his orders.

    Raises `RequestError`: 403 where the account allows no search, 429 where this agent searched too often.
    """
    until, eager = _patience(house, ask, arrived, deadline)
    whole = await _search(house, agent, ask, ask, until, arrived, deadline, eager=eager)
    seen = privacy.guard(whole, (await rights.of(house, agent, deadline)).policy)
    _note(house, "chosen" if ask.chosen else "search", agent, ask, whole, seen, [str(whole.searched)])
    return seen


async def reveal(house: House, agent: Agent, ask: AskReveal, *, arrived: float, deadline: float) -> Summary:
    """The same summary with some of what is masked in the open, and a record of that.

    Raises `RequestError`: 403 where the account allows it to nobody, 404 where there is nobody to reveal.
    """
    his = await rights.of(house, agent, deadline)
    his.demand(his.policy.may_reveal, "reveal_off", "Showing what is masked is switched off for you.")
    whole = await _again(house, agent, ask, arrived, deadline)
    if whole.customer is None:
        gone = RequestError(404, "nobody_to_reveal", "The panel shows no customer any more.", field="lookup")
        raise _certain(gone, silent=whole.match.level is Level.UNKNOWN)
    seen = privacy.guard(whole, his.policy, revealed=ask.fields)
    _note(house, "reveal", agent, ask, whole, seen, ask.fields)
    return seen


async def report(house: House, agent: Agent, ask: AskReport, *, arrived: float, deadline: float) -> Summary:
    """Records that an agent found somebody else's orders beside his ticket, with the reasons that had led to them.

    Raises `RequestError` 404 where nobody is shown any more.
    """
    his = await rights.of(house, agent, deadline)
    whole = await _again(house, agent, ask, arrived, deadline)
    if whole.customer is None:
        gone = RequestError(404, "nobody_to_report", "The panel shows no customer any more.", field="lookup")
        raise _certain(gone, silent=whole.match.level is Level.UNKNOWN)
    seen = privacy.guard(whole, his.policy)
    _note(house, ask.what, agent, ask, whole, seen)
    return seen


async def _again(house: House, agent: Agent, ask: AskAgain, arrived: float, deadline: float) -> Summary:
    """The whole of an answer that was given to a ticket or to a search."""
    if ask.search is not None:
        return await _search(house, agent, ask, ask.search, deadline, arrived, deadline)
    return await _summary(house, agent, ask, deadline, arrived, deadline)


def _certain(gone: RequestError, *, silent: bool) -> RequestError:
    """That what was shown is gone; where the store that knew it did not answer this time, that nobody can tell."""
    if not silent:
        return gone
    return RequestError(503, "stores_silent", "Not every store answered this time; try again.", retry_after=1)


# -- a ticket ---------------------------------------------------------------------------------------------


async def _summary(
    house: House, agent: Agent, ask: Ask, until: float, arrived: float, deadline: float, *, eager: bool = False
) -> Summary:
    if ask.lookup is None:
        house.lookups.demand(agent.tenant)  # before anything is made of the ticket: to refuse must be cheap
    told = _told(house, agent, ask)
    stores = [to.store for to in house.connections[agent.tenant]]
    begin = partial(_lookup, house, agent, ask.refresh, told.ticket.brand, arrived, deadline)
    stated = claims(told, stores)
    asked = plan(told, stores, stated)
    if house.lookups.find(ask.lookup, _key(agent, asked)) is None:
        who = agent.user or (None if ask.agent.id is None else str(ask.agent.id))
        house.quota.ask(agent.tenant, who, chain.from_iterable(asked.values()))
    lookup = begin(asked, ask.lookup)
    proven, final = await _proven(house, agent, ask, told, until)
    if proven is not told:
        told, stated = proven, claims(proven, stores)
        lookup = begin(plan(told, stores, stated), lookup.name)
    await lookup.wait(until, eager=eager)
    house.lookups.judge(lookup.name, told)
    judge = partial(match, told, stated=stated)
    return summarise(lookup, judge, house.limits.orders, _now(house), ticket=told.ticket, settled=final)


def _told(house: House, agent: Agent, ask: Ask) -> Facts:
    """What the browser says of the ticket; a reveal without a ticket is about the answer that was given just now."""
    tenant = house.tenants[agent.tenant]
    if isinstance(ask, AskReveal) and not is_answerable(ask):
        known = house.lookups.judged(ask.lookup, agent.tenant)
        if known is None:
            raise RequestError(404, "lookup_gone", "Send the ticket along: that lookup is over.", field="lookup")
        return known
    return posted_facts(ask, capped=tenant.zendesk is not None, key=tenant.key)


async def _proven(house: House, agent: Agent, ask: Ask, told: Facts, until: float) -> tuple[Facts, bool]:
    """The facts as Zendesk itself tells them, where the account has it asked; and whether that may still change.

    Where it does not answer, the browser's facts stand, and prove nothing.
    """
    reader = house.readers.get(agent.tenant)
    reading = reader.begin(told, refresh=ask.refresh) if reader else None
    if reading is None:
        return told, True
    read = await settled(reading, until)
    if isinstance(read, Facts):
        return replace(read, chosen=told.chosen, aside=told.aside, key=told.key), True
    return told, read is not None


# -- a search ---------------------------------------------------------------------------------------------


async def _search(
    house: House,
    agent: Agent,
    ask: AskSearch | AskAgain,
    part: SearchPart,
    until: float,
    arrived: float,
    deadline: float,
    *,
    eager: bool = False,
) -> Summary:
    wanted = part.search()
    if wanted is None:
        raise RequestError(422, "bad_value", "Give one of number, email, phone, name and text.", field="search")
    tenant = house.tenants[agent.tenant]
    his = await rights.of(house, agent, deadline)
    his.demand(his.policy.may_search, "search_off", "Searching by hand is switched off for you.")
    key = tenant.key
    stores = [to.store for to in house.connections[agent.tenant]]
    asked = search.plan(wanted, stores)
    if house.lookups.find(ask.lookup, _key(agent, asked)) is None:
        house.quota.take(agent.tenant, agent.user or str(ask.agent.id))
    begin = partial(_lookup, house, agent, ask.refresh, None, arrived, deadline)
    lookup = begin(asked, ask.lookup)
    await lookup.wait(deadline if ask.chosen else until, eager=eager and not ask.chosen)
    also: Lookup | None = None
    if ask.chosen:
        found = search.candidates(wanted, stores, answers(lookup.outcomes), key)
        also = begin(search.more(search.picked(found, ask.chosen), stores), None)
        await also.wait(deadline)
    judge = partial(search.result, wanted, chosen=ask.chosen, aside=ask.aside, key=key)
    whole = summarise(lookup, judge, house.limits.orders, _now(house), also=also)
    deaf = {store.name for store in stores if wanted.by not in store.asked_by}
    sources = tuple(
        replace(source, about={"reason": "not_searchable"}) if source.store in deaf else source
        for source in whole.sources
    )
    return replace(whole, searched=wanted.by, sources=sources)


# -- what they share --------------------------------------------------------------------------------------


def _lookup(
    house: House,
    agent: Agent,
    refresh: bool,
    brand: str | None,
    arrived: float,
    deadline: float,
    plan: Plan,
    name: str | None,
) -> Lookup:
    """The lookup of that name, if it asks the same, or a new one."""
    key = _key(agent, plan)
    known = house.lookups.find(name, key)
    if known is not None:
        return known
    lookup = Lookup(
        house.lookups.admit(agent.tenant),
        agent.tenant,
        plan,
        house.connections[agent.tenant],
        house.answers,
        limit=house.limits.orders,
        refresh=refresh,
        first_answer_at=arrived + house.limits.first_answer_ms / 1000,
        deadline=deadline,
        brand=brand,
    )
    house.lookups.keep(key, lookup, keep_s=2 * house.limits.deadline_ms / 1000)
    return lookup


def _key(agent: Agent, plan: Plan) -> object:
    """What makes two questions of the app's ask for the same lookup."""
    return agent.tenant, tuple(sorted(plan.items()))


def _patience(house: House, ask: Ask | AskSearch, arrived: float, deadline: float) -> tuple[float, bool]:
    """Until when an answer waits for stores that are still out, and whether it leaves with the first news of them."""
    wait_ms = house.limits.first_answer_ms if ask.wait_ms is None else ask.wait_ms
    return min(arrived + wait_ms / 1000, deadline), ask.wait_ms is None


def _now(house: House) -> datetime:
    return datetime.fromtimestamp(house.now(), UTC)


def _note(
    house: House,
    event: str,
    agent: Agent,
    ask: Ask | AskSearch,
    whole: Summary,
    seen: Summary,
    about: Iterable[str] = (),
) -> None:
    """Records an event once for each lookup and each set of records that its answers show, as soon as they do."""
    if not (whole.complete or whole.match.parties):
        return
    line = audit.line(agent, ask.agent.id, ask.ticket.id, whole.match, masked=seen.masked, about=about)
    if house.lookups.is_news(whole.lookup, event, line):
        audit.note(event, line)
        house.meter.acted(event, whole.match.level)


def _silent(order: Order, failure: StoreError, speak: Voice) -> RequestError:
    """A store that did not tell more of an order, in words for the agent."""
    said = words.source(Source(order.store, order.platform, failure.state, about=failure.about), speak)
    wait = failure.about.get("retry_after")
    seconds = max(math.ceil(wait), 1) if isinstance(wait, int | float) else None
    return RequestError(503, f"store_{failure.state}", speak.stop(said), retry_after=seconds)
