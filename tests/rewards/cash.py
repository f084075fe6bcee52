"""A workspace that pays in money: advocates with accounts, rewards released for a payout, payouts made and answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from advocates.models import Advocate, Customer, Link
from programs.rules import Fulfilment, RewardRule
from rewards import ledger
from rewards.actions.payouts.accounts import Details, change_payout_policy, give_payout_account
from rewards.actions.payouts.lines import take_in
from rewards.actions.payouts.results import mark_line_failed, mark_line_paid
from rewards.actions.payouts.run import confirm_payout, make_payout
from rewards.models import Account, Payout, PayoutLine, Reward
from rewards.steps import release
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import DAY, delivery, refund, snapshot

CASH = RewardRule(fulfilment=Fulfilment.PAYOUT)
IBAN = "DE89 3704 0044 0532 0130 00"
ALICE, BOB = "user:00000000-0000-0000-0000-00000000000a", "user:00000000-0000-0000-0000-00000000000b"


@dataclass
class Till:
    """Orders are numbered; a reward is ten percent of one."""

    world: World
    orders: int = 0
    links: dict[str, Link] = field(default_factory=dict)

    def advocate(self, name: str, *, account: str = IBAN) -> Advocate:
        """Dana is there from the start; anybody else is enrolled."""
        email = f"{name}@advocate.example"
        made = enrolled(self.world.merchant, self.world.program, email=email, name=f"{name.title()} Muster")
        if account:
            self.account(name, account)
        return made

    def account(self, name: str, account: str = IBAN, method: str = "IBAN") -> None:
        with at_work(self.world.merchant) as now:
            customer = Customer.objects.get(email=f"{name}@advocate.example")
            details = Details(method, customer.name, account)
            give_payout_account(customer=customer, details=details, by="advocate:x", now=now)

    def earn(self, amount_minor: int, name: str = "dana", *, release_it: bool = True) -> str:
        """A friend of theirs buys for ten times as much, long enough ago. Gives the order's number."""
        self.orders += 1
        number, at = str(self.orders), self.world.now - 40 * DAY
        with at_work(self.world.merchant):
            link = Link.objects.get(advocate__customer__email=f"{name}@advocate.example", channel="LINK")
        token = self.world.click(link, at=at - DAY)
        facts = [snapshot(at, token=token, lines=[amount_minor * 10], number=f"#{number}"), delivery(at + 2 * DAY)]
        self.world.take(*facts, number=number, email=f"friend{number}@friend.example")
        if release_it:
            self.release()
        return number

    def release(self) -> None:
        release.sweep(self.world.merchant.tenant_ref())

    def give_back(self, number: str, amount_minor: int, key: str = "r1") -> None:
        """The friend returns goods that ten times this reward was for."""
        self.world.take(refund(self.world.now, key, amount=amount_minor * 10), number=number, email="")

    def policy(self, **changes: Any) -> None:
        wanted = {"minimum_minor": 0, "cycle": "MONTHLY", "cut_off_days": 0, "approval_over_minor": None}
        with at_work(self.world.merchant) as now:
            change_payout_policy(**wanted | changes, by=ALICE, now=now)

    def make(self, unit: str = "EUR") -> Payout:
        with at_work(self.world.merchant) as now:
            return make_payout(unit=unit, cut_off_at=now, by=ALICE, now=now)

    def confirm(self, payout: Payout, by: str = ALICE) -> bool:
        with at_work(self.world.merchant) as now:
            return confirm_payout(payout=payout, by=by, now=now)

    def run(self) -> Payout:
        """Made, confirmed and every line paid."""
        payout = self.make()
        assert self.confirm(payout)
        for line in self.lines(payout):
            if line.state == "INCLUDED":
                self.paid(line)
        return payout

    def paid(self, line: PayoutLine, reference: str = "T-1") -> None:
        with at_work(self.world.merchant) as now:
            mark_line_paid(line=line, reference=reference, by=ALICE, now=now)

    def failed(self, line: PayoutLine, reason: str = "account_wrong") -> None:
        with at_work(self.world.merchant) as now:
            mark_line_failed(line=line, reason=reason, by=ALICE, now=now)

    def take_in(self, line: PayoutLine) -> None:
        with at_work(self.world.merchant) as now:
            take_in(line=line, by=ALICE, now=now)

    def lines(self, payout: Payout) -> list[PayoutLine]:
        with at_work(self.world.merchant):
            rows = PayoutLine.objects.filter(payout=payout).select_related("recipient", "payout")
            return list(rows.order_by("recipient__email"))

    def told(self, payout: Payout) -> list[tuple[str, int, str, str]]:
        """(who, amount, state, reason) of every line."""
        return [
            (line.recipient.email.partition("@")[0], line.amount_minor, line.state, line.reason)
            for line in self.lines(payout)
        ]

    def state(self, payout: Payout) -> str:
        with at_work(self.world.merchant):
            return str(Payout.objects.get(pk=payout.pk).state)

    def rewards(self) -> list[tuple[str, int, int]]:
        with at_work(self.world.merchant):
            return list(Reward.objects.order_by("pk").values_list("state", "amount_minor", "clawed_back_minor"))

    def books(self) -> dict[str, int]:
        with at_work(self.world.merchant):
            return {str(a): total for a in Account if (total := ledger.balance(a, unit="EUR"))}


def a_till(*, account: str = IBAN, **changes: Any) -> Till:
    till = Till(a_world(advocate_reward=CASH, **changes))
    if account:
        till.account("dana", account)
    return till
