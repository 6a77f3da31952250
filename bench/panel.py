"""What the panel costs: bytes and CPU of its fragment, and the time from the service's answer to the painted panel.

`python -m bench.panel [--renders 200] [--openings 20]`. The fragment is that of `busy`: a customer with ten
orders. The painting is measured in Chromium by performance marks, over openings of
the demo's richest ticket: from the message that brings the answer into the app's frame, to the first frame that the
browser painted with the panel in it. Without a Chromium that part is left out, and says so.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from playwright.sync_api import Frame, Page, sync_playwright

from server.attention import Around, flags
from server.model import (
    Address,
    By,
    Customer,
    Fulfillment,
    FulfillmentStatus,
    Level,
    LineItem,
    Match,
    Money,
    Note,
    Order,
    Party,
    PartyKind,
    Payment,
    PaymentStatus,
    Reason,
    ReasonCode,
    Refund,
    RefundStatus,
    Sender,
    Shipment,
    ShipmentEvent,
    ShipmentStatus,
    ShippedItem,
    ShownOrder,
    Source,
    SourceState,
    Step,
    Summary,
    Totals,
)
from server.render import to_html
from server.voice import voice
from tests.browser.conftest import EXECUTABLES, FLAGS
from tests.browser.seen import world

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ORDERS = 10
LANGUAGES = ("en-GB", "de", "fr", "ja", "ar")

MARKS = """
addEventListener("message", ({ data }) => {
  if (String(data).includes("data-complete=\\\\\\"true")) performance.mark("answered");
}, true);
addEventListener("DOMContentLoaded", () => {
  new MutationObserver(() => {
    if (!document.querySelector("#panel[data-complete=true]")) return;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => performance.mark("painted");
      port2.postMessage(null);
    });
  }).observe(document.body, { childList: true, subtree: true });
});
"""
"""A message posted from within an animation frame arrives after that frame was painted."""


def _euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def _parcel(number: int, left: datetime, *, delivered: bool) -> Shipment:
    scans = [
        ShipmentEvent(ShipmentStatus.IN_TRANSIT, "IT", left + timedelta(days=day), "Arrived at facility", "Leipzig")
        for day in (3, 2, 1)
    ]
    return Shipment(
        ShipmentStatus.DELIVERED if delivered else ShipmentStatus.IN_TRANSIT,
        carrier="DHL",
        tracking_number=f"0034043416109404{number:04}",
        tracking_url=f"https://track.example/0034043416109404{number:04}",
        shipped_at=left,
        delivered_at=left + timedelta(days=4) if delivered else None,
        estimated_at=left + timedelta(days=9),
        items=(ShippedItem("Linen Apron", Decimal(1)),),
        events=tuple(scans),
    )


def _order(number: int) -> Order:
    placed, under_way = NOW - timedelta(days=8 + 30 * number), number < 2
    home = Address("Jane Doerr", "Doerr KG", ("Invalidenstraße 43",), "Berlin", "Berlin", "10115", "DE")
    items = [
        LineItem(
            title,
            Decimal(2),
            "natural",
            f"SKU-{number}{place}",
            Decimal(1),
            Decimal(0),
            _euros("29.00"),
            _euros("58.00"),
            f"https://shop.example/pictures/{number}-{place}.jpg",
        )
        for place, title in enumerate(("Linen Apron", "Steel Bottle 750 ml"))
    ]
    given_back = ("20.00", "90.90") if number % 3 == 0 else ("0", "110.90")
    return Order(
        store=("Acme EU", "Acme US")[number % 2],
        platform="woocommerce",
        store_id=str(5500 + number),
        number=f"#{1000 + number}",
        party="42",
        currency="EUR",
        placed_at=placed,
        admin_url=f"https://shop.example/admin/orders/{5500 + number}",
        payment=Payment(PaymentStatus.PAID, "processing", "PayPal", placed),
        fulfillment=Fulfillment(FulfillmentStatus.PARTIAL if under_way else FulfillmentStatus.FULFILLED),
        totals=Totals(*map(_euros, ("116.00", "10.00", "4.90", "0", "110.90", *given_back))),
        items=tuple(items),
        shipments=tuple(
            _parcel(2 * number + part, placed + timedelta(days=1), delivered=not under_way)
            for part in range(1 + under_way)
        ),
        refunds=(
            (Refund(_euros("20.00"), RefundStatus.SUCCEEDED, placed + timedelta(days=5), "Damaged", "PayPal"),)
            if number % 3 == 0
            else ()
        ),
        shipping_address=home,
        billing_address=home,
        notes=(Note("Please ring twice, the bell is broken.", placed, "Jane Doerr", public=True),) * (number % 2),
        discount_codes=("WELCOME10",),
    )


def busy() -> Summary:
    """A customer with much behind him: ten orders in two stores, two of them under way in two parcels each.

    Every order has two items with pictures, a tracked parcel and addresses; every second one a note, every third one
    a refund.
    """
    orders = [_order(number) for number in range(ORDERS)]
    records = tuple(
        Party(store, "42", PartyKind.ACCOUNT, ("Jane Doerr",), mark=f"a{place}")
        for place, store in enumerate(("Acme EU", "Acme US"))
    )
    reasons = [Reason(ReasonCode.SAME_MAILBOX, party.store) for party in records]
    reasons += [Reason(ReasonCode.NAME_AGREES), Reason(ReasonCode.SENDER_STATED)]
    return Summary(
        complete=True,
        lookup="bench",
        generated_at=NOW,
        match=Match(Level.LIKELY, Sender.STATED, tuple(reasons), records),
        customer=Customer(
            "Jane Doerr",
            ("j•••@gmail.com",),
            ("•••01",),
            NOW - timedelta(days=900),
            ORDERS,
            (_euros("1489.00"),),
            (_euros("200.00"),),
            ("VIP",),
            records,
        ),
        flags=flags(orders, Around(NOW)),
        orders=tuple(ShownOrder(order, named_in_ticket=not place) for place, order in enumerate(orders)),
        more_orders=True,
        sources=tuple(Source(party.store, "woocommerce", SourceState.ANSWERED, NOW) for party in records),
        steps=tuple(Step(party.store, By.EMAIL, SourceState.ANSWERED, 120, 5) for party in records),
        masked=frozenset({"email", "phone", "address"}),
        may_search=True,
        may_reveal=True,
    )


def render(renders: int) -> None:
    """Prints what a fragment takes to write, and how large it is."""
    summary = busy()
    for language in LANGUAGES:
        speak = voice(language, "Europe/Berlin", NOW)
        size = len(to_html(summary, speak).encode())
        took = _spread(partial(to_html, summary, speak), renders)
        print(f"{language:<6} {size:>6} bytes for {ORDERS} orders   CPU {took}")


def _spread(act: Callable[[], object], times: int) -> str:
    samples = []
    for _ in range(times):
        began = time.process_time()
        act()
        samples.append((time.process_time() - began) * 1000)
    return f"p50 {statistics.median(samples):5.2f} ms   p95 {statistics.quantiles(samples, n=20)[-1]:5.2f} ms"


def paint(openings: int) -> None:
    """Prints what passes between the answer and the painted panel."""
    found = next(filter(None, map(shutil.which, EXECUTABLES)), None)
    if found is None:
        print("painting: not measured, there is no Chromium")
        return
    with tempfile.TemporaryDirectory() as folder, world(Path(folder), None) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        waits = []
        for _ in range(openings):
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            waits.append(_wait(tab, f"{address}/#six-stores"))
            tab.close()
        browser.close()
    middle, last = statistics.median(waits), max(waits)
    print(f"painted after the answer arrived, {openings} openings:   p50 {middle:.1f} ms   worst {last:.1f} ms")


def _wait(tab: Page, address: str) -> float:
    tab.add_init_script(MARKS)
    tab.goto(address)
    frame: Frame | None = tab.frame_locator("#app iframe").owner.element_handle().content_frame()
    assert frame is not None
    took: float = frame.evaluate(
        """() => new Promise((resolve) => {
          const marks = () => ["answered", "painted"].map((name) => performance.getEntriesByName(name)[0]?.startTime);
          const look = () => (marks()[1] ? resolve(marks()[1] - marks()[0]) : setTimeout(look, 20));
          look();
        })"""
    )
    return took


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renders", type=int, default=200)
    parser.add_argument("--openings", type=int, default=20)
    args = parser.parse_args()
    render(args.renders)
    paint(args.openings)


if __name__ == "__main__":
    main()
