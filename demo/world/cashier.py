"""Payouts: previews asked for by one person, confirmed by another, and what the bank said of every transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from advocates.models import Advocate
from demo.world.history import History, Recommender
from merchants.events import by_advocate
from rewards.actions.payouts.accounts import Details, change_payout_policy, give_payout_account
from rewards.actions.payouts.lines import PayoutError
from rewards.actions.payouts.results import mark_line_failed, mark_line_paid
from rewards.actions.payouts.run import ask_for_payout, confirm_payout, make_payout
from rewards.models import Payout, PayoutAccount, PayoutLine, PayoutPolicy
from rewards.rules.payouts import NotPaid

#: From the preview until the bank has told what became of the transfers.
ASKED, AGREED, ANSWERED = timedelta(hours=1), timedelta(hours=6), timedelta(days=2)


@dataclass(frozen=True)
class Calendar:
    """Days ago on which payouts were made. ``open_since``: one that is not confirmed yet. ``returned``: of which
    payout (counted from 0) the bank sends the first transfer back."""

    paid: tuple[float, ...]
    open_since: float
    returned: int | None = None


class Cashier:
    """``second``: who agrees to what ``clerk`` asks for; None where one person does both."""

    def __init__(self, history: History, calendar: Calendar, *, unit: str, clerk: str, second: str | None) -> None:
        self.history, self.calendar, self.unit, self.clerk, self.second = history, calendar, unit, clerk, second
        self.made: dict[float, Payout] = {}
        self.payees: Sequence[Recommender] = ()
        history.paid_out = tuple(history.moments.day(days) for days in calendar.paid)

    def put_on(self, payees: Sequence[Recommender]) -> None:
        stage, day, self.payees = self.history.stage, self.history.moments.day, payees
        stage.at(day(self.calendar.paid[0] + 20), self._policy)
        for index, who in enumerate(payees):
            stage.at(who.enrolled_at + timedelta(hours=4), partial(self._account, who, index))
        for number, days in enumerate(self.calendar.paid):
            stage.at(day(days), partial(self._make, days))
            stage.at(day(days) + AGREED, partial(self._confirm, days))
            stage.at(day(days) + ANSWERED, partial(self._answered, days, number == self.calendar.returned))
        stage.at(day(self.calendar.open_since), partial(self._make, self.calendar.open_since))

    def _policy(self, now: datetime) -> None:
        change_payout_policy(
            minimum_minor=100,
            cycle=PayoutPolicy.Cycle.MONTHLY,
            cut_off_days=3,
            approval_over_minor=1_000 if self.second else None,
            by=self.clerk,
            now=now,
        )

    def _account(self, who: Recommender, index: int, now: datetime) -> None:
        """Every other one has a bank account, the rest PayPal."""
        assert who.advocate is not None
        in_euro = index % 2 == 0 and self.unit == "EUR"
        self._give(who.advocate, iban_of(index) if in_euro else who.person.email, now)

    @staticmethod
    def _give(advocate: Advocate, account: str, now: datetime) -> None:
        method = PayoutAccount.Method.PAYPAL if "@" in account else PayoutAccount.Method.IBAN
        details = Details(method, advocate.customer.name, account)
        give_payout_account(customer=advocate.customer, details=details, by=by_advocate(advocate.pk), now=now)

    def _make(self, days: float, now: datetime) -> None:
        """Some months there is nothing to pay."""
        try:
            with transaction.atomic():
                self.made[days] = make_payout(unit=self.unit, cut_off_at=now, by=self.clerk, now=now)
        except PayoutError as problem:
            if problem.code != "nothing_to_pay":
                raise
            return
        if self.second:
            self.history.stage.at(now + ASKED, lambda now: self._ask(days, now))

    def _ask(self, days: float, now: datetime) -> None:
        assert ask_for_payout(payout=self.made[days], by=self.clerk, now=now), "nothing came in within the hour"

    def _confirm(self, days: float, now: datetime) -> None:
        if days in self.made:
            confirmed = confirm_payout(payout=self.made[days], by=self.second or self.clerk, now=now)
            assert confirmed, "nothing came in since the preview"

    def _answered(self, days: float, one_returned: bool, now: datetime) -> None:
        if days not in self.made:
            return
        lines = PayoutLine.objects.filter(payout=self.made[days], state=PayoutLine.State.INCLUDED)
        for index, line in enumerate(lines.select_related("recipient").order_by("recipient__email")):
            if one_returned and index == 0:
                self._returned(line, now)
            else:
                mark_line_paid(line=line, reference=f"SEPA {now:%y%m%d}-{index + 1:02d}", by=self.clerk, now=now)

    def _returned(self, line: PayoutLine, now: datetime) -> None:
        """They open another account, and the next payout pays them."""
        mark_line_failed(line=line, reason=NotPaid.ACCOUNT_CLOSED, reference="Rückläufer", by=self.clerk, now=now)
        advocate = next(who.advocate for who in self.payees if who.person.email == line.recipient.email)
        assert advocate is not None
        self.history.stage.at(now + timedelta(days=4), lambda now: self._give(advocate, iban_of(97), now))


def iban_of(number: int) -> str:
    """A German account that no bank keeps, with right check digits."""
    account = f"10000000{number + 1:010d}"
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"
