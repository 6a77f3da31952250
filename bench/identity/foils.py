"""How order sidebars match today: two simple ways, to be seen beside ours on the same tickets."""

from server.identity.extract import mentions, order_numbers
from server.model import Facts, Level

from .score import MANNER
from .town import Shop, Town

NOBODY: MANNER = (Level.NONE, frozenset(), frozenset())


def exact_email(town: Town, facts: Facts, down: frozenset[str]) -> MANNER:
    """Whatever stands under the requester's address, letter by letter, is his."""
    address = (facts.requester.email or "").lower()
    hits = [
        order.id
        for shop in town.shops
        if shop.store.name not in down
        for id_ in shop.by_mail.get(address, ())
        for order in shop.by_party[id_]
    ]
    return (Level.LIKELY, frozenset(hits), frozenset()) if hits else NOBODY


def first_hit(town: Town, facts: Facts, down: frozenset[str]) -> MANNER:
    """The first record that any identifier brings: address, phone, order number, then everybody of that name."""
    if (found := exact_email(town, facts, down)) is not NOBODY:
        return found
    shops = [shop for shop in town.shops if shop.store.name not in down]
    digits = "".join(filter(str.isdigit, facts.requester.phone or ""))
    words = mentions(facts.ticket)
    for shop in shops:
        if digits and (ids := shop.by_phone.get(digits)):
            return _file(shop, min(ids))
        for number in order_numbers(words, shop.store.order_number):
            key = "".join(filter(str.isdigit, number)).lstrip("0") or number
            if orders := shop.by_number.get(key):
                return _file(shop, orders[0].party)
    for shop in shops:
        for party in shop.parties.values():
            if party.names[0] == facts.requester.name:
                return _file(shop, party.store_id)
    return NOBODY


def _file(shop: Shop, party: str) -> MANNER:
    return Level.LIKELY, frozenset(order.id for order in shop.by_party[party]), frozenset()
