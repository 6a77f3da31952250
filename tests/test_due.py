"""What each platform tells of when money is due and of suspected fraud; nothing where it tells nothing."""

import pytest

from server.connectors.amazon import Amazon
from server.connectors.api2cart import Api2Cart
from server.connectors.bigcommerce import BigCommerce
from server.connectors.magento import Magento
from server.connectors.shopify import Shopify
from server.connectors.woocommerce import WooCommerce
from server.model import Due, Order

from .connectors.test_all import PLATFORMS


def order(kind: object, *changes: tuple[str, object], scenario: str = "one_party") -> Order:
    told = PLATFORMS[kind]()  # type: ignore[index]
    case = told.scenario(scenario)
    for place, value in changes:
        pointer = told.places.get(place, place)
        case = case.put(pointer, value)
    return told.order(case)


def row(kind: object, place: str) -> str:
    """The pointer to the order in `one_party`, by the place of one of its fields."""
    pointer = PLATFORMS[kind].places[place]  # type: ignore[index]
    return (pointer if isinstance(pointer, str) else pointer[0]).rpartition("/")[0]


MAGENTO = row(Magento, "number")
SHOPIFY = row(Shopify, "number")


@pytest.mark.parametrize(
    ("word", "review"),
    [("ACCEPT", None), ("NONE", None), ("INVESTIGATE", "INVESTIGATE"), ("CANCEL", "CANCEL"), ("NEW_WORD", None)],
)
def test_shopify_recommends_to_look_at_an_order(word: str, review: str | None) -> None:
    assert order(Shopify, (f"{SHOPIFY}/risk", {"recommendation": word})).review == review


def test_shopify_may_tell_no_risk() -> None:
    assert order(Shopify, (f"{SHOPIFY}/risk", None)).review is None


def test_shopify_tells_when_an_authorisation_ends() -> None:
    ends = order(Shopify, (f"{SHOPIFY}/transactions/0/authorizationExpiresAt", "2026-11-25T10:00:00Z")).payment
    assert ends.expires_at is not None
    assert ends.expires_at.isoformat() == "2026-11-25T10:00:00+00:00"
    assert order(Shopify).payment.expires_at is None


def test_cash_is_due_on_delivery() -> None:
    cash = "Cash on Delivery (COD)"
    pointers = PLATFORMS[WooCommerce].places["number"]
    woo = [(each.replace("/number", "/payment_method"), "cod") for each in pointers]
    assert order(Shopify, (f"{SHOPIFY}/transactions/0/formattedGateway", cash)).payment.due is Due.ON_DELIVERY
    assert order(WooCommerce, *woo).payment.due is Due.ON_DELIVERY
    assert order(Magento, (f"{MAGENTO}/payment", {"method": "cashondelivery"})).payment.due is Due.ON_DELIVERY
    assert {order(kind).payment.due for kind in (Shopify, WooCommerce, Magento)} == {Due.WITH_ORDER}


def test_amazon_takes_the_money_as_goods_leave() -> None:
    assert order(Amazon, scenario="by_relay_address").payment.due is Due.ON_DISPATCH


@pytest.mark.parametrize("word", ["fraud", "payment_review"])
def test_magento_has_two_words_for_it(word: str) -> None:
    assert order(Magento, (f"{MAGENTO}/status", word)).review == word
    assert order(Magento).review is None


def test_bigcommerces_gateway_holds_a_payment_for_review() -> None:
    assert order(BigCommerce, ("payment", "held for review")).review == "held for review"
    assert order(BigCommerce).review is None


def test_api2cart_passes_the_platforms_word_on() -> None:
    assert order(Api2Cart, ("payment", "Payment Review")).review == "Payment Review"
    assert order(Api2Cart).review is None
