"""Summary -> the panel's HTML fragment. Whatever a store wrote is text, never markup."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import blake2s

from .. import words
from ..answers import ready_answers
from ..carriers import tracking
from ..flag_words import flag_words
from ..model import (
    Customer,
    Level,
    Order,
    Party,
    PartyKind,
    ReasonCode,
    Sender,
    Source,
    SourceState,
    Step,
    Summary,
)
from ..sentences import carrier, sentence
from ..texts import N_, P_, Text
from ..voice import Voice
from .contract import candidate_line
from .lines import dotted, first_link, item_line, parcel_mark, place_line, quantities, scan_line
from .money import money_line
from .progress import badge, steps
from .templates import TEMPLATES


def to_html(summary: Summary, voice: Voice, theirs: Voice | None = None) -> str:
    """The panel's fragment; what is copied for the customer by his voice.

    Element ids are stable, so that an update can keep focus and open sections.
    """
    match = summary.match
    reasons = words.reasons(match.reasons, voice, complete=summary.complete)
    own = next((code for code, _ in reasons if code not in _ALOUD | _ABOUT_SENDER), None)
    return _PANEL.render(
        **_spoken(voice, theirs),
        s=summary,
        title=_title(summary, voice),
        level=_level(summary, voice),
        unsure=match.level not in {Level.CONFIRMED, Level.LIKELY},
        headline=_headline(summary, voice),
        candidate_line=candidate_line,
        reasons=[text for _, text in reasons],
        gist=_gist(summary, own, voice),
        doubted=match.sender is Sender.DOUBTED and not summary.searched,
        warnings=[text for code, text in reasons if code in _ALOUD],
        contacts=_contacts(summary.customer),
        figures=_figures(summary.customer, voice),
        no_orders=_no_orders(summary, voice),
        flags=[(flag, flag_words(flag, voice)) for flag in summary.flags],
        most_flags=MOST_FLAGS,
        others=summary.orders[1:],
        most_others=MOST_OTHERS,
        lacks=[(source.store, dict.fromkeys(source.lacks.values())) for source in summary.sources if source.lacks],
        may_search=summary.may_search,
        may_reveal=summary.may_reveal and summary.customer is not None and bool(_revealable(summary)),
        as_of=max((source.as_of for source in summary.sources if source.as_of), default=summary.generated_at),
        aged=_aged(summary.sources),
    )


def _spoken(voice: Voice, theirs: Voice | None) -> dict[str, object]:
    """What the templates speak with, `theirs` for what is said to the customer; Babel collects the texts."""
    return {
        "v": voice,
        "say": voice.say,
        "many": voice.many,
        "theirs": theirs or voice,
        "language": voice.own.locale.language,
    }


def order_to_html(summary: Summary, voice: Voice, theirs: Voice | None = None) -> str:
    """The one order of a summary, open, to stand in the place of the same order in the panel."""
    (shown,) = summary.orders
    return _ORDER.render(**_spoken(voice, theirs), s=summary, shown=shown)


def reported_to_html(voice: Voice) -> str:
    """That a wrong customer was recorded, to stand in the place of the button."""
    return _REPORTED.render(**_spoken(voice, None))


MOST_FLAGS = 3
"""So many flags stand open; the others are one click away, so that the order stays above the fold."""

MOST_OTHERS = 4
"""So many other orders stand in the list at once."""

_SAME_MOMENT = timedelta(seconds=5)

_ALOUD = {
    ReasonCode.ORDER_ELSEWHERE,
    ReasonCode.CONTRADICTION,
    ReasonCode.STORE_SILENT,
    ReasonCode.CHOSEN_BY_AGENT,
}
"""What an agent must not have to open "Why?" for."""

_ABOUT_SENDER = {ReasonCode.SENDER_PROVEN, ReasonCode.SENDER_STATED, ReasonCode.SENDER_DOUBTED}


def _upfirst(text: str) -> str:
    """With a capital at its start, names within it untouched."""
    return text[:1].upper() + text[1:]


def _anchor(order: Order) -> str:
    """An element id for an order: short, the same in every answer, and of letters and digits only."""
    return "o" + blake2s(order.id.encode(), digest_size=4).hexdigest()


def _pictures(order: Order) -> frozenset[str]:
    """The addresses of its items' pictures that may be loaded: by https only."""
    return frozenset(item.image_url for item in order.items if item.image_url and item.image_url.startswith("https://"))


def _title(summary: Summary, voice: Voice) -> str:
    """The panel's heading: the customer, or why there is none."""
    if summary.customer is not None:
        return summary.customer.name or voice.say("Customer without a name")
    if summary.match.level is Level.UNKNOWN and not summary.complete:
        return voice.say("Looking …")
    return _level(summary, voice)


def _level(summary: Summary, voice: Voice) -> str:
    if summary.searched and summary.match.level is Level.AMBIGUOUS:
        return voice.many("Found one", "Found {n}", len(summary.match.candidates))
    if summary.match.level is Level.AMBIGUOUS and len(summary.match.candidates) == 1:
        return voice.say(words.POSSIBLY)
    return voice.say(words.LEVELS[summary.match.level])


def _headline(summary: Summary, voice: Voice) -> str:
    """What the panel says where no customer is shown. "No orders" only if every store that was asked answered."""
    looked = [source.store for source in summary.sources if source.state.looked]
    if summary.searched:
        return _search_headline(summary, looked, voice)
    match summary.match.level:
        case Level.NONE if not looked:
            return voice.say(words.NOBODY["not_asked"])
        case Level.NONE:
            return voice.say(words.NOBODY["none"], about=looked)
        case Level.UNKNOWN:
            return voice.say(words.NOBODY["unknown" if summary.complete else "waiting"])
        case Level.AMBIGUOUS:
            return voice.say(words.NOBODY["one" if len(summary.match.candidates) == 1 else "several"])
    return ""


def _search_headline(summary: Summary, looked: list[str], voice: Voice) -> str:
    match summary.match.level:
        case Level.AMBIGUOUS:
            return voice.say("Choose whose orders to open. The choice is recorded.")
        case Level.NONE if not looked:
            return voice.say("No store can be asked by this.")
        case Level.NONE:
            return voice.say("Nobody with this in {stores}.", stores=looked)
        case Level.UNKNOWN if summary.complete:
            return voice.say("We cannot say whether anybody fits: not every store could be asked.")
        case Level.UNKNOWN:
            return voice.say("Still waiting for an answer.")
    return ""


def _no_orders(summary: Summary, voice: Voice) -> str:
    """For a customer without an order. "No orders" is said only when every store that was asked answered."""
    silent = [source.store for source in summary.sources if source.state.silent]
    if silent:
        return voice.say("No orders so far; {stores} could not be seen.", stores=silent)
    return voice.say("This customer has no orders.")


def _gist(summary: Summary, code: ReasonCode | None, voice: Voice) -> list[str]:
    """Why, in short: what speaks for the match, and what Zendesk says of the sender."""
    match = summary.match
    if summary.searched:
        return []
    sender = [] if match.sender is Sender.DOUBTED else [voice.say(words.SENDERS[match.sender])]
    if summary.customer is None:
        return [_upfirst(text) for text in sender]
    return [words.in_short(code, match.reasons, voice) if code else voice.say(words.NO_REASON), *sender]


def _contacts(customer: Customer | None) -> tuple[str, ...]:
    return (*customer.emails[:2], *customer.phones[:1]) if customer else ()


def _figures(customer: Customer | None, voice: Voice) -> list[str]:
    """Since when, how many orders, how much was kept, what the stores tag him with."""
    if customer is None:
        return []
    line = []
    if customer.since:
        line.append(voice.say("Customer since {month}", month=voice.month(customer.since)))
    if customer.orders_count is not None:
        line.append(voice.many("{n} order", "{n} orders", customer.orders_count))
    if customer.spent:
        line.append(voice.say("kept {sums}", sums=[voice.money(money) for money in customer.spent]))
    if customer.refunded:
        line.append(voice.say("refunded {amount}", amount=[voice.money(money) for money in customer.refunded]))
    return [*line, *map(voice.apart, customer.tags)]


def _aged(sources: Iterable[Source]) -> frozenset[str]:
    """The stores whose answer is clearly older than the newest one: kept from a moment ago."""
    told = {source.store: source.as_of for source in sources if source.as_of}
    newest = max(told.values(), default=None)
    return frozenset(store for store, at in told.items() if newest and newest - at > _SAME_MOMENT)


def _revealable(summary: Summary) -> frozenset[str]:
    """What is masked of this customer, where there is anything to mask."""
    customer, orders = summary.customer, [shown.order for shown in summary.orders]
    there = {
        "email": bool(customer and customer.emails),
        "phone": bool(customer and customer.phones),
        "address": any(order.shipping_address or order.billing_address for order in orders),
    }
    return frozenset(name for name in summary.masked if there[name])


def _record_line(record: Party, voice: Voice) -> str:
    """`Acme EU, account 42`."""
    if record.kind is PartyKind.GUEST:
        return voice.say("{store}, guest", store=record.store)
    return voice.say("{store}, account {id}", store=record.store, id=record.store_id)


def _step_line(step: Step, voice: Voice) -> str:
    """`By e-mail address: Acme EU answered; 3 orders; 1 of others left out`."""
    if step.state is SourceState.NOT_ASKED:
        said = [words.source(Source(step.store, "", step.state, about={"reason": "not_needed"}), voice)]
    else:
        said = [words.source(Source(step.store, "", step.state), voice)]
    if step.state is SourceState.ANSWERED:
        said.append(voice.many("{n} order", "{n} orders", step.returned))
    if step.dropped:
        said.append(voice.many("{n} row of others left out", "{n} rows of others left out", step.dropped))
    if step.cached:
        said.append(voice.say("kept from a moment ago"))
    return voice.say("By {what}: {said}", what=words.ASKED_BY[step.asked_by], said=voice.clauses(said))


_COPY: Mapping[str, Text] = {
    "all": P_("copy", "Copy"),
    "number": P_("copy", "Number"),
    "link": P_("copy", "Link"),
    "status": P_("copy", "Status"),
    "tracking": P_("copy", "Tracking"),
    "refund": P_("copy", "Refund"),
}
"""What can be copied: the number and the link as they are, the others as ready answers."""

_LATER: Mapping[str, Text] = {
    "shipments": N_("parcels"),
    "notes": N_("the store’s notes"),
    "refunds": N_("refunds"),
    "items": N_("items"),
}


def _later(order: Order, voice: Voice) -> str:
    """What an order's own call would tell, in words."""
    parts = sorted(order.later, reverse=True)
    return voice.names([voice.say(_LATER[part]) if part in _LATER else part.replace("_", " ") for part in parts])


TEMPLATES.filters.update(upfirst=_upfirst)
TEMPLATES.globals.update(
    words=words,
    copy=_COPY,
    ready_answers=ready_answers,
    tracking=tracking,
    sentence=sentence,
    carrier=carrier,
    badge=badge,
    steps=steps,
    dotted=dotted,
    quantities=quantities,
    item_line=item_line,
    parcel_mark=parcel_mark,
    scan_line=scan_line,
    place_line=place_line,
    first_link=first_link,
    pictures_of=_pictures,
    money_line=money_line,
    record_line=_record_line,
    step_line=_step_line,
    anchor=_anchor,
    later=_later,
)
_PANEL = TEMPLATES.get_template("panel.html")
_ORDER = TEMPLATES.get_template("opened.html")
_REPORTED = TEMPLATES.get_template("reported.html")
