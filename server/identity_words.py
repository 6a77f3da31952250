"""Our words about who is writing and how sure we are. Every catalogue has them in its language."""

from collections.abc import Mapping

from .model import By, Level, ReasonCode, Sender

LEVELS: Mapping[Level, str] = {
    Level.CONFIRMED: "Confirmed",
    Level.LIKELY: "Likely match",
    Level.AMBIGUOUS: "Several possible",
    Level.NONE: "Nobody found",
    Level.UNKNOWN: "Could not look",
}

SENDERS: Mapping[Sender, str] = {
    Sender.PROVEN: "sender verified by Zendesk",
    Sender.STATED: "sender not verified by Zendesk",
    Sender.DOUBTED: "Zendesk doubts the sender",
}

PROOF_FROM: Mapping[str, str] = {
    "browser": "What Zendesk knows of the sender was read by this app, with your own rights",
    "zendesk": "What Zendesk knows of the sender was read by the order service itself",
    "nobody": "Zendesk could not be asked about the sender",
}

SEARCHES: Mapping[By, str] = {
    By.ORDER_NUMBER: "Search by order number",
    By.EMAIL: "Search by e-mail address",
    By.PHONE: "Search by phone number",
    By.NAME: "Search by name",
}

WANTED: Mapping[str, str] = {
    "number": "Order number",
    "email": "E-mail",
    "phone": "Phone",
    "name": "First and last name",
}
"""What `POST /v1/search` can be given, for the agent's choice."""

WANTED_AS: Mapping[By, str] = {By.ORDER_NUMBER: "number", By.EMAIL: "email", By.PHONE: "phone", By.NAME: "name"}

REASONS: Mapping[ReasonCode, str] = {
    ReasonCode.SAME_EXTERNAL_ID: "Same customer id in Zendesk and {about}",
    ReasonCode.SAME_MAILBOX: "Same e-mail address in {about}",
    ReasonCode.SHARED_MAILBOX: "The e-mail address is shared by several people",
    ReasonCode.SAME_PHONE: "Same phone number in {about}",
    ReasonCode.ORDER_NUMBER_OWNED: "Order {about}, named in the ticket, belongs to this customer",
    ReasonCode.ORDER_ELSEWHERE: "Order {about} exists, under another address",
    ReasonCode.NAME_AGREES: "The name agrees",
    ReasonCode.ADDRESS_AGREES: "The delivery address agrees",
    ReasonCode.SEVERAL_CUSTOMERS: "Several customers fit equally well ({about})",
    ReasonCode.CONTRADICTION: "Something named in the ticket belongs to another customer ({about})",
    ReasonCode.STORE_SILENT: "{about} did not answer, so this may not be everything",
    ReasonCode.SENDER_PROVEN: "Zendesk verified that the sender owns the address",
    ReasonCode.SENDER_STATED: "Zendesk has not verified that the sender owns the address",
    ReasonCode.SENDER_DOUBTED: "Zendesk doubts that the message came from this person",
    ReasonCode.CHOSEN_BY_AGENT: "Chosen by an agent among several possible customers",
}

BARE_REASONS: Mapping[ReasonCode, str] = {
    ReasonCode.SAME_EXTERNAL_ID: "Same customer id in Zendesk and in the store",
    ReasonCode.SAME_MAILBOX: "Same e-mail address",
    ReasonCode.SAME_PHONE: "Same phone number",
    ReasonCode.ORDER_NUMBER_OWNED: "An order named in the ticket belongs to this customer",
    ReasonCode.ORDER_ELSEWHERE: "The order exists, under another address",
    ReasonCode.SEVERAL_CUSTOMERS: "Several customers fit equally well",
    ReasonCode.CONTRADICTION: "Something named in the ticket belongs to another customer",
    ReasonCode.STORE_SILENT: "A store did not answer, so this may not be everything",
}


STILL_WAITING = "Still waiting for {about}"

NOBODY: Mapping[str, str] = {
    "not_asked": "There is nothing in this ticket that a store could be asked by.",
    "none": "No customer and no orders for this sender in {about}.",
    "unknown": "We cannot say whether this sender has orders: not every store could be asked.",
    "waiting": "Still waiting for an answer.",
    "one": "This may be the customer, but nothing proves it. The orders stay closed until it is clear.",
    "several": "We cannot tell which customer this is. Their orders stay closed until it is clear.",
}
"""What the panel says where no customer is shown. "No orders" only if every store that was asked answered."""

POSSIBLY = "Possibly this customer"
NO_REASON = "No reason given"
BUTTONS = ("Why?", "Choose")

SPOKEN: tuple[str, ...] = (
    *LEVELS.values(),
    *SENDERS.values(),
    *PROOF_FROM.values(),
    *REASONS.values(),
    *BARE_REASONS.values(),
    *NOBODY.values(),
    STILL_WAITING,
    POSSIBLY,
    NO_REASON,
    *BUTTONS,
)
"""Everything that every catalogue has to have."""
