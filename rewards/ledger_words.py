"""Accounts and differences in words, for people who keep books and for those who never did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.ids import public_id
from kit.units import amount_text
from kit.wording import number
from rewards.models import Account

#: In the order of a page: what is owed, what was given, what came of it, costs, offers, budgets.
ACCOUNTS: Mapping[Account, Promise] = {
    Account.HELD: _("Earned, and waiting until the return period ends. You will owe it."),
    Account.PAYABLE: _("The hold is over and it is not with the person yet. You owe it now."),
    Account.FULFILLED: _("Given: sent, paid out or put on an account."),
    Account.EXPIRED: _("Never claimed or never used in time. Take it off the cost of rewards."),
    Account.CLAWED_BACK: _("Taken back after it was given: people owe it to you. Below zero, you owe it again."),
    Account.RECOVERED: _("Taken back, and really back: kept back in a payout, or its unused code was disabled."),
    Account.REWARD_COST: _("What rewards cost, from the day they are earned. Less when an order is returned."),
    Account.OFFER_COST: _("What the offers cost: discounts that friends really used."),
    Account.DISCOUNT_GRANTED: _("The other side of the cost of offers: given at the checkout."),
    Account.ALLOTTED: _("What you set aside for programs with a budget."),
    Account.BUDGET: _("What of it is still free. Below zero, a soft budget is used up and more."),
    Account.COMMITTED: _("What of it is kept for rewards that stand, paid ones included."),
}

_PREFIXES = {"reward": "rwd", "order": "ord", "program": "prg", "posting": "pst"}


def account_text(account: str) -> str:
    """One sentence on what an account means."""
    return str(ACCOUNTS[Account(account)])


def thing_id(kind: str, key: UUID | str) -> str:
    """The public id of what a difference is about."""
    return public_id(_PREFIXES[kind], UUID(str(key)))


def difference_text(told: Mapping[str, Any], language: str = "en") -> str:
    """One difference as a sentence; ``told`` has the fields of rewards.rules.audit.Difference."""
    values = {
        "id": thing_id(told["kind"], told["id"]),
        "account": str(Account(told["account"]).label) if told["account"] else "",
        "unit": told["unit"],
    }
    for name in ("expected", "found"):
        counted = told["code"] == "sum_count"
        values[name] = number(told[name], language) if counted else amount_text(told[name], told["unit"], language)
    return _sentence(told["code"]) % values


def _sentence(code: str) -> str:
    sentences = {
        "reward": _now(
            "Reward %(id)s: %(account)s should be %(expected)s by the reward itself, and the entries say %(found)s."
        ),
        "budget": _now(
            "Program %(id)s: %(account)s should be %(expected)s by its budget, and the entries say %(found)s."
        ),
        "budget_counter": _now(
            "Program %(id)s: its rewards keep %(expected)s of the budget, and the budget says %(found)s."
        ),
        "offer": _now(
            "Order %(id)s: %(account)s should be %(expected)s by its discounts, and the entries say %(found)s."
        ),
        "sum": _now("Program %(id)s: its rewards add up to %(expected)s, and the sum that pages show is %(found)s."),
        "sum_count": _now(
            "Program %(id)s: it has %(expected)s rewards in %(unit)s, and the number that pages show is %(found)s."
        ),
        "posting": _now("Posting %(id)s does not add up: its sides differ by %(found)s."),
        "nobody": _now("Posting %(id)s: %(found)s in %(account)s belong to no reward and no order."),
    }
    return sentences[code]
