"""An order's money as one line that adds up: what it was made of, how it was paid, what was given back. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from .. import words
from ..model import Money, Order, PaymentStatus, Totals
from ..sentences import readable, refund_pending, unsettled
from ..texts import N_
from ..voice import Voice

_ITEMS, _DISCOUNT, _SHIPPING = N_("Items {amount}"), N_("discount {amount}"), N_("shipping {amount}")
_TAX = N_("tax {amount}")


def money_line(order: Order, voice: Voice) -> list[str]:
    """`Items €87.00 + shipping €2.90 = €89.90, by PayPal` · `refunded €20.00` · `kept €69.90`: its parts."""
    made, method = _made_of(order.totals, voice), order.payment.method and readable(order.payment.method)
    paid = voice.say("{sum}, by {method}", sum=made, method=method) if made and method else made or method
    told = [paid, *_given_back(order, voice), *map(voice.apart, order.discount_codes)]
    return [text for text in told if text]


def _made_of(totals: Totals, voice: Voice) -> str:
    """A sum only where it comes out even: shops count tax in or on top, and some charge what they do not name."""
    total, items, tax = totals.total, totals.items, totals.tax
    less, sent = totals.discount, totals.shipping
    parts = [("", _ITEMS, items), (" − ", _DISCOUNT, less), (" + ", _SHIPPING, sent)]
    on_top = _amount(items) - _amount(less) + _amount(sent)
    there = {money.currency for money in (total, items, less, sent, tax) if money}
    if total is None or items is None or len(there) > 1:
        return voice.say("Total {amount}", amount=total) if total else ""
    if on_top != total.amount:
        parts.append((" + ", _TAX, tax))
        on_top += _amount(tax)
    named = [(sign, voice.say(text, amount=money)) for sign, text, money in parts if money and money.amount]
    if on_top != total.amount:
        return " · ".join([*(said for _, said in named), voice.say("total {amount}", amount=total)])
    if len(named) < 2:
        return voice.say("Total {amount}", amount=total)
    return "".join(sign + said for sign, said in named) + f" = {voice.money(total)}"


def _amount(money: Money | None) -> Decimal:
    return abs(money.amount) if money else Decimal()


def _given_back(order: Order, voice: Voice) -> Iterator[str]:
    """What was not simply paid, and what the shop kept of it."""
    payment, refunded = order.payment, order.totals.refunded
    if refund_pending(order):
        yield (
            voice.say("refund of {amount} not settled", amount=amount)
            if (amount := unsettled(order))
            else voice.say("refund not settled")
        )
    elif refunded and refunded.amount:
        yield voice.say("refunded {amount}", amount=refunded)
        if order.totals.kept:
            yield voice.say("kept {sums}", sums=[voice.money(order.totals.kept)])
    elif payment.status is PaymentStatus.UNKNOWN:
        yield f"“{voice.apart(payment.raw)}”" if payment.raw else voice.say(words.PAYMENTS[payment.status])
    elif payment.status is not PaymentStatus.PAID:
        yield voice.say(words.PAYMENTS[payment.status])
    if payment.failure:
        yield voice.apart(readable(payment.failure))
