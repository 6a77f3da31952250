"""From Shopify's nodes to the model: pure functions, one per kind of thing."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby

from ..model import (
    Address,
    Cancellation,
    Dispute,
    DisputeKind,
    DisputeStatus,
    Due,
    Fulfillment,
    FulfillmentStatus,
    LineItem,
    Money,
    Note,
    Order,
    Party,
    PartyKind,
    Payment,
    PaymentStatus,
    Refund,
    RefundedItem,
    RefundStatus,
    Return,
    ReturnStatus,
    Shipment,
    ShipmentEvent,
    ShipmentStatus,
    ShippedItem,
    Totals,
)
from . import shopify_words as words
from .payload import before_discount, blank, safe_url
from .rows import aware
from .shopify_nodes import (
    AddressNode,
    CustomerNode,
    DisputeNode,
    EventNode,
    FulfillmentNode,
    LineNode,
    OrderNode,
    RefundNode,
    ReturnLineNode,
    ReturnNode,
    TrackingNode,
    TransactionNode,
)


def account(store: str, admin: str, node: CustomerNode) -> Party:
    """The customer record. `admin` is the address of the store's admin."""
    name = blank(f"{node.first_name or ''} {node.last_name or ''}")
    home = address(node.default_address)
    return Party(
        store=store,
        store_id=node.legacy_resource_id,
        kind=PartyKind.ACCOUNT,
        names=_distinct(name, home.name if home else None),
        emails=_distinct(blank(node.email)),
        phones=_distinct(blank(node.phone), home.phone if home else None),
        addresses=(home,) if home else (),
        since=aware(node.created_at),
        orders_count=None if node.number_of_orders is None else int(node.number_of_orders),
        spent=(node.amount_spent.money,) if node.amount_spent else (),
        tags=node.tags,
        admin_url=f"{admin}/customers/{node.legacy_resource_id}",
    )


def guests(orders: Iterable[Order]) -> Iterator[Party]:
    """Those who have no record, as the orders that carry their e-mail show them.

    By their billing address alone: whoever a parcel goes to may be somebody else.
    """
    unowned = sorted((order for order in orders if order.party.startswith("guest:")), key=lambda order: order.party)
    for party, group in groupby(unowned, key=lambda order: order.party):
        own = tuple(group)
        places = [order.billing_address for order in own if order.billing_address]
        yield Party(
            store=own[0].store,
            store_id=party,
            kind=PartyKind.GUEST,
            names=_distinct(*(place.name for place in places)),
            emails=_distinct(*(order.email for order in own)),
            phones=_distinct(*(order.phone for order in own), *(place.phone for place in places)),
            addresses=tuple(dict.fromkeys(places)),
        )


def order(store: str, platform: str, admin: str, node: OrderNode) -> Order:
    """One order; all amounts are those that the customer saw."""
    email = blank(node.email)
    guest = f"guest:{email.lower()}" if email else f"guest:order:{node.legacy_resource_id}"
    shipping, billing = address(node.shipping_address), address(node.billing_address)
    return Order(
        store=store,
        platform=platform,
        store_id=node.legacy_resource_id,
        number=node.name,
        party=node.customer.legacy_resource_id if node.customer else guest,
        currency=node.presentment_currency_code,
        placed_at=aware(node.processed_at),
        email=email,
        phone=blank(node.phone) or (billing.phone if billing else None),
        admin_url=f"{admin}/orders/{node.legacy_resource_id}",
        payment=payment(node),
        fulfillment=fulfillment(node),
        cancelled=Cancellation(aware(node.cancelled_at), node.cancel_reason) if node.cancelled_at else None,
        review=node.risk.recommendation if node.risk and node.risk.recommendation in words.REVIEW else None,
        totals=totals(node),
        items=tuple([line_item(line, edited=node.edited) for line in node.lines.nodes]),
        more_items=node.lines.more,
        shipments=tuple([shipment for parcel in node.fulfillments for shipment in shipments(parcel)]),
        refunds=tuple([refund(given) for given in node.refunds if given.total.amount or given.transactions.nodes]),
        returns=tuple(map(returned, node.returns or ())),
        disputes=tuple(map(dispute, node.disputes)),
        shipping_address=shipping,
        billing_address=billing,
        notes=(Note(text),) if (text := blank(node.note)) else (),
        tags=node.tags,
        discount_codes=node.discount_codes,
    )


def totals(node: OrderNode) -> Totals:
    """The sums before refunds. What was kept is told only for orders that were paid in full."""
    total, refunded, items = node.total.money, node.refunded.money, node.subtotal.money if node.subtotal else None
    if items and node.discounts:
        tax = node.tax.amount if node.tax else Decimal(0)
        amounts = (items.amount, node.discounts.amount, node.shipping.amount, tax, total.amount)
        items = Money(before_discount(*amounts), items.currency)
    kept = node.display_financial_status in words.PAID_ONCE and total.currency == refunded.currency
    return Totals(
        items=items,
        discount=node.discounts.money if node.discounts else None,
        shipping=node.shipping.money,
        tax=node.tax.money if node.tax else None,
        total=total,
        refunded=refunded,
        net=Money(total.amount - refunded.amount, total.currency) if kept else None,
    )


def payment(node: OrderNode) -> Payment:
    """Shopify's own word, but for what it has no word for: a failed payment and an open chargeback."""
    tried = sorted([each for each in node.transactions if each.kind in words.PAYS], key=_when)
    taken = [each for each in tried if each.kind in words.TAKES and each.status == "SUCCESS"]
    failure = _failure(node, tried)
    status = words.PAYMENT.get(node.display_financial_status or "", PaymentStatus.UNKNOWN)
    if any(map(_is_open_chargeback, map(dispute, node.disputes))):
        status = PaymentStatus.DISPUTED
    elif failure:
        status = PaymentStatus.FAILED
    gateways = [each.formatted_gateway for each in taken or tried if each.formatted_gateway]
    methods = [*dict.fromkeys(gateways or node.payment_gateway_names)]
    expiries = [each.authorization_expires_at for each in tried if each.authorization_expires_at]
    return Payment(
        status=status,
        raw=node.display_financial_status,
        method=", ".join(methods) or None,
        paid_at=aware(taken[-1].processed_at) if taken else None,
        failure=failure,
        expires_at=aware(max(expiries, default=None)),
        due=Due.ON_DELIVERY if methods == [words.CASH_ON_DELIVERY] else Due.WITH_ORDER,
    )


def _failure(node: OrderNode, tried: list[TransactionNode]) -> str | None:
    """Why nothing was paid: every attempt was lost, the order was cancelled for it, or the time to pay ran out."""
    if node.display_financial_status not in words.NEVER_PAID:
        return None
    lost = [each for each in tried if each.status in words.LOST]
    reason = lost[-1].error_code or lost[-1].status if lost else None
    if node.cancel_reason == "DECLINED" or node.display_financial_status == "EXPIRED":
        return reason or node.cancel_reason or "EXPIRED"
    return reason if len(lost) == len(tried) else None


def _when(node: TransactionNode) -> float:
    return node.processed_at.timestamp() if node.processed_at else 0.0


def _is_open_chargeback(contested: Dispute) -> bool:
    return contested.kind is DisputeKind.CHARGEBACK and contested.status in {
        DisputeStatus.NEEDS_RESPONSE,
        DisputeStatus.UNDER_REVIEW,
    }


def fulfillment(node: OrderNode) -> Fulfillment:
    """How much has left the store; what a cancelled order still held back will not leave it any more."""
    status = words.FULFILLMENT.get(node.display_fulfillment_status, FulfillmentStatus.UNKNOWN)
    if node.cancelled_at and status in words.UNSENT:
        status = FulfillmentStatus.CANCELLED
    return Fulfillment(status, node.display_fulfillment_status)


def line_item(node: LineNode, *, edited: bool) -> LineItem:
    """One line, its total after the line's own discounts.

    Shopify counts what was refunded together with what an edit took out, and what cannot be sent together with
    what was refunded before it was; where they cannot be told apart, the count stays open.
    """
    return LineItem(
        title=node.title,
        quantity=Decimal(node.quantity),
        variant=blank(node.variant_title),
        sku=blank(node.sku),
        fulfilled=None if node.non_fulfillable_quantity else Decimal(node.quantity - node.unfulfilled_quantity),
        refunded=None if edited else Decimal(node.quantity - node.current_quantity),
        total=node.total.money,
    )


def shipments(node: FulfillmentNode) -> Iterator[Shipment]:
    """One parcel per tracking number; Shopify tells the status and the events of them all together."""
    raw = node.display_status or node.status
    events = tuple(map(scan, node.events.nodes))
    for tracking in node.tracking_info or [TrackingNode()]:
        yield Shipment(
            status=words.SHIPMENT.get(raw, ShipmentStatus.UNKNOWN),
            raw=raw,
            carrier=blank(tracking.company),
            tracking_number=blank(tracking.number),
            tracking_url=safe_url(tracking.url),
            shipped_at=aware(node.in_transit_at or node.created_at),
            delivered_at=aware(node.delivered_at),
            estimated_at=aware(node.estimated_delivery_at),
            events=events,
        )


def scan(node: EventNode) -> ShipmentEvent:
    return ShipmentEvent(
        status=words.SHIPMENT.get(node.status, ShipmentStatus.UNKNOWN),
        raw=node.status,
        at=aware(node.happened_at),
        message=blank(node.message),
        place=", ".join(filter(None, map(blank, (node.city, node.province, node.country)))) or None,
    )


def refund(node: RefundNode) -> Refund:
    """A refund is as far as the least advanced of its transactions."""
    said = {each.status for each in node.transactions}
    status = RefundStatus.UNKNOWN
    if said & words.LOST:
        status = RefundStatus.FAILED
    elif said & words.UNDER_WAY:
        status = RefundStatus.PENDING
    elif said == {"SUCCESS"}:
        status = RefundStatus.SUCCEEDED
    return Refund(
        amount=node.total.money,
        status=status,
        at=aware(node.processed_at),
        reason=blank(node.note),
        method=", ".join(_distinct(*(each.formatted_gateway for each in node.transactions))) or None,
        items=tuple(RefundedItem(line.title, Decimal(line.quantity)) for line in node.lines),
    )


def returned(node: ReturnNode) -> Return:
    """A return; items that Shopify could not match with a sold one have no title and are left out."""
    reasons = _distinct(*map(_reason, node.lines))
    return Return(
        status=words.RETURN.get(node.status, ReturnStatus.UNKNOWN),
        raw=node.status,
        name=blank(node.name),
        reason="; ".join(reasons) or None,
        at=aware(node.created_at),
        items=tuple(
            ShippedItem(line.sold.title, Decimal(line.quantity), line.sold.sku) for line in node.lines if line.sold
        ),
    )


def _reason(line: ReturnLineNode) -> str:
    named = line.reason.name if line.reason else None
    return ": ".join(_distinct(named, blank(line.return_reason_note)))


def dispute(node: DisputeNode) -> Dispute:
    """A dispute; Shopify names neither its date nor its amount here."""
    return Dispute(
        kind=words.DISPUTE_KIND.get(node.initiated_as, DisputeKind.UNKNOWN),
        status=words.DISPUTE.get(node.status, DisputeStatus.UNKNOWN),
        raw=node.status,
    )


def address(node: AddressNode | None) -> Address | None:
    """An address, `None` where Shopify has or shows none."""
    if node is None:
        return None
    return Address(
        name=blank(node.name),
        company=blank(node.company),
        street=tuple(filter(None, map(blank, (node.address1, node.address2)))),
        city=blank(node.city),
        region=blank(node.province),
        postcode=blank(node.zip),
        country=blank(node.country),
        phone=blank(node.phone),
    )


def _distinct(*texts: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
