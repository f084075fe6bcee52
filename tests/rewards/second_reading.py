"""What an order earns and when, told a second time by somebody who never read the rules.

Written from the decisions, the documents for merchants and integrators, and the list of hostile cases alone; no line of
``rewards`` or ``tracking`` was looked at, and nothing of them is imported. Exact fractions, no database. Where a
sentence of those texts stands behind a rule it is quoted. ``test_second_reading`` compares the product with this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

# --- what a program promises ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gift:
    """What one side gets: ``percent`` in hundredths of a percent, or else a fixed amount of minor units."""

    percent: int | None = None
    fixed: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Promise:
    advocate: Gift
    friend: Gift | None = None
    least: int = 0
    with_tax: bool = False
    with_shipping: bool = False
    only: frozenset[str] | None = None  # products or collections; None: the whole shop
    new_friends: bool = True
    window: int = 30
    windows: tuple[tuple[frozenset[str], int], ...] = ()
    holiday: tuple[date, date, date] | None = None
    trusted: tuple[int, ...] = ()


# --- what a shop tells ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    id: str
    net: int
    tax: int = 0
    ids: frozenset[str] = frozenset()  # its product and collections
    pieces: int = 1
    is_gift_card: bool = False
    ships: bool = True


@dataclass(frozen=True)
class Version:
    """The order as it stood at ``as_of``."""

    as_of: datetime
    lines: tuple[Line, ...]
    placed_at: datetime
    shipping: int = 0
    shipping_tax: int = 0
    paid_at: datetime | None = None
    cancelled: bool = False
    test: bool = False
    reports_shipping: bool = True


@dataclass(frozen=True)
class Refund:
    as_of: datetime
    key: str
    lines: tuple[tuple[str, int, int], ...] = ()  # line, pieces, net
    other: int = 0
    shipping: int = 0


@dataclass(frozen=True)
class Parcel:
    as_of: datetime
    key: str
    shipped_at: datetime
    delivered_at: datetime | None = None
    cancelled: bool = False


@dataclass(frozen=True)
class Delivery:
    as_of: datetime
    delivered_at: datetime | None


@dataclass(frozen=True)
class Dispute:
    as_of: datetime
    key: str
    status: str
    amount: int | None = None


Told = Version | Refund | Parcel | Delivery | Dispute


def newest(told: Iterable[Told]) -> list[Told]:
    """Of each thing the version that is newest by its own clock, however they arrived (0004: "the newest row of each
    key counts"). Disputes are all kept: what an end says is not undone by a later opening."""
    latest: dict[tuple[str, str], Told] = {}
    for item in sorted(told, key=lambda item: item.as_of):
        if not isinstance(item, Dispute):
            latest[type(item).__name__, getattr(item, "key", "")] = item
    return [*latest.values(), *(item for item in told if isinstance(item, Dispute))]


# --- how much ---------------------------------------------------------------------------------------------------


def rounded(amount: Fraction) -> int:
    """Half to even (design 9: "rounding half-even stated once"). Python's round of a fraction does just that."""
    return round(amount)


def part(amount: int, of: int, whole: int) -> int:
    return rounded(Fraction(amount * of, whole)) if whole else 0


def value_of(gift: Gift, base: int) -> int:
    """A cap "only limits a percentage" (form); a fixed amount is given for anything that counts at all."""
    if base <= 0:
        return 0
    if gift.percent is None:
        return gift.fixed
    value = part(base, gift.percent, 10_000)
    return value if gift.most is None else min(value, gift.most)


@dataclass(frozen=True)
class Kept:
    """What is left of one line, or of shipping."""

    net: int
    tax: int

    def worth(self, with_tax: bool) -> int:
        return self.net + self.tax if with_tax else self.net


def kept_of(net: int, tax: int, back: int) -> Kept:
    """0006: "Tax of a partly returned line follows its net amount, taken of all that came back together"."""
    back = min(back, net)
    return Kept(net - back, tax - (part(tax, back, net) if back else 0))


@dataclass
class Account:
    """One order's money, after everything that was told."""

    promise: Promise
    told: Sequence[Told]
    order: Version = field(init=False)

    def __post_init__(self) -> None:
        self.order = next(item for item in newest(self.told) if isinstance(item, Version))

    @property
    def refunds(self) -> list[Refund]:
        return [item for item in newest(self.told) if isinstance(item, Refund)]

    def counts(self, line: Line) -> bool:
        """Gift cards are no goods (0006 names them beside goods)."""
        if line.is_gift_card:
            return False
        return self.promise.only is None or bool(line.ids & self.promise.only)

    def kept_lines(self) -> dict[str, Kept]:
        """After refunds that name lines. More than the line cannot come back (hostile 71)."""
        back = {line.id: 0 for line in self.order.lines}
        for refund in self.refunds:
            for line_id, _, net in refund.lines:
                if line_id in back:
                    back[line_id] += net
        return {line.id: kept_of(line.net, line.tax, back[line.id]) for line in self.order.lines}

    def kept_pieces(self) -> dict[str, int]:
        back = [(line_id, pieces) for refund in self.refunds for line_id, pieces, _ in refund.lines]
        return {line.id: line.pieces - sum(n for key, n in back if key == line.id) for line in self.order.lines}

    def kept_shipping(self) -> Kept:
        """Told without its tax, which follows it."""
        return kept_of(self.order.shipping, self.order.shipping_tax, sum(item.shipping for item in self.refunds))

    def shipping_share(self) -> Fraction:
        """0006: "Shipping belongs to the goods it was paid for. A program for certain products counts their share"."""
        goods = [line for line in self.order.lines if not line.is_gift_card]
        shipped = [line for line in goods if line.ships] or goods
        whole = sum(line.net for line in shipped)
        return Fraction(sum(line.net for line in shipped if self.counts(line)), whole) if whole else Fraction(0)

    def counted_shipping(self, kept: Kept) -> int:
        if not self.promise.with_shipping:
            return 0
        return rounded(kept.worth(self.promise.with_tax) * self.shipping_share())

    def bought(self) -> int:
        """As it was bought: "counting goods after discounts, with tax and with shipping where the terms say so"."""
        lines = [line for line in self.order.lines if self.counts(line)]
        goods = sum(line.net + (line.tax if self.promise.with_tax else 0) for line in lines)
        shipping = self.counted_shipping(Kept(self.order.shipping, self.order.shipping_tax))
        return goods + shipping if goods else 0

    def money_left(self) -> int:
        """All that the shop still has of the payment."""
        lines, shipping = self.kept_lines(), self.kept_shipping()
        goods = sum(lines[line.id].worth(True) for line in self.order.lines)
        left = goods + shipping.worth(True) - sum(item.other for item in self.refunds)
        return max(0, left - self.lost(left))

    def kept(self) -> int:
        """The base that is left. What named lines comes first, then what named none, then what the bank took."""
        lines, shipping = self.kept_lines(), self.kept_shipping()
        goods = [line for line in self.order.lines if not line.is_gift_card]
        all_goods = sum(lines[line.id].worth(True) for line in goods)
        mine = sum(lines[line.id].worth(self.promise.with_tax) for line in goods if self.counts(line))
        # 0006: "Money given back without naming goods falls on all goods by their share, tax included."
        other = min(sum(item.other for item in self.refunds), all_goods)
        mine -= part(other, mine, all_goods)
        if mine <= 0:
            return 0  # "Shipping alone earns nothing"
        base = mine + self.counted_shipping(shipping)
        cards = sum(lines[line.id].worth(True) for line in self.order.lines if line.is_gift_card)
        # "A dispute is about a payment, so its amount falls on goods, tax, shipping and gift cards alike."
        left = all_goods - other + shipping.worth(True) + cards
        lost = min(self.lost(left), left)
        return max(0, base - part(lost, base, left)) if lost < left else 0

    def lost(self, everything: int) -> int:
        lost = {item.key for item in self.disputes() if self.end_of(item.key) == "lost"}
        amounts = [self.amount_of(key) for key in lost]
        return sum(everything if amount is None else amount for amount in amounts)

    def disputes(self) -> list[Dispute]:
        return [item for item in self.told if isinstance(item, Dispute)]

    def end_of(self, key: str) -> str | None:
        """ "Of two ends the later counts; at the same moment the loss does." None: still open."""
        ends = [item for item in self.disputes() if item.key == key and item.status != "opened"]
        return max(ends, key=lambda item: (item.as_of, item.status == "lost")).status if ends else None

    def amount_of(self, key: str) -> int | None:
        """ "Without an amount the whole order is lost": the amount last told, if any. An end knows better than an
        opening ("its opening told late changes nothing")."""
        told = [item for item in self.disputes() if item.key == key and item.amount is not None]
        rank = {"opened": 0, "won": 1, "lost": 2}
        last = max(told, key=lambda item: (rank[item.status] > 0, item.as_of, rank[item.status]), default=None)
        return last.amount if last else None

    def is_disputed(self) -> bool:
        return any(self.end_of(item.key) is None for item in self.disputes())

    def earned(self, gift: Gift) -> int:
        """ "The minimum is asked twice, of what was bought and of what was kept." (0006, hostile 73)"""
        if not self.order.paid_at or self.order.cancelled or self.order.test:
            return 0
        if self.bought() < self.promise.least or self.kept() < self.promise.least:
            return 0
        return value_of(gift, self.kept())


# --- when -------------------------------------------------------------------------------------------------------


def on_the_clock(wanted: datetime, zone: ZoneInfo, *, earlier: bool = False) -> datetime:
    """The instant of a wall-clock time: "in a gap the first instant after it, in an overlap the later one"."""
    both = [wanted.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    real = [at for at in both if at.astimezone(zone).replace(tzinfo=None) == wanted]
    if real:
        return min(real) if earlier else max(real)
    early, late = min(both) - timedelta(days=1), max(both) + timedelta(days=1)
    early, late = early.replace(microsecond=0), late.replace(microsecond=0)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).replace(tzinfo=None) < wanted:
            early = middle
        else:
            late = middle
    return late


def days_after(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """ "Days are calendar days in the merchant's zone" (design 6.6). No day later is the same instant."""
    if not days:
        return at
    return on_the_clock(at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days), zone)


@dataclass
class Calendar:
    account: Account
    zone: ZoneInfo

    def arrived_at(self) -> datetime | None:
        """ "The last parcel's delivery; else the last fulfilment + 5 days; else payment + 7 days, but that only for
        connections that never report shipping." An order said to be delivered is; what needs no shipping never
        will be reported."""
        told = newest(self.account.told)
        said = [item.delivered_at for item in told if isinstance(item, Delivery) and item.delivered_at]
        if said:
            return said[0]
        parcels = [item for item in told if isinstance(item, Parcel) and not item.cancelled]
        if parcels:
            return max(item.delivered_at or days_after(item.shipped_at, 5, self.zone) for item in parcels)
        order = self.account.order
        never_ships = not order.reports_shipping or not any(line.ships for line in order.lines)
        if order.paid_at and never_ships:
            return days_after(order.paid_at, 7, self.zone)
        return None

    def window(self) -> int:
        """ "The longest window of the lines of which something was kept" and that count: what cannot change the reward
        needs no wait. Kept means pieces and money; once nothing is, everything counts."""
        account = self.account
        mine = [line for line in account.order.lines if account.counts(line)]
        kept, pieces = account.kept_lines(), account.kept_pieces()
        held = [line for line in mine if kept[line.id].net and pieces[line.id] > 0] or mine
        return max((self.window_of(line) for line in held), default=account.promise.window)

    def window_of(self, line: Line) -> int:
        """Of several windows for one line the longest."""
        own = [days for ids, days in self.account.promise.windows if ids & line.ids]
        return max(own, default=self.account.promise.window)

    def release_at(self, trust: int = 0) -> datetime | None:
        """Trust shortens to at most its days; a holiday "is never shortened, and counts for what arrived in it"."""
        arrived = self.arrived_at()
        if arrived is None:
            return None
        days, trusted = self.window(), self.account.promise.trusted
        if trust and trusted:
            days = min(days, trusted[min(trust, len(trusted)) - 1])
        ends = days_after(arrived, days, self.zone)
        if self.account.promise.holiday:
            first, last, until = self.account.promise.holiday
            if first <= arrived.astimezone(self.zone).date() <= last:
                midnight = datetime(until.year, until.month, until.day) + timedelta(days=1)
                ends = max(ends, on_the_clock(midnight, self.zone, earlier=True))  # a day ends once
        return ends


# --- the life of one reward -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reward:
    """``given``: what was paid out; ``back``: how much of that was taken back."""

    state: str
    amount: int
    back: int = 0
    release_at: datetime | None = None
    was_released: bool = field(default=False, compare=False)

    def books(self) -> dict[str, int]:
        """Costs positive, what is owed negative; each of them zero in sum (hostile 86)."""
        owed = {"HELD": "HELD", "RELEASED": "PAYABLE", "FULFILLED": "FULFILLED", "REVERSED": "FULFILLED"}
        if self.state not in owed:
            return {}
        legs = {"REWARD_COST": self.amount - self.back, "CLAWED_BACK": self.back, owed[self.state]: -self.amount}
        return {account: amount for account, amount in legs.items() if amount}


def after_telling(standing: Reward | None, account: Account, gift: Gift, due: datetime | None) -> Reward:
    """7: "Unpaid rewards follow the net amount; paid ones get a negative entry. Nothing is deleted." """
    amount = account.earned(gift)
    if standing and standing.state in ("FULFILLED", "REVERSED"):
        back = max(0, standing.amount - amount)
        state = "REVERSED" if back == standing.amount else "FULFILLED"
        return replace(standing, back=back, state=state)
    was_released = bool(standing and standing.was_released)
    if not amount:
        return Reward("CANCELLED", 0, was_released=was_released)
    if was_released:  # what is told later must not depend on whether it was nothing for a while (design 6.5)
        return Reward("RELEASED", amount, was_released=True)
    return Reward("HELD", amount, release_at=due)


def after_release(standing: Reward, account: Account, now: datetime) -> Reward:
    """Due, and nothing disputed."""
    if standing.state == "HELD" and standing.release_at and standing.release_at <= now:
        return standing if account.is_disputed() else replace(standing, state="RELEASED", was_released=True)
    return standing


def after_sending(standing: Reward, account: Account) -> Reward:
    if standing.state == "RELEASED" and not account.is_disputed():
        return replace(standing, state="FULFILLED")
    return standing
