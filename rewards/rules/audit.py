"""What the books must say, told by the rows they are about. Pure: rows and sums of entries in, differences out.

Nothing here trusts a stored total: each reward, budget and order says what its own entries must sum to, account by
account, and whatever is not named must be zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

#: (account, unit) -> sum of the entries. Signs: rewards.ledger.
Books = Mapping[tuple[str, str], int]

OWED = frozenset({"RELEASED", "FULFILLING", "FAILED"})
GIVEN = frozenset({"FULFILLED", "REVERSED"})
#: Where a reward stands; budgets are kept apart from it, and offers belong to orders.
OF_REWARDS = ("REWARD_COST", "HELD", "PAYABLE", "FULFILLED", "EXPIRED", "CLAWED_BACK", "RECOVERED")
OF_BUDGETS = ("BUDGET", "COMMITTED", "ALLOTTED")
OF_OFFERS = ("OFFER_COST", "DISCOUNT_GRANTED")


@dataclass(frozen=True, slots=True)
class Difference:
    """``code`` says what was compared, ``kind`` and ``id`` where to look. Amounts in minor units of ``unit``."""

    code: str
    kind: str
    id: UUID
    account: str
    unit: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class RewardRow:
    """A reward as its row says. ``netted_minor``: what payouts kept back for it; ``is_spent``: its code was disabled or
    ran out unused, so that whatever was clawed back has come back with it."""

    id: UUID
    unit: str
    state: str
    amount_minor: int
    clawed_back_minor: int = 0
    netted_minor: int = 0
    is_spent: bool = False

    @property
    def most_recovered(self) -> int:
        return max(self.amount_minor, self.netted_minor) if self.is_spent else self.netted_minor


def reward_books(row: RewardRow, *, recovered: int) -> dict[str, int]:
    """What each account must say of one reward, given what of its debt came back."""
    amount, clawed_back = row.amount_minor, row.clawed_back_minor
    said = dict.fromkeys(OF_REWARDS, 0)
    if row.state == "CANCELLED":
        return said
    said[_place_of(row.state)] = -amount
    return said | {
        "REWARD_COST": amount - clawed_back,
        "CLAWED_BACK": clawed_back - recovered,
        "RECOVERED": recovered,
    }


def _place_of(state: str) -> str:
    if state == "HELD":
        return "HELD"
    if state in OWED:
        return "PAYABLE"
    return "FULFILLED" if state in GIVEN else "EXPIRED"


def reward_differences(row: RewardRow, books: Books) -> list[Difference]:
    """Everything in which the entries of a reward disagree with its row."""
    found_back = books.get(("RECOVERED", row.unit), 0)
    recovered = min(max(found_back, row.netted_minor), row.most_recovered)
    wanted = {(account, row.unit): amount for account, amount in reward_books(row, recovered=recovered).items()}
    return list(_compare("reward", row.id, wanted, books, accounts=OF_REWARDS))


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """``kept_minor``: the sum of what the program's rewards say is kept for them."""

    program_id: UUID
    unit: str
    limit_minor: int
    reserved_minor: int
    kept_minor: int


def budget_differences(row: BudgetRow, books: Books) -> list[Difference]:
    wanted = {
        ("ALLOTTED", row.unit): -row.limit_minor,
        ("COMMITTED", row.unit): row.kept_minor,
        ("BUDGET", row.unit): row.limit_minor - row.kept_minor,
    }
    found = list(_compare("budget", row.program_id, wanted, books, accounts=OF_BUDGETS))
    if row.reserved_minor != row.kept_minor:
        told = Difference("budget_counter", "program", row.program_id, "", row.unit, row.kept_minor, row.reserved_minor)
        found.append(told)
    return found


def offer_differences(order_id: UUID, granted: Mapping[str, int], books: Books) -> list[Difference]:
    """``granted``: the discounts of used claims by unit, as the facts of the order tell them."""
    wanted = {("OFFER_COST", unit): amount for unit, amount in granted.items()}
    wanted |= {("DISCOUNT_GRANTED", unit): -amount for unit, amount in granted.items()}
    return list(_compare("offer", order_id, wanted, books, accounts=OF_OFFERS))


_SUBJECTS = {"reward": "reward", "budget": "program", "offer": "order"}


def _compare(code: str, key: UUID, wanted: Books, found: Books, *, accounts: tuple[str, ...]) -> Iterator[Difference]:
    """Both sides' accounts, so that what nobody expects is named as well."""
    every = {*wanted, *(place for place in found if place[0] in accounts)}
    for account, unit in sorted(every, key=lambda place: (accounts.index(place[0]), place[1])):
        expected, told = wanted.get((account, unit), 0), found.get((account, unit), 0)
        if expected != told:
            yield Difference(code, _SUBJECTS[code], key, account, unit, expected, told)
