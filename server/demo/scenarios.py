"""The demo's tickets: who writes, what Zendesk says about him, and what the panel should make of it.

Everybody here is invented. Times are hours before the moment the demo looks at, so that nothing goes stale.
"""

from dataclasses import dataclass
from typing import Literal

from .people import (
    DANIEL,
    EVE,
    GRACE,
    IRIS,
    IRIS_AT_AMAZON,
    JANE,
    JANE_CALLING,
    JANE_SIGNED_IN,
    LUCAS,
    MARIA,
    NOAH,
    NOT_JANE,
    OFFICE,
    OLIVIA,
    OMAR,
    PRIYA,
    RICK,
    SAM,
    STRANGER,
    TOM,
    UNSEEN,
    YUKI,
    Person,
)

Location = Literal["ticket_sidebar", "new_ticket_sidebar"]
Installed = Literal["right", "wrong_secret", "proxy_down"]


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment with what Zendesk noted about it: its comment flags, and whether it trusts the sender."""

    text: str
    by: Literal["requester", "agent"] = "requester"
    hours_ago: float = 2.0
    flags: tuple[int, ...] = ()
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Scenario:
    """One ticket. `look` says what its panel is worth opening for; `others` may be picked as requester instead."""

    slug: str
    title: str
    look: str
    subject: str
    comments: tuple[Comment, ...]
    requester: Person | None
    ticket_id: int | None
    tenant: str = "acme"
    brand: str = "Acme Europe"
    channel: str = "email"
    tags: tuple[str, ...] = ()
    location: Location = "ticket_sidebar"
    installed: Installed = "right"
    others: tuple[Person, ...] = ()


WHERE_IS_IT = (
    Comment(
        "Hello,\n\nI ordered an apron and two steel bottles (order #1042). One parcel came last week, the other one "
        "has not moved since. Where is it?\n\nJane Doerr",
        hours_ago=20,
    ),
    Comment("Hello Jane, I am looking into it and will write again today.", by="agent", hours_ago=3),
)

SCENARIOS = (
    Scenario(
        slug="repeat-customer",
        title="Repeat customer, two stores",
        look="One person's orders from two shops, the order that she names on top, and never more than “likely”.",
        subject="Where is #1042?",
        comments=WHERE_IS_IT,
        requester=JANE,
        ticket_id=35401,
        tags=("delivery",),
    ),
    Scenario(
        slug="proven-customer",
        title="The same customer, signed in",
        look="Zendesk vouches for the sender (single sign-on), so the match is confirmed and nothing is masked.",
        subject="Second parcel of #1042",
        comments=(Comment("The second parcel of #1042 has not come. Can you trace it?", hours_ago=5),),
        requester=JANE_SIGNED_IN,
        ticket_id=35402,
        channel="web",
    ),
    Scenario(
        slug="guest",
        title="Guest without an account",
        look="An order placed without an account is found by its e-mail address.",
        subject="When will you ship?",
        comments=(Comment("Hi, I ordered yesterday. When does it leave your warehouse? Thanks, Omar"),),
        requester=OMAR,
        ticket_id=35403,
    ),
    Scenario(
        slug="second-email",
        title="Writes from another address",
        look="The order belongs to the requester's second address: found all the same, by that one.",
        subject="Parcel for the studio",
        comments=(Comment("Tracking says #1044 was delivered to our studio, but nobody signed for it. Maria Rossi"),),
        requester=MARIA,
        ticket_id=35404,
    ),
    Scenario(
        slug="shared-mailbox",
        title="Shared mailbox",
        look="Two customers order with one office address: candidates to choose from, masked, and no orders yet.",
        subject="Invoice for our last order",
        comments=(Comment("Please send the invoice for our last order once more. Thank you, the office"),),
        requester=OFFICE,
        ticket_id=35405,
    ),
    Scenario(
        slug="spoofed-sender",
        title="Sender that Zendesk doubts",
        look="Jane's address, but Zendesk flags the message as perhaps not hers: no orders are opened.",
        subject="Change my delivery address",
        comments=(
            Comment(
                "Send everything from #1042 to my new address instead: 9 Harbour Lane, Dover. Jane Doerr",
                flags=(14,),
                trusted=False,
            ),
        ),
        requester=NOT_JANE,
        ticket_id=35406,
    ),
    Scenario(
        slug="someone-elses-number",
        title="Somebody else's order number",
        look="A stranger quotes #1042: the panel says that it is under another address, and nothing more.",
        subject="Order #1042",
        comments=(Comment("What is in order #1042 and where was it sent? Rick"),),
        requester=RICK,
        ticket_id=35407,
    ),
    Scenario(
        slug="payment-failed",
        title="Payment failed",
        look="Why the card was declined, and what to offer next.",
        subject="My order says payment failed",
        comments=(Comment("My order #US-2240 says that the payment failed. Is it still going to ship? Sam"),),
        requester=SAM,
        ticket_id=35408,
        brand="Acme America",
    ),
    Scenario(
        slug="parcel-stuck",
        title="Parcel stuck",
        look="The last scan is days old: a flag on top with the place and the step to take.",
        subject="Package not moving",
        comments=(Comment("My package (#US-2225) has not moved in days. Is it lost? Grace"),),
        requester=GRACE,
        ticket_id=35409,
        brand="Acme America",
    ),
    Scenario(
        slug="delivered-disputed",
        title="Delivered, but disputed",
        look="The carrier says delivered, the bank has a chargeback open: both stand there, with who must answer.",
        subject="Never arrived",
        comments=(Comment("#US-2218 never arrived. I have asked my bank for the money back. Daniel Wright"),),
        requester=DANIEL,
        ticket_id=35410,
        brand="Acme America",
    ),
    Scenario(
        slug="partial-refund",
        title="Partly refunded",
        look="Which line was refunded, how much, why, and what was kept.",
        subject="Was I refunded?",
        comments=(Comment("One of the two things in #1047 came broken. Did you refund me? Tom"),),
        requester=TOM,
        ticket_id=35411,
    ),
    Scenario(
        slug="refund-pending",
        title="Cancelled, refund pending",
        look="The order is cancelled, but the refund has not been settled: said as such, not as “refunded”.",
        subject="Where is my money?",
        comments=(Comment("I cancelled #US-2236 two days ago and see no refund. Olivia"),),
        requester=OLIVIA,
        ticket_id=35412,
        brand="Acme America",
    ),
    Scenario(
        slug="return-requested",
        title="Return requested",
        look="A return waits for somebody to approve it, for one of two items.",
        subject="Return label?",
        comments=(Comment("I asked to return one item of #US-2229 and got no label yet. Noah"),),
        requester=NOAH,
        ticket_id=35413,
        brand="Acme America",
    ),
    Scenario(
        slug="several-currencies",
        title="Several currencies",
        look="Euro, dollar and yen stand side by side and are never added up.",
        subject="Receipts for my taxes",
        comments=(Comment("Could you send me the receipts for all of my orders? Yuki Tanaka"),),
        requester=YUKI,
        ticket_id=35414,
    ),
    Scenario(
        slug="store-down",
        title="One store does not answer",
        look="The orders of the store that answered, and the other one named as unreachable.",
        subject="Order 3307",
        comments=(Comment("Hi, has order #3307 been sent yet? Priya"),),
        requester=PRIYA,
        ticket_id=35415,
        tenant="birch",
        brand="Birch Home",
    ),
    Scenario(
        slug="store-down-nobody",
        title="Nobody found, but one store is silent",
        look="Says that it could not look everywhere, and never that there are no orders.",
        subject="My order",
        comments=(Comment("Hello, where is my order? Ruth Adler"),),
        requester=UNSEEN,
        ticket_id=35416,
        tenant="birch",
        brand="Birch Home",
    ),
    Scenario(
        slug="slow-store",
        title="One store is slow",
        look="What the quick store has comes at once; the slow one is named as still out, and added when it answers.",
        subject="Two orders",
        comments=(Comment("Hello, I ordered twice this year, please send both receipts. Lucas Martin"),),
        requester=LUCAS,
        ticket_id=35417,
        tenant="cedar",
        brand="Cedar & Co",
    ),
    Scenario(
        slug="nobody",
        title="Nobody by that address",
        look="Every store was asked and answered; only then does it say that there are no orders.",
        subject="Do you ship to Norway?",
        comments=(Comment("Hi, do you ship to Norway, and what does it cost? Kim"),),
        requester=STRANGER,
        ticket_id=35418,
    ),
    Scenario(
        slug="six-stores",
        title="Six stores on six platforms",
        look="One customer's orders from five platforms side by side; the sixth store says that it has nothing.",
        subject="Which of my orders are still open?",
        comments=(Comment("Hello, which of my orders are still open, and what happened to my refund? Iris Novak"),),
        requester=IRIS,
        ticket_id=35424,
        tenant="dune",
        brand="Dune",
    ),
    Scenario(
        slug="marketplace-order",
        title="Marketplace order",
        look="Amazon's relay address and order number name one order; what Amazon keeps to itself is said.",
        subject="Bestellung 302-4417768-2956319",
        comments=(Comment("Wo bleibt meine Bestellung 302-4417768-2956319?", hours_ago=4),),
        requester=IRIS_AT_AMAZON,
        ticket_id=35425,
        tenant="elm",
        brand="Elm",
    ),
    Scenario(
        slug="phone-only",
        title="Phone call",
        look="A caller's number alone never opens a file: somebody to choose, masked.",
        subject="Call with +49 30 5550101",
        comments=(Comment("Call from +49 30 5550101, 3 minutes. The caller asks about a delivery.", by="agent"),),
        requester=JANE_CALLING,
        ticket_id=35419,
        channel="voice",
    ),
    Scenario(
        slug="new-ticket",
        title="New ticket",
        look="No requester yet: pick one in the ticket, then another one quickly, and only the last one's orders show.",
        subject="",
        comments=(),
        requester=None,
        ticket_id=None,
        location="new_ticket_sidebar",
        others=(JANE_SIGNED_IN, OMAR, SAM, GRACE, STRANGER),
    ),
    Scenario(
        slug="hostile-text",
        title="Hostile text",
        look="Names, notes, titles and links made to break a page stay plain text; an unreadable order is counted.",
        subject="<img src=x onerror=alert(1)> #1053",
        comments=(Comment("</script><script>alert('ticket')</script> Where is #1053? javascript:alert(1)"),),
        requester=EVE,
        ticket_id=35421,
    ),
    Scenario(
        slug="wrong-secret",
        title="Wrong secret installed",
        look="The service refuses the token: the panel tells the agent to ask the Zendesk admin, in plain words.",
        subject="Where is #1042?",
        comments=WHERE_IS_IT,
        requester=JANE,
        ticket_id=35422,
        installed="wrong_secret",
    ),
    Scenario(
        slug="proxy-down",
        title="Zendesk's proxy fails",
        look="Zendesk could not pass the question on: other words than for an error of the service.",
        subject="Where is #1042?",
        comments=WHERE_IS_IT,
        requester=JANE,
        ticket_id=35423,
        installed="proxy_down",
    ),
)
