"""What the ticket adds: goods that a customer misses, another brand's store, a customer who writes again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from msgspec.structs import replace

from server.attention import flags
from server.attention.not_received import says_not_received
from server.model import Order, ShipmentStatus, Ticket

from .orders import CANCELLED, around, codes, line, order, parcel, ticket

MISSING = [
    "My parcel never arrived.",
    "The package hasn't arrived yet.",
    "It has not been delivered to me!",
    "I did not receive my order",
    "I haven’t received it, and I want a refund.",
    "Tracking says #1044 was delivered to our studio, but nobody signed for it.",
    "Your website says delivered but there is no parcel here",
    "It says it arrived. It did not arrive.",
    "I think my parcel was stolen",
    "It never showed up",
    "mein Paket ist nicht angekommen",
    "Ich habe die Bestellung nie erhalten.",
    "Die Sendung ist laut DHL zugestellt, aber bei mir ist nichts angekommen",
    "Das Paket ist noch nicht da",
    "Ich habe kein Paket bekommen",
    "Je n'ai toujours pas reçu mon colis",
    "Mon colis n’est jamais arrivé",
    "No he recibido mi pedido",
    "El paquete nunca llegó",
    "Não recebi o pedido",
    "A encomenda ainda não chegou",
    "Non ho mai ricevuto il pacco",
    "Il pacco non è arrivato",
    "Ik heb mijn pakket niet ontvangen",
    "Het pakket is nooit aangekomen",
    "荷物が届いていません",
    "商品がまだ届かないのですが",
    "まだ受け取っていません。",
    "لم أستلم الطلب",
    "الطرد لم يصل حتى الآن",
    "ما وصلني الطرد",
    "MY PARCEL NEVER ARRIVED",
]

NOT_MISSING = [
    "",
    "Where can I find the invoice?",
    "I have not received a reply from you.",
    "I never received the refund.",
    "I haven't received any confirmation e-mail",
    "My parcel arrived, thank you!",
    "It had not arrived yesterday, but it came today.",
    "It hadn't arrived. Never mind, I found it at the neighbour's.",
    "If it has not arrived by Friday, I will write again.",
    "It arrived broken.",
    "The lamp does not work.",
    "It did not come with a charger",
    "I do not get why this costs so much",
    "Ich habe noch keine Antwort erhalten.",
    "Die Erstattung ist nicht angekommen.",
    "Ich habe keine Rechnung bekommen",
    "Das Paket war nicht da, ist jetzt aber doch angekommen.",
    "Falls es nicht ankommen sollte, melde ich mich.",
    "Je n'ai pas reçu de réponse",
    "Je n'ai pas reçu le remboursement",
    "Le colis est arrivé hier",
    "No he recibido respuesta",
    "No recibí el reembolso",
    "Não recebi resposta",
    "Non ho ricevuto la fattura",
    "Ik heb geen antwoord ontvangen",
    "返信が届いていません",
    "荷物が届きました。ありがとうございます。",
    "لم يصل الرد",
    "وصل الطرد شكرا",
]


@pytest.mark.parametrize("text", MISSING)
def test_a_customer_misses_his_goods(text: str) -> None:
    assert says_not_received([text])


@pytest.mark.parametrize("text", NOT_MISSING)
def test_a_customer_does_not_miss_his_goods(text: str) -> None:
    assert not says_not_received([text])


def test_what_he_says_last_counts() -> None:
    assert not says_not_received(["It has arrived now, thanks.", "It never arrived."])
    assert says_not_received(["It never arrived.", "It has arrived now, thanks."])
    assert says_not_received(["Any news?", "It never arrived."])


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert says_not_received([text]) in {True, False}


DELIVERED = {"shipments": (parcel(ShipmentStatus.DELIVERED, 3),)}
LOST = "It never arrived."
OTHER = structs.replace(order(items=(line("Mug"),)), store_id="77", number="1077")


def test_delivered_and_missed() -> None:
    assert codes(order(**DELIVERED), beside=around(Ticket(), LOST)) == ["not_received"]
    assert codes(order(**DELIVERED), beside=around(Ticket(subject="Never arrived"))) == ["not_received"]


UNCHANGED: dict[str, dict[str, Any]] = {
    "on its way": {"shipments": (parcel(ShipmentStatus.IN_TRANSIT, 1),)},
    "one of two has come": {"shipments": (parcel(ShipmentStatus.DELIVERED, 3), parcel(ShipmentStatus.IN_TRANSIT, 1))},
    "nobody knows where it is": {"shipments": (parcel(ShipmentStatus.UNKNOWN, None),)},
    "nothing was sent": {"shipments": ()},
}


@pytest.mark.parametrize("parts", UNCHANGED.values(), ids=UNCHANGED)
def test_what_was_not_delivered_is_not_missed(parts: dict[str, Any]) -> None:
    assert codes(order(**parts), beside=around(Ticket(), LOST)) == []


def test_a_cancelled_order_is_not_missed() -> None:
    assert "not_received" not in codes(order(**DELIVERED, cancelled=CANCELLED), beside=around(Ticket(), LOST))


def test_only_the_order_that_the_ticket_is_about_is_missed() -> None:
    one, two = order(**DELIVERED), structs.replace(OTHER, shipments=DELIVERED["shipments"])
    assert _missed(one, two) == ["1042"]
    assert _missed(one, two, named=(two.id,)) == ["1077"]
    assert _missed(one, two, named=(one.id, two.id)) == ["1042", "1077"]


def _missed(*orders: Order, named: tuple[str, ...] = ()) -> list[str]:

    return [flag.order.number for flag in flags(orders, around(Ticket(), LOST, named=named))]


US = structs.replace(order(), store="Acme US", store_id="9", number="US-9")
SLOW = structs.replace(order(), store="Acme Slow", store_id="8", number="8")


@pytest.mark.parametrize(
    ("orders", "brand", "named", "found"),
    [
        ([US], "Acme Europe", (), ["other_brand"]),
        ([US], "Acme America", (), []),
        ([US, order()], "Acme Europe", (), []),
        ([US, order()], "Acme Europe", (US.id,), ["other_brand"]),
        ([order(), US], "Acme Europe", (order().id, US.id), []),
        ([US], None, (), []),
        ([US], "A brand without stores", (), []),
        ([SLOW], "Acme Europe", (), []),
        ([structs.replace(US, store="A store that has gone")], "Acme Europe", (), []),
    ],
    ids=[
        "all he has is elsewhere",
        "the brand's own store",
        "he has some here",
        "he means the one elsewhere",
        "he means one here too",
        "no brand",
        "a brand that no store is for",
        "a store of no brand",
        "a store that nobody knows",
    ],
)
def test_orders_of_another_brand(
    orders: list[Order], brand: str | None, named: tuple[str, ...], found: list[str]
) -> None:
    assert codes(*orders, beside=around(Ticket(brand=brand), named=named)) == found


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([("requester", 0.1), ("requester", 2)], ["written_again"]),
        ([("requester", 0.1), ("other", 1), ("requester", 2), ("agent", 3)], ["written_again"]),
        ([("requester", 0.1), ("requester", 0.2)], []),
        ([("requester", 0.1), ("agent", 1), ("requester", 2)], []),
        ([("agent", 0.1), ("requester", 1), ("requester", 3)], []),
        ([("requester", 1)], []),
        ([], []),
    ],
    ids=[
        "two days without an answer",
        "a third party is no answer",
        "an afterthought",
        "answered in between",
        "answered",
        "once",
        "a new ticket",
    ],
)
def test_a_customer_writes_again(texts: list[tuple[str, float]], found: list[str]) -> None:
    assert codes(order(), OTHER, beside=around(ticket(*texts))) == found


def test_messages_that_nobody_dated_are_not_counted() -> None:
    undated = ticket(("requester", 0.1), ("requester", 3))
    undated = replace(undated, texts=(undated.texts[0], replace(undated.texts[1], at=None)))
    assert codes(order(), beside=around(undated)) == []
