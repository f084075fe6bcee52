"""Orders and what happens to them, drawn by Hypothesis, in the words of ``second_reading`` and of our facts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from kit.money import to_major_text
from programs.rules import CodeSource, Fulfilment, HoldOverride, Holiday, Offer, RewardRule, Scope, Terms, Value
from referral_saas.api.body import Body
from referral_saas.api.disputes_in import read_dispute_body
from referral_saas.api.orders_in import Told as Known
from referral_saas.api.orders_in import read_order_body
from referral_saas.api.refunds_in import read_refund_body
from tests import facts
from tests.rewards.second_reading import Delivery, Dispute, Gift, Line, Parcel, Promise, Refund, Told, Version
from tracking.facts import OrderKey
from tracking.rules import Fact

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
#: A currency of each number of decimals, in zones that put their clocks on at different hours, one of them at midnight.
SHOPS = {"JPY": "Pacific/Auckland", "EUR": "Europe/Berlin", "KWD": "America/New_York", "CLF": "America/Santiago"}
#: Wall-clock times that do not exist or exist twice, and one like any other.
HINGES = {
    "JPY": ["2026-09-27T02:30", "2026-04-05T02:30", "2026-06-10T15:00"],
    "EUR": ["2026-03-29T02:30", "2026-10-25T02:30", "2026-06-10T15:00"],
    "KWD": ["2026-03-08T02:30", "2026-11-01T01:30", "2026-06-10T15:00"],
    "CLF": ["2026-09-06T00:00", "2026-04-04T23:30", "2026-06-10T15:00"],
}


# --- as the product hears it ---


def as_fact(told: Told, currency: str) -> Fact:
    match told:
        case Version():
            return as_snapshot(told, currency)
        case Refund():
            return facts.refund(told.as_of, told.key, amount=told.other, lines=list(told.lines), shipping=told.shipping)
        case Parcel():
            fact = facts.parcel(told.shipped_at, told.key, delivered_at=told.delivered_at, as_of=told.as_of)
            fact.data["cancelled"] = told.cancelled
            return fact
        case Delivery():
            return facts.delivery(told.delivered_at, told.as_of)
        case Dispute():
            return facts.dispute(told.as_of, told.status, told.key, amount=told.amount)


def as_snapshot(told: Version, currency: str) -> Fact:
    fact = facts.snapshot(
        told.placed_at,
        as_of=told.as_of,
        cancelled_at=told.as_of if told.cancelled else None,
        currency=currency,
        test=told.test,
        reports_shipping=told.reports_shipping,
        shipping_minor=told.shipping,
        shipping_tax_minor=told.shipping_tax,
    )
    fact.data["paid_at"] = told.paid_at.isoformat() if told.paid_at else None
    fact.data["lines"] = [
        {
            "id": line.id,
            "product_id": f"p{line.id}",
            "quantity": line.pieces,
            "net_minor": line.net,
            "tax_minor": line.tax,
            "collection_ids": sorted(item for item in line.ids if item.startswith("c")),
            "gift_card": line.is_gift_card,
            "ships": line.ships,
        }
        for line in told.lines
    ]
    return fact


# --- as it comes through the API, where amounts are text with the currency's decimals ---

NOTHING_KNOWN, KEY = Known(None, {}, None), OrderKey("api", "1")


def through_api(told: Told, currency: str) -> Fact:
    now = told.as_of + DAY
    match told:
        case Version():
            return read_order_body(_body(_order_body(told, currency)), NOTHING_KNOWN, key=KEY, now=now).fact
        case Refund():
            return read_refund_body(_body(_refund_body(told, currency)), NOTHING_KNOWN, now=now)
        case Dispute():
            return read_dispute_body(_body(_dispute_body(told, currency)), NOTHING_KNOWN, now=now)
    return as_fact(told, currency)


def _body(data: dict[str, Any]) -> Body:
    body = Body.of(data)
    body.has("order_id")
    return body


def _order_body(told: Version, currency: str) -> dict[str, Any]:
    status = "cancelled" if told.cancelled else "paid" if told.paid_at else "pending"
    times = {"placed_at": told.placed_at, "paid_at": told.paid_at}
    times |= {"cancelled_at": told.as_of} if told.cancelled else {}
    return {
        "currency": currency,
        "status": status,
        "updated_at": told.as_of.isoformat(),
        **{name: at.isoformat() for name, at in times.items() if at},
        "customer": {"email": "eve@friend.example"},
        "lines": [_line_body(line, currency) for line in told.lines],
        "shipping": to_major_text(told.shipping, currency),
        "shipping_tax": to_major_text(told.shipping_tax, currency),
        "test": told.test,
        "reports_shipping": told.reports_shipping,
    }


def _line_body(line: Line, currency: str) -> dict[str, Any]:
    return {
        "id": line.id,
        "product_id": f"p{line.id}",
        "collection_ids": sorted(item for item in line.ids if item.startswith("c")),
        "quantity": line.pieces,
        "total": to_major_text(line.net, currency),
        "tax": to_major_text(line.tax, currency),
        "gift_card": line.is_gift_card,
        "requires_shipping": line.ships,
    }


def _refund_body(told: Refund, currency: str) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [
        {"id": line, "total": to_major_text(net, currency)} | ({"quantity": pieces} if pieces else {})
        for line, pieces, net in told.lines
    ]
    amounts = {"amount": told.other, "shipping": told.shipping}
    given: dict[str, Any] = {name: to_major_text(amount, currency) for name, amount in amounts.items() if amount}
    if lines:
        given["lines"] = lines
    return {"refund_id": told.key, "refunded_at": told.as_of.isoformat(), "currency": currency, **given}


def _dispute_body(told: Dispute, currency: str) -> dict[str, Any]:
    amount = {} if told.amount is None else {"amount": to_major_text(told.amount, currency)}
    times = {"updated_at": told.as_of.isoformat()}
    return {"dispute_id": told.key, "status": told.status, "currency": currency, **times, **amount}


# --- programs ---


def as_rule(gift: Gift) -> RewardRule:
    kind = Value.FIXED if gift.percent is None else Value.PERCENT
    value = gift.fixed if gift.percent is None else gift.percent
    return RewardRule(kind=kind, value=value, cap_minor=gift.most, fulfilment=Fulfilment.MANUAL)


def as_terms(promise: Promise, base: Terms, currency: str) -> Terms:
    ids = tuple(sorted(promise.only or ()))
    scope = Scope.SHOP if promise.only is None else Scope.COLLECTIONS if ids[0].startswith("c") else Scope.PRODUCTS
    return replace(
        base,
        currency=currency,
        offer=Offer(source=CodeSource.SHOP_CODE, shop_code="WELCOME"),
        advocate_reward=as_rule(promise.advocate),
        friend_reward=as_rule(promise.friend) if promise.friend else None,
        new_customers_only=promise.new_friends,
        min_order_minor=promise.least,
        count_tax=promise.with_tax,
        count_shipping=promise.with_shipping,
        scope=scope,
        scope_ids=ids,
        return_window_days=promise.window,
        hold_overrides=tuple(HoldOverride(tuple(sorted(ids)), days) for ids, days in promise.windows),
        holiday=Holiday(*(day.isoformat() for day in promise.holiday)) if promise.holiday else None,
        trust_hold_days=promise.trusted,
    )


# --- stories -----------------------------------------------------------------------------------------------------


@dataclass
class Story:
    currency: str
    promise: Promise
    order: Version
    told: list[Told]  # as they arrive, the order among them
    trust: int = 0
    #: After how many tellings the clock comes round, how long from the due time, and whether a hand gives then.
    clock: list[tuple[int, timedelta, bool]] = field(default_factory=list)
    bought_before: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(SHOPS[self.currency])


amounts = st.one_of(st.integers(1, 40), st.integers(1, 30_000), st.integers(1, 10**10))


def rarely(strategy: st.SearchStrategy[Any], otherwise: Any) -> st.SearchStrategy[Any]:
    return st.integers(0, 7).flatmap(lambda number: st.just(otherwise) if number < 7 else strategy)


gifts = st.one_of(
    st.builds(Gift, percent=st.integers(1, 10_000), most=st.none() | st.integers(1, 3000)),
    st.builds(Gift, fixed=st.integers(1, 5000)),
)
windows = st.integers(0, 45)
subsets = st.sets(st.sampled_from(["p1", "p2", "p3"]), min_size=1, max_size=2).map(frozenset)
groups = st.sets(st.sampled_from(["c1", "c2"]), min_size=1, max_size=1).map(frozenset)


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    window = draw(windows)
    shorter = sorted(draw(st.lists(st.integers(0, max(0, window - 1)), max_size=2)), reverse=True) if window else []
    return Promise(
        advocate=draw(gifts),
        friend=draw(st.one_of(st.none(), gifts)),
        least=draw(rarely(st.integers(1, 20_000), 0)),
        with_tax=draw(st.booleans()),
        with_shipping=draw(st.booleans()),
        only=draw(st.one_of(st.none(), st.none(), subsets | st.just(frozenset({"p1"})), groups)),
        new_friends=draw(st.booleans()),
        window=window,
        windows=tuple(draw(st.lists(st.tuples(st.one_of(subsets, groups), windows), max_size=2))),
        trusted=tuple(shorter),
    )


@st.composite
def lines_of(draw: st.DrawFn) -> tuple[Line, ...]:
    made = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        net = draw(amounts)
        collections = draw(st.sets(st.sampled_from(["c1", "c2"])))
        made.append(
            Line(
                id=str(number),
                net=net,
                tax=draw(st.integers(0, net // 3 + 1)),
                ids=frozenset({f"p{number}", *collections}),
                pieces=draw(st.sampled_from([1, 1, 2])),
                is_gift_card=draw(rarely(st.booleans(), False)),
                ships=draw(rarely(st.booleans(), True)),
            )
        )
    return tuple(made)


@st.composite
def orders(draw: st.DrawFn, placed_at: datetime) -> Version:
    shipping = draw(st.one_of(st.just(0), st.integers(0, 2000)))
    return Version(
        as_of=placed_at,
        lines=draw(lines_of()),
        shipping=shipping,
        shipping_tax=draw(st.integers(0, shipping // 4)),
        paid_at=draw(rarely(st.just(None), placed_at + HOUR)),
        test=draw(rarely(st.booleans(), False)),
        reports_shipping=draw(st.booleans()),
        placed_at=placed_at,
    )


def named(draw: st.DrawFn, order: Version, at: datetime, key: str) -> Refund:
    chosen = draw(st.lists(st.sampled_from(order.lines), min_size=1, max_size=2, unique_by=lambda line: line.id))
    pieces = [draw(st.integers(0, line.pieces)) for line in chosen]
    nets = [draw(st.sampled_from([line.net, line.net // 2, line.net // 3 + 1, line.net // 9 + 1])) for line in chosen]
    return Refund(at, key, tuple((line.id, n, net) for line, n, net in zip(chosen, pieces, nets, strict=True)))


def unnamed(draw: st.DrawFn, order: Version, at: datetime, key: str) -> Refund:
    goods = sum(line.net + line.tax for line in order.lines)
    most = st.sampled_from([goods, goods // 2 + 1, goods + 500])
    return Refund(at, key, other=draw(st.one_of(st.integers(1, goods // 4 + 1), rarely(most, goods // 3 + 1))))


def freight(draw: st.DrawFn, order: Version, at: datetime, key: str) -> Refund:
    return Refund(at, key, shipping=draw(st.integers(1, order.shipping + 5)))


REFUNDS = {"n": named, "o": unnamed, "s": freight}
KINDS = [*"nnnooos", *["edit"] * 2, "paid", *["dispute"] * 4, "parcel", "delivery", "cancel"]


@st.composite
def changes(draw: st.DrawFn, order: Version, at: datetime, arrives: datetime) -> Told:
    """Anything that can be told of an order; its own clock is ``at``."""
    key, kind = draw(st.sampled_from(["a", "b"])), draw(st.sampled_from(KINDS))
    if kind in REFUNDS:
        return REFUNDS[kind](draw, order, at, key + kind)
    if kind in ("edit", "paid", "cancel"):
        return draw(versions(order, at, kind))
    if kind == "parcel":
        delivered_at = draw(st.one_of(st.none(), st.just(arrives)))
        return Parcel(at, key, arrives - DAY, delivered_at, draw(rarely(st.booleans(), False)))
    if kind == "delivery":
        return Delivery(at, draw(rarely(st.none(), arrives)))
    paid = sum(line.net + line.tax for line in order.lines) + order.shipping
    amount = draw(rarely(st.one_of(st.none(), st.integers(1, paid + 5)), draw(st.integers(1, paid // 3 + 1))))
    return Dispute(at, key, draw(st.sampled_from(["opened", "won", "lost"])), amount)


@st.composite
def versions(draw: st.DrawFn, order: Version, at: datetime, kind: str) -> Version:
    if kind == "edit":
        return replace(order, as_of=at, lines=draw(lines_of()))
    if kind == "paid":
        return replace(order, as_of=at, paid_at=order.placed_at + HOUR)
    return replace(order, as_of=at, cancelled=True)


@st.composite
def promised(draw: st.DrawFn, hinge: datetime, zone: ZoneInfo) -> tuple[Promise, datetime]:
    """A program and an arrival whose window, or whose holiday, ends about this wall-clock time."""
    promise = draw(promises())
    minutes = draw(st.sampled_from([-61, 0, 0, 29]))
    arrives = (hinge - timedelta(days=promise.window, minutes=minutes)).replace(tzinfo=zone).astimezone(UTC)
    if not draw(st.booleans()):
        return promise, arrives
    day, first, length = arrives.astimezone(zone).date(), draw(st.integers(-2, 2)), draw(st.integers(0, 3))
    begins, ends = day + timedelta(days=first), day + timedelta(days=first + length)
    until = draw(
        st.one_of(st.integers(0, 60).map(lambda days: ends + timedelta(days=days)), st.just(hinge.date() - DAY))
    )
    return (replace(promise, holiday=(begins, ends, until)) if until >= ends else promise), arrives


@st.composite
def stories(draw: st.DrawFn) -> Story:
    currency = draw(st.sampled_from(list(SHOPS)))
    hinge = datetime.fromisoformat(draw(st.sampled_from(HINGES[currency])))
    promise, arrives = draw(promised(hinge, ZoneInfo(SHOPS[currency])))
    placed_at = arrives - 5 * DAY
    order = draw(orders(placed_at))
    minutes = draw(st.lists(st.integers(1, 9000), min_size=1, max_size=7, unique=True))
    told: list[Told] = [draw(changes(order, placed_at + timedelta(minutes=m), arrives)) for m in minutes]
    told.insert(draw(rarely(st.integers(0, len(told)), 0)), order)
    if draw(st.integers(0, 3)):
        told.insert(1, Delivery(placed_at, arrives))
    beats = st.tuples(st.integers(1, len(told)), st.sampled_from([timedelta(0), SECOND, -SECOND]), st.booleans())
    return Story(
        currency,
        promise,
        order,
        told,
        trust=draw(st.integers(0, 3)),
        clock=draw(st.lists(beats, max_size=4)),
        bought_before=draw(rarely(st.booleans(), False)),
    )
