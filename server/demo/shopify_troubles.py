"""Acme US' orders that need somebody: one for each thing that the panel points at. Everybody here is invented."""

from .shopify_books import Books, Row, line, money, paid, place


def troubles(books: Books) -> None:
    """Adds the customers of `scenarios_attention` and their orders."""
    _partly_paid(books)
    _authorised(books)
    _late(books)
    _not_received(books)
    _twice(books)
    _elsewhere(books)
    _suspected(books)


def _customer(books: Books, first: str, last: str, email: str, street: str, city: str, code: str) -> tuple[Row, Row]:
    home = place(f"{first} {last}", street, city, "Oregon", code)
    return books.customer(first, last, email, home), home


def _partly_paid(books: Books) -> None:
    ben, home = _customer(books, "Ben", "Ortiz", "ben.ortiz@example.com", "12 Alder Way", "Portland", "97201")
    books.order("2250", 4, ben, home, line("Oak Table", "240.00"), displayFinancialStatus="PARTIALLY_PAID")


def _authorised(books: Books) -> None:
    """And a return of three weeks ago that never came."""
    carla, home = _customer(books, "Carla", "Nunes", "carla.nunes@example.com", "8 Pine Street", "Salem", "97301")
    books.order(
        "2251",
        6,
        carla,
        home,
        line("Floor Lamp", "120.00"),
        displayFinancialStatus="AUTHORIZED",
        transactions=[paid(books.ago(6)) | {"kind": "AUTHORIZATION", "authorizationExpiresAt": books.ago(-1)}],
    )
    rug = line("Jute Rug", "75.00", sent=True)
    books.order(
        "2190",
        25.5,
        carla,
        home,
        rug,
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[books.parcel("DELIVERED", 25, "1Z2190CN0000002190", delivered=24)],
        returns=[
            {
                "name": "#US-2190-R1",
                "status": "OPEN",
                "createdAt": books.ago(22),
                "returnLineItems": [
                    {
                        "__typename": "ReturnLineItem",
                        "quantity": 1,
                        "returnReasonNote": "",
                        "returnReasonDefinition": {"name": "Wrong colour"},
                        "fulfillmentLineItem": {"lineItem": rug},
                    }
                ],
            }
        ],
    )


def _late(books: Books) -> None:
    """And one that was refunded and goes out all the same."""
    dina, home = _customer(books, "Dina", "Roth", "dina.roth@example.com", "3 River Road", "Bend", "97701")
    books.order(
        "2252",
        7,
        dina,
        home,
        line("Wool Throw", "58.00", sent=True),
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[
            books.parcel(
                "IN_TRANSIT", 6, "1Z2252DR0000002252", books.scan("IN_TRANSIT", 1, "Reno", "Nevada", "Departed")
            )
            | {"estimatedDeliveryAt": books.ago(2)}
        ],
    )
    books.order(
        "2238",
        8,
        dina,
        home,
        line("Tea Towel", "12.00", sent=True),
        displayFinancialStatus="REFUNDED",
        displayFulfillmentStatus="FULFILLED",
        totalRefundedSet=money("17.00"),
        refunds=[
            {
                "processedAt": books.ago(3),
                "note": None,
                "totalRefundedSet": money("17.00"),
                "transactions": [{"status": "SUCCESS", "formattedGateway": "Shopify Payments"}],
                "refundLineItems": [{"quantity": 1, "lineItem": {"title": "Tea Towel"}}],
            }
        ],
        fulfillments=[
            books.parcel(
                "IN_TRANSIT", 4, "1Z2238DR0000002238", books.scan("IN_TRANSIT", 2, "Reno", "Nevada", "Arrived")
            )
        ],
    )


def _not_received(books: Books) -> None:
    emil, home = _customer(books, "Emil", "Frank", "emil.frank@example.com", "41 Hill Lane", "Eugene", "97401")
    books.order(
        "2253",
        9,
        emil,
        home,
        line("Steel Bottle", "27.00", variant="750 ml", sent=True),
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[
            books.parcel(
                "DELIVERED",
                8,
                "1Z2253EF0000002253",
                books.scan("DELIVERED", 3, "Eugene", "Oregon", "Left at the side door"),
                delivered=3,
            )
        ],
    )


def _twice(books: Books) -> None:
    fay, home = _customer(books, "Fay", "Lund", "fay.lund@example.com", "6 Mill Court", "Ashland", "97520")
    minute = 1 / 24 / 60
    books.order("2254", 1, fay, home, line("Desk Lamp", "79.00"))
    books.order("2255", 1 - 3 * minute, fay, home, line("Desk Lamp", "79.00"))


def _elsewhere(books: Books) -> None:
    """A part of it has left, the rest should have."""
    gus, home = _customer(books, "Gus", "Holm", "gus.holm@example.com", "19 Lake View", "Medford", "97504")
    books.order(
        "2256",
        12,
        gus,
        home,
        line("Linen Sheet", "88.00", sent=True),
        line("Pillow Case", "18.00", quantity=2),
        displayFulfillmentStatus="PARTIALLY_FULFILLED",
        fulfillments=[books.parcel("DELIVERED", 11, "1Z2256GH0000002256", delivered=7)],
    )


def _suspected(books: Books) -> None:
    hana, home = _customer(books, "Hana", "Ito", "hana.ito@example.com", "70 Grove Street", "Corvallis", "97330")
    books.order("2257", 5, hana, home, line("Watch", "420.00"), risk={"recommendation": "INVESTIGATE"})
