"""What Nordlicht gives beside codes: its catalogue with a shelf of mugs, a budget, a bonus before Christmas, and a
present from the surprise desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from demo.world.history import History, Recommender
from demo.world.plot import MAIN, Plot
from demo.world.tales import ENDS
from kit.units import PIECES
from merchants.events import by_advocate
from merchants.models import Membership, Merchant, Role
from programs.actions.kinds import create_kind
from programs.actions.stock import upload_codes
from programs.models import RewardKind
from programs.rules import Form, Fulfilment, Gives
from rewards.actions.addresses import Where, give_address
from rewards.actions.bonus import plan_bonus
from rewards.actions.budget import set_budget
from rewards.actions.surprise import give_surprise, set_allowance
from rewards.models import BonusCampaign, Budget, Reward

MUGS_LEFT, USED_PERCENT = 3, 82
#: Budgets are set in steps of so many cents.
ROUND_FIRST, ROUND = 5_000, 500
#: What each may give away in a month, in cents.
ALLOWANCES = {Role.MARKETER: 10_000, Role.SUPPORT: 5_000, Role.REVIEWER: 2_500, Role.FINANCE: 2_500}
MUG = Gives("", "Nordlicht-Becher", Form.GIFT, PIECES, Fulfilment.SHIPMENT, fair_minor=1_290)
GIFT_CARD = Gives("", "Wunschgutschein", Form.GIFT_CARD, "EUR", Fulfilment.GIFT_CARD)
FREE_SHIPPING = Gives(
    "", "Gratisversand", Form.FREE_SHIPPING_CODE, PIECES, Fulfilment.SHOPIFY_DISCOUNT, fair_minor=490, valid_days=90
)
WINTER_VOUCHER = Gives("", "Wintergutschein", Form.FIXED_CODE, "EUR", Fulfilment.COUPON_POOL, valid_days=ENDS)


class Giving:
    def __init__(self, merchant: Merchant, history: History, plot: Plot, who: dict[str, str]) -> None:
        self.merchant, self.history, self.plot, self.who = merchant, history, plot, who
        self.mug: RewardKind | None = None
        self.gift: Reward | None = None

    def put_on(self) -> None:
        day, stage = self.history.moments.day, self.history.stage
        stage.at(self.plot.seasons.advent[0] - timedelta(days=6), self._plan_bonus)
        stage.at(day(200), self._first_budget)
        stage.at(day(190), self._buy_mugs)
        stage.at(day(30), self._allow)
        stage.at(day(4), self._give_mug)
        stage.at(day(3.2), self._address_told)
        stage.at(day(0.5), self._budget_of_today)

    def _plan_bonus(self, now: datetime) -> None:
        starts_at, ends_at = self.plot.seasons.advent
        plan_bonus(
            program=self.history.program(MAIN),
            name="Doppelter Dank im Advent",
            side=BonusCampaign.Side.ADVOCATE,
            starts_at=starts_at,
            ends_at=ends_at,
            multiplier_bp=20_000,
            extra_minor=0,
            by=self.history.by,
            now=now,
        )

    # --- budget ---

    def _first_budget(self, now: datetime) -> None:
        self._set_budget(400 * max(self.plot.counts.converted, 10), ROUND_FIRST, now)

    def _budget_of_today(self, now: datetime) -> None:
        """For the rest of the year."""
        kept: int = Budget.objects.get(program=self.history.program(MAIN)).reserved_minor
        self._set_budget(kept * 100 // USED_PERCENT, ROUND, now)

    def _set_budget(self, limit_minor: int, step: int, now: datetime) -> None:
        """A number as somebody would type it."""
        program, by = self.history.program(MAIN), self.who[Role.FINANCE]
        limit_minor = max(limit_minor // step, 1) * step
        set_budget(program=program, limit_minor=limit_minor, is_hard=False, by=by, now=now)

    # --- presents ---

    def _buy_mugs(self, now: datetime) -> None:
        by = self.history.by
        create_kind(gives=FREE_SHIPPING, by=by, now=now)
        self.mug = create_kind(gives=MUG, sizes={"": MUGS_LEFT + 1}, by=by, now=now)

    def _allow(self, now: datetime) -> None:
        for role, monthly in ALLOWANCES.items():
            set_allowance(member=self._member(role), monthly_minor=monthly, by=self.who[Role.OWNER], now=now)

    def _give_mug(self, now: datetime) -> None:
        lucky = self._lucky()
        assert lucky.advocate is not None
        self.gift = give_surprise(
            advocate=lucky.advocate,
            giver=self._member(Role.SUPPORT),
            kind=self.mug,
            amount_minor=1,
            reason="Her parcel was lost twice and she stayed kind.",
            message="Ein kleines Dankeschön für deine Geduld.",
            at_once=True,
            by=self.who[Role.SUPPORT],
            now=now,
        )

    def _address_told(self, now: datetime) -> None:
        """Now it waits for somebody to send it."""
        lucky = self._lucky()
        assert self.gift is not None
        assert lucky.advocate is not None
        where = Where(lucky.person.name, "Bergmannstraße 12", "10961", "Berlin", "DE")
        give_address(reward=self.gift, where=where, by=by_advocate(lucky.advocate.pk), now=now)
        self.history.sweep(now)

    def _lucky(self) -> Recommender:
        """The second of those who share: the first is at the cap."""
        return self.plot.sharers[1]

    def _member(self, role: str) -> Membership:
        return Membership.objects.select_related("user").get(merchant=self.merchant, role=role)


def gift_card(history: History, now: datetime) -> Gives:
    return create_kind(gives=GIFT_CARD, by=history.by, now=now).as_gives()


def winter_voucher(history: History, codes: list[str], now: datetime) -> Gives:
    kind = create_kind(gives=WINTER_VOUCHER, by=history.by, now=now)
    upload_codes(kind=kind, codes=codes, by=history.by, now=now)
    return kind.as_gives()
