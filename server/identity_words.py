"""Our words about who is writing and how sure we are."""

from collections.abc import Mapping

from .model import By, Level, PartyKind, ReasonCode, Sender
from .texts import N_, P_, Text

LEVELS: Mapping[Level, Text] = {
    Level.CONFIRMED: N_("Confirmed"),
    Level.LIKELY: N_("Likely match"),
    Level.AMBIGUOUS: N_("Several possible"),
    Level.NONE: N_("Nobody found"),
    Level.UNKNOWN: N_("Could not look"),
}

SENDERS: Mapping[Sender, Text] = {
    Sender.PROVEN: N_("sender verified by Zendesk"),
    Sender.STATED: N_("sender not verified by Zendesk"),
    Sender.DOUBTED: N_("Zendesk doubts the sender"),
}

PROOF_FROM: Mapping[str, Text] = {
    "browser": N_("What Zendesk knows of the sender was read by this app, with your own rights"),
    "zendesk": N_("What Zendesk knows of the sender was read by the order service itself"),
    "nobody": N_("Zendesk could not be asked about the sender"),
}

ASKED_BY: Mapping[By, Text] = {
    By.CUSTOMER_ID: N_("customer id"),
    By.EMAIL: N_("e-mail address"),
    By.PHONE: N_("phone number"),
    By.ORDER_NUMBER: N_("order number"),
    By.NAME: N_("name"),
}

RECORDS: Mapping[PartyKind, Text] = {
    PartyKind.ACCOUNT: P_("record", "account"),
    PartyKind.GUEST: P_("record", "guest"),
}

SEARCHES: Mapping[By, Text] = {
    By.ORDER_NUMBER: N_("Search by order number"),
    By.EMAIL: N_("Search by e-mail address"),
    By.PHONE: N_("Search by phone number"),
    By.NAME: N_("Search by name"),
}

WANTED: Mapping[str, Text] = {
    "text": N_("Any of these"),
    "number": N_("Order number"),
    "email": N_("E-mail"),
    "phone": N_("Phone"),
    "name": N_("First and last name"),
}
"""What `POST /v1/search` can be given, for the agent's choice."""

WANTED_AS: Mapping[By, str] = {By.ORDER_NUMBER: "number", By.EMAIL: "email", By.PHONE: "phone", By.NAME: "name"}

REASONS: Mapping[ReasonCode, Text] = {
    ReasonCode.SAME_EXTERNAL_ID: N_("Same customer id in Zendesk and {about}"),
    ReasonCode.SAME_MAILBOX: N_("Same e-mail address in {about}"),
    ReasonCode.SHARED_MAILBOX: N_("The e-mail address is shared by several people"),
    ReasonCode.SAME_PHONE: N_("Same phone number in {about}"),
    ReasonCode.ORDER_NUMBER_OWNED: N_("Order {about}, named in the ticket, belongs to this customer"),
    ReasonCode.ORDER_ELSEWHERE: N_("Order {about} exists, under another address"),
    ReasonCode.NAME_AGREES: N_("The name agrees"),
    ReasonCode.ADDRESS_AGREES: N_("The delivery address agrees"),
    ReasonCode.SEVERAL_CUSTOMERS: N_("Several customers fit equally well ({about})"),
    ReasonCode.CONTRADICTION: N_("Something named in the ticket belongs to another customer ({about})"),
    ReasonCode.STORE_SILENT: N_("{about} did not answer, so this may not be everything"),
    ReasonCode.SENDER_PROVEN: N_("Zendesk verified that the sender owns the address"),
    ReasonCode.SENDER_STATED: N_("Zendesk has not verified that the sender owns the address"),
    ReasonCode.SENDER_DOUBTED: N_("Zendesk doubts that the message came from this person"),
    ReasonCode.CHOSEN_BY_AGENT: N_("Chosen by an agent among several possible customers"),
}

BARE_REASONS: Mapping[ReasonCode, Text] = {
    ReasonCode.SAME_EXTERNAL_ID: N_("Same customer id in Zendesk and in the store"),
    ReasonCode.SAME_MAILBOX: N_("Same e-mail address"),
    ReasonCode.SAME_PHONE: N_("Same phone number"),
    ReasonCode.ORDER_NUMBER_OWNED: N_("An order named in the ticket belongs to this customer"),
    ReasonCode.ORDER_ELSEWHERE: N_("The order exists, under another address"),
    ReasonCode.SEVERAL_CUSTOMERS: N_("Several customers fit equally well"),
    ReasonCode.CONTRADICTION: N_("Something named in the ticket belongs to another customer"),
    ReasonCode.STORE_SILENT: N_("A store did not answer, so this may not be everything"),
}


STILL_WAITING = N_("Still waiting for {about}")

NOBODY: Mapping[str, Text] = {
    "not_asked": N_("There is nothing in this ticket that a store could be asked by."),
    "none": N_("No customer and no orders for this sender in {about}."),
    "unknown": N_("We cannot say whether this sender has orders: not every store could be asked."),
    "waiting": N_("Still waiting for an answer."),
    "one": N_("This may be the customer, but nothing proves it. The orders stay closed until it is clear."),
    "several": N_("We cannot tell which customer this is. Their orders stay closed until it is clear."),
}
"""What the panel says where no customer is shown. "No orders" only if every store that was asked answered."""

POSSIBLY = N_("Possibly this customer")
NO_REASON = N_("No reason given")
