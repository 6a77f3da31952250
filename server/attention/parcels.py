"""Rules about parcels, where the store tells where they are."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ..model import Severity, Shipment, ShipmentStatus
from .case import MOVING, About, Case, Rule, closed

SILENT_DAYS = 5
"""A parcel on its way without a scan for this many days is worth a trace."""


def _parcel(status: ShipmentStatus) -> Callable[[Case], About | None]:
    def applies(case: Case) -> About | None:
        for parcel in case.order.shipments:
            if parcel.status is status:
                return None if closed(case.order) else scan(parcel)
        return None

    return applies


def _stalled(case: Case) -> About | None:
    for parcel in () if closed(case.order) else case.order.shipments:
        last = last_scan(parcel) if parcel.status in MOVING else None
        if last is not None and case.now - last >= timedelta(days=SILENT_DAYS):
            return {**scan(parcel), "days": (case.now - last).days, "at": last}
    return None


def _delayed(case: Case) -> About | None:
    """The carrier's own word, or the day that it named is over. A parcel of which nothing is known may have arrived."""
    for parcel in () if closed(case.order) else case.order.shipments:
        if parcel.delivered_at is not None or parcel.status not in MOVING:
            continue
        due = parcel.estimated_at
        over = due is not None and due.date() < case.now.date()
        if parcel.status is ShipmentStatus.DELAYED or over:
            return {**scan(parcel), "expected_at": due, "over": over}
    return None


def scan(parcel: Shipment) -> dict[str, object]:
    """What was last heard of a parcel."""
    last = parcel.events[0] if parcel.events else None
    return {
        "carrier": parcel.carrier,
        "place": last and last.place,
        "at": last_scan(parcel),
        "message": last and last.message,
        "scanned": last is not None and last.at is not None,
    }


def last_scan(parcel: Shipment) -> datetime | None:
    """When something was last heard of a parcel."""
    return max((event.at for event in parcel.events if event.at), default=parcel.shipped_at)


PARCEL_RULES = (
    Rule(
        "shipment_exception",
        Severity.HIGH,
        "the carrier reports a problem",
        _parcel(ShipmentStatus.EXCEPTION),
        frozenset({"shipment_delayed"}),
    ),
    Rule("shipment_returned", Severity.HIGH, "a parcel goes back to the shop", _parcel(ShipmentStatus.RETURNED)),
    Rule(
        "shipment_stalled",
        Severity.HIGH,
        f"on its way, no scan for {SILENT_DAYS} days",
        _stalled,
        frozenset({"shipment_delayed"}),
    ),
    Rule("shipment_attempted", Severity.MEDIUM, "delivery was tried in vain", _parcel(ShipmentStatus.ATTEMPTED)),
    Rule(
        "shipment_delayed",
        Severity.MEDIUM,
        "the carrier calls it delayed, or the day that it named is over and the parcel on its way",
        _delayed,
    ),
    Rule("shipment_waiting", Severity.LOW, "waits to be picked up", _parcel(ShipmentStatus.READY_FOR_PICKUP)),
)
