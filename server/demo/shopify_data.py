"""The Shopify shops of the demo's world. Everybody here is invented; times count from `now`."""

from datetime import datetime

from .shopify_books import Books, Row, Shop, line, money, paid, place
from .shopify_troubles import troubles


def acme_us(now: datetime) -> Shop:
    """Acme US: one order for each thing that can go right or wrong, and two strangers that its search brings up."""
    books = Books(now, "#US-", 5_480_000_000)
    _delivered(books)
    _stalled(books)
    _disputed(books)
    _refund_pending(books)
    _return_requested(books)
    _payment_failed(books)
    _two_currencies(books)
    troubles(books)
    home = place("Li Wei", "88 Market Street", "San Francisco", "California", "94103")
    books.order("2233", 4, "li.wei@example.cn", home, line("Tea Canister", "24.00"), note="No plastic, please.")
    _strangers(books)
    return books.shop()


def cedar(now: datetime) -> Shop:
    """Cedar & Co: Lucas and his one order, on its way."""
    books = Books(now, "#C", 7_310_000_000)
    home = place("Lucas Martin", "14 rue des Lilas", "Lyon", "Rhône", "69003", "FR")
    lucas = books.customer("Lucas", "Martin", "lucas.martin@example.fr", home, amountSpent=_usd("119.00"))
    books.order(
        "5021",
        5,
        lucas,
        home,
        line("Cedar Chest", "99.00", variant="small", sent=True),
        shipping="20.00",
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[
            books.parcel(
                "IN_TRANSIT",
                4,
                "1Z5021LM0000005021",
                books.scan("CARRIER_PICKED_UP", 3.7, "Seattle", "Washington", "Picked up"),
                books.scan("IN_TRANSIT", 0.5, "Louisville", "Kentucky", "Departed from facility"),
            )
        ],
    )
    return books.shop()


def _usd(amount: str) -> Row:
    return {"amount": amount, "currencyCode": "USD"}


def _delivered(books: Books) -> None:
    home = place("Jane Doerr", "7 Elm Street", "Boston", "Massachusetts", "02108")
    jane = books.customer("Jane", "Doerr", "jane.doerr@gmail.com", home, amountSpent=_usd("31.00"), tags=["newsletter"])
    books.order(
        "2210",
        20,
        jane,
        home,
        line("Linen Towel", "26.00", variant="sand", quantity=2, sent=True),
        displayFulfillmentStatus="FULFILLED",
        discountCodes=["WELCOME"],
        fulfillments=[
            books.parcel(
                "DELIVERED",
                19,
                "1Z2210JD0000002210",
                books.scan("CARRIER_PICKED_UP", 18.7, "Newark", "New Jersey", "Picked up"),
                books.scan("OUT_FOR_DELIVERY", 16.3, "Boston", "Massachusetts", "Out for delivery"),
                books.scan("DELIVERED", 16, "Boston", "Massachusetts", "Left at the front door"),
                delivered=16,
            )
        ],
    )


def _stalled(books: Books) -> None:
    home = place("Grace Kim", "310 Beale Street", "Memphis", "Tennessee", "38103", phone="+19015550142")
    grace = books.customer("Grace", "Kim", "grace.kim@example.com", home, amountSpent=_usd("69.00"))
    books.order(
        "2225",
        10,
        grace,
        home,
        line("Wool Blanket", "64.00", sent=True),
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[
            books.parcel(
                "IN_TRANSIT",
                9,
                "1Z2225GK0000002225",
                books.scan("CARRIER_PICKED_UP", 8.7, "Newark", "New Jersey", "Picked up"),
                books.scan("IN_TRANSIT", 6, "Memphis", "Tennessee", "Arrived at facility"),
            )
        ],
    )


def _disputed(books: Books) -> None:
    home = place("Daniel Wright", "52 Oak Avenue", "Austin", "Texas", "78701")
    daniel = books.customer("Daniel", "Wright", "daniel.wright@example.com", home, amountSpent=_usd("145.00"))
    books.order(
        "2218",
        12,
        daniel,
        home,
        line("Canvas Backpack", "140.00", variant="olive", sent=True),
        displayFulfillmentStatus="FULFILLED",
        disputes=[{"initiatedAs": "CHARGEBACK", "status": "NEEDS_RESPONSE"}],
        fulfillments=[
            books.parcel(
                "DELIVERED",
                9,
                "1Z2218DW0000002218",
                books.scan("OUT_FOR_DELIVERY", 4.3, "Austin", "Texas", "Out for delivery"),
                books.scan("DELIVERED", 4, "Austin", "Texas", "Delivered, handed to resident"),
                delivered=4,
            )
        ],
    )


def _refund_pending(books: Books) -> None:
    home = place("Olivia Brown", "9 Pearl Street", "Denver", "Colorado", "80203")
    olivia = books.customer("Olivia", "Brown", "olivia.brown@example.com", home)
    books.order(
        "2236",
        3,
        olivia,
        home,
        line("Cutting Board", "53.00") | {"currentQuantity": 0, "unfulfilledQuantity": 0, "nonFulfillableQuantity": 1},
        displayFinancialStatus="REFUNDED",
        cancelledAt=books.ago(2),
        cancelReason="CUSTOMER",
        totalRefundedSet=money("58.00"),
        refunds=[
            {
                "processedAt": books.ago(2),
                "note": None,
                "totalRefundedSet": money("58.00"),
                "transactions": [{"status": "PENDING", "formattedGateway": "Shopify Payments"}],
                "refundLineItems": [{"quantity": 1, "lineItem": {"title": "Cutting Board"}}],
            }
        ],
    )


def _return_requested(books: Books) -> None:
    home = place("Noah Schmidt", "77 Lake Drive", "Chicago", "Illinois", "60601")
    noah = books.customer("Noah", "Schmidt", "noah.schmidt@example.com", home, amountSpent=_usd("93.00"))
    jacket = line("Rain Jacket", "70.00", variant="M", sent=True)
    books.order(
        "2229",
        9,
        noah,
        home,
        jacket,
        line("Wool Socks", "18.00", sent=True),
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[
            books.parcel(
                "DELIVERED",
                8,
                "1Z2229NS0000002229",
                books.scan("DELIVERED", 5, "Chicago", "Illinois", "Left with concierge"),
                delivered=5,
            )
        ],
        returns=[
            {
                "name": "#US-2229-R1",
                "status": "REQUESTED",
                "createdAt": books.ago(1),
                "returnLineItems": [
                    {
                        "__typename": "ReturnLineItem",
                        "quantity": 1,
                        "returnReasonNote": "",
                        "returnReasonDefinition": {"name": "Too small"},
                        "fulfillmentLineItem": {"lineItem": jacket},
                    }
                ],
            }
        ],
    )


def _payment_failed(books: Books) -> None:
    home = place("Sam Carter", "4 Mill Road", "Nashville", "Tennessee", "37203")
    sam = books.customer("Sam", "Carter", "sam.carter@example.com", home)
    books.order(
        "2240",
        1,
        sam,
        home,
        line("Steel Bottle", "27.00", variant="500 ml"),
        displayFinancialStatus="PENDING",
        transactions=[paid(books.ago(1), status="FAILURE", error="INSUFFICIENT_FUNDS")],
    )


def _two_currencies(books: Books) -> None:
    home = place("Yuki Tanaka", "2-11-3 Meguro", "Tokyo", "Tokyo", "153-0063", "JP", "+81355550177")
    yuki = books.customer("Yuki", "Tanaka", "yuki.tanaka@example.jp", home, amountSpent=_usd("127.40"))
    books.order(
        "2231",
        6,
        yuki,
        home,
        line("Ceramic Teapot", "0") | {"discountedTotalSet": money("11800", "JPY")},
        currency="JPY",
        shipping="1000",
    )
    books.order("2219", 11, yuki, home, line("Tea Whisk", "38.00", sent=True), displayFulfillmentStatus="FULFILLED")


def _strangers(books: Books) -> None:
    """Whom Shopify's search takes for Jane, for Li Wei and for #US-2210."""
    mary = place("Mary Doerr", "15 Hill Road", "Salem", "Oregon", "97301")
    books.order(
        "2205",
        25,
        books.customer("Mary Jane", "Doerr", "mary.jane.doerr@gmail.com", mary, amountSpent=_usd("17.00")),
        mary,
        line("Tea Towel", "12.00"),
    )
    books.order(
        "2227",
        9.5,
        "xi.li.wei@example.cn",
        place("Xi Li Wei", "3 Grant Avenue", "Oakland", "California", "94607"),
        line("Tea Canister", "24.00"),
    )
    peter = place("Peter Lang", "6 Bay Street", "Tampa", "Florida", "33602")
    books.order(
        "2210-B",
        19.5,
        books.customer("Peter", "Lang", "peter.lang@example.com", peter, amountSpent=_usd("45.00")),
        peter,
        line("Desk Lamp", "40.00"),
    )
