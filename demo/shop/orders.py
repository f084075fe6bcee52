"""An order and what can happen to it. Pure: time and ids are given, refusals are raised, nothing is stored here.

All amounts are cents with tax included.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from .browser import Client
from .money import slice_of
from .pricing import PricedCart

NewId = Callable[[], int]


class Refused(Exception):
    """What was asked cannot be done; the message says why, for a person."""


@dataclass(frozen=True)
class Buyer:
    customer_id: int
    email: str
    first_name: str
    last_name: str
    country: str
    orders_count: int  # with this one


@dataclass
class Line:
    id: int
    product: str  # slug
    quantity: int
    price: int
    discount: int
    tax: int
    returned: int = 0  # refunded or taken out of the order
    shipped: int = 0

    @property
    def net(self) -> int:
        return self.price * self.quantity - self.discount

    @property
    def kept(self) -> int:
        return self.quantity - self.returned

    @property
    def unshipped(self) -> int:
        return max(self.kept - self.shipped, 0)

    @property
    def kept_net(self) -> int:
        return self.net - slice_of(self.net, start=0, count=self.returned, parts=self.quantity)

    @property
    def kept_tax(self) -> int:
        return self.tax - slice_of(self.tax, start=0, count=self.returned, parts=self.quantity)

    @property
    def kept_discount(self) -> int:
        return self.discount - slice_of(self.discount, start=0, count=self.returned, parts=self.quantity)


@dataclass(frozen=True)
class RefundLine:
    id: int
    line_id: int
    quantity: int
    subtotal: int
    tax: int


@dataclass(frozen=True)
class Refund:
    """`moved` is the money given back: lines + shipping + extra. An edit before payment moves nothing.

    `extra` is what was given beyond the lines (or, negative, not given because it had been given before).
    """

    id: int
    transaction_id: int
    created_at: datetime
    note: str
    lines: tuple[RefundLine, ...]
    shipping: int
    shipping_tax: int
    extra: int
    moved: int


@dataclass
class Dispute:
    """The buyer's bank asks this much back. `status` as Shopify names it: needs_response, won or lost."""

    id: int
    amount: int
    status: str
    initiated_at: datetime
    finalized_at: datetime | None = None


@dataclass
class Parcel:
    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    units: dict[int, int]  # line id -> quantity
    shipment_status: str | None = None

    @property
    def delivered(self) -> bool:
        return self.shipment_status == "delivered"


@dataclass
class Order:
    id: int
    number: int
    token: str
    buyer: Buyer
    created_at: datetime
    updated_at: datetime
    lines: list[Line]
    shipping: int
    shipping_tax: int
    code: str | None = None
    code_kind: str | None = None
    code_value: int = 0
    landing_site: str | None = None
    referral_token: str | None = None
    client: Client = field(default_factory=Client)
    test: bool = False
    paid: int = 0
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    parcels: list[Parcel] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def subtotal(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines) + self.shipping_tax

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping

    @property
    def refunded(self) -> int:
        return sum(refund.moved for refund in self.refunds)

    @property
    def refundable(self) -> int:
        return self.paid - self.refunded

    @property
    def kept_shipping(self) -> int:
        return self.shipping - sum(refund.shipping for refund in self.refunds)

    @property
    def kept_shipping_tax(self) -> int:
        return self.shipping_tax - sum(refund.shipping_tax for refund in self.refunds)

    @property
    def kept_total(self) -> int:
        extras = sum(refund.extra for refund in self.refunds)
        return sum(line.kept_net for line in self.lines) + self.kept_shipping - extras

    @property
    def voided(self) -> bool:
        """Cancelled before anything was paid: nothing is owed any more."""
        return self.cancelled_at is not None and self.paid_at is None

    @property
    def financial_status(self) -> str:
        if self.paid_at is None:
            return "voided" if self.cancelled_at else "pending"
        if self.refunded == 0:
            return "paid"
        return "partially_refunded" if self.refundable else "refunded"

    @property
    def fulfillment_status(self) -> str | None:
        if not self.parcels:
            return None
        return "partial" if self.unshipped else "fulfilled"

    @property
    def unshipped(self) -> int:
        return sum(line.unshipped for line in self.lines)

    def line(self, line_id: int) -> Line:
        for line in self.lines:
            if line.id == line_id:
                return line
        raise Refused(_("This order has no such line."))


def place(
    cart: PricedCart,
    *,
    buyer: Buyer,
    number: int,
    token: str,
    new_id: NewId,
    now: datetime,
    landing_site: str | None,
    referral_token: str | None,
    client: Client | None = None,
    test: bool = False,
) -> Order:
    if not cart.lines:
        raise Refused(_("The cart is empty."))
    lines = [
        Line(new_id(), line.product.slug, line.quantity, line.product.price, line.discount, line.tax)
        for line in cart.lines
    ]
    order = Order(
        id=new_id(),
        number=number,
        token=token,
        buyer=buyer,
        created_at=now,
        updated_at=now,
        lines=lines,
        shipping=cart.shipping,
        shipping_tax=cart.shipping_tax,
        landing_site=landing_site,
        referral_token=referral_token,
        client=client or Client(),
        test=test,
    )
    if cart.code:
        order.code, order.code_kind, order.code_value = cart.code.code, cart.code.kind, cart.code.value
    return order


def pay(order: Order, *, now: datetime) -> None:
    refuse_if_cancelled(order)
    if order.paid_at:
        raise Refused(_("This order is paid already."))
    order.paid, order.paid_at, order.updated_at = order.kept_total, now, now


def ship(order: Order, *, parcels: Sequence[dict[int, int]], new_id: NewId, now: datetime) -> list[Parcel]:
    """Each parcel holds line id -> quantity."""
    refuse_if_cancelled(order)
    sent = []
    for units in parcels:
        take_out_of_stock(order, units)
        name = f"{order.name}.{len(order.parcels) + 1}"
        parcel = Parcel(new_id(), name, now, now, dict(units))
        order.parcels.append(parcel)
        sent.append(parcel)
    order.updated_at = now
    return sent


def take_out_of_stock(order: Order, units: dict[int, int]) -> None:
    if not units:
        raise Refused(_("There is nothing left to ship."))
    for line_id, quantity in units.items():
        line = order.line(line_id)
        if not 0 < quantity <= line.unshipped:
            raise Refused(_("Only what was bought and not yet sent can be shipped."))
        line.shipped += quantity


def everything_unshipped(order: Order, *, parcels: int) -> list[dict[int, int]]:
    """All that is left in one parcel, or halved unit by unit into two."""
    units = [line.id for line in order.lines for _unit in range(line.unshipped)]
    if len(units) < parcels:
        raise Refused(_("There is nothing left to ship.") if not units else _("One item cannot fill two parcels."))
    middle = len(units) if parcels == 1 else (len(units) + 1) // 2
    return [{line_id: part.count(line_id) for line_id in part} for part in (units[:middle], units[middle:]) if part]


def deliver(order: Order, *, parcel_id: int | None, now: datetime) -> list[Parcel]:
    """One parcel, or all that are under way."""
    under_way = [p for p in order.parcels if not p.delivered and parcel_id in (None, p.id)]
    if not under_way:
        raise Refused(_("There is no such parcel under way."))
    for parcel in under_way:
        parcel.shipment_status, parcel.updated_at = "delivered", now
    order.updated_at = now
    return under_way


def refund_lines(
    order: Order,
    units: dict[int, int],
    *,
    new_id: NewId,
    now: datetime,
    note: str,
    with_shipping: bool = False,
) -> Refund:
    """Gives back what the buyer paid for these units; never more than is left of the payment."""
    refuse_if_unpaid(order)
    lines = take_back(order, units, new_id)
    shipping, shipping_tax = (order.kept_shipping, order.kept_shipping_tax) if with_shipping else (0, 0)
    worth = sum(line.subtotal for line in lines) + shipping
    moved = min(worth, order.refundable)
    refund = Refund(new_id(), new_id(), now, note, lines, shipping, shipping_tax, moved - worth, moved)
    return add_refund(order, refund, now)


def refund_amount(order: Order, amount: int, *, new_id: NewId, now: datetime, note: str) -> Refund:
    refuse_if_unpaid(order)
    if not 0 < amount <= order.refundable:
        raise Refused(_("Give an amount above zero and not above what is left of the payment."))
    return add_refund(order, Refund(new_id(), new_id(), now, note, (), 0, 0, amount, amount), now)


def refund_all(order: Order, *, new_id: NewId, now: datetime, note: str) -> Refund:
    refuse_if_unpaid(order)
    units = {line.id: line.kept for line in order.lines if line.kept}
    if not units and not order.refundable:
        raise Refused(_("All of it has been refunded already."))
    return refund_lines(order, units, new_id=new_id, now=now, note=note, with_shipping=True)


def cancel(order: Order, *, new_id: NewId, now: datetime) -> Refund | None:
    """Before the first parcel only; what was paid goes back."""
    refuse_if_cancelled(order)
    if order.parcels:
        raise Refused(_("Parcels are on their way. Refund the order instead."))
    refund = None
    if order.refundable:
        refund = refund_all(order, new_id=new_id, now=now, note=_("Order cancelled"))
    order.cancelled_at = order.updated_at = now
    return refund


def remove_line(order: Order, line_id: int, *, new_id: NewId, now: datetime) -> Refund:
    """Edits the order: Shopify records a removed line as a refund, which moves money only after payment."""
    refuse_if_cancelled(order)
    line = order.line(line_id)
    if line.shipped or not line.kept:
        raise Refused(_("A line that was sent or taken out before cannot be removed."))
    if line.kept == sum(other.kept for other in order.lines):
        raise Refused(_("This is the last line. Cancel the order instead."))
    units, note = {line_id: line.kept}, _("Order edited")
    if order.paid_at:
        return refund_lines(order, units, new_id=new_id, now=now, note=note)
    return add_refund(order, Refund(new_id(), new_id(), now, note, take_back(order, units, new_id), 0, 0, 0, 0), now)


def take_back(order: Order, units: dict[int, int], new_id: NewId) -> tuple[RefundLine, ...]:
    for line_id, quantity in units.items():
        if not 0 < quantity <= order.line(line_id).kept:
            raise Refused(_("Only what was bought and not yet given back can be refunded."))
    return tuple(take_back_line(order.line(line_id), quantity, new_id) for line_id, quantity in units.items())


def take_back_line(line: Line, quantity: int, new_id: NewId) -> RefundLine:
    where = {"start": line.returned, "count": quantity, "parts": line.quantity}
    taken = RefundLine(new_id(), line.id, quantity, slice_of(line.net, **where), slice_of(line.tax, **where))
    line.returned += quantity
    return taken


def add_refund(order: Order, refund: Refund, now: datetime) -> Refund:
    if not refund.lines and not refund.moved:
        raise Refused(_("Choose what to refund."))
    order.refunds.append(refund)
    order.updated_at = now
    return refund


def refuse_if_cancelled(order: Order) -> None:
    if order.cancelled_at:
        raise Refused(_("This order was cancelled."))


def refuse_if_unpaid(order: Order) -> None:
    if order.paid_at is None:
        raise Refused(_("This order is not paid, so there is nothing to give back."))
