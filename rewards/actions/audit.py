"""The check of the books: every total again, from the entries and from the rows they are about.

Nothing is locked while reading: only what seems to differ is locked and read once more, because somebody may have been
at it between two statements. Memory and statements grow with the number of chunks, not of rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.locks import workspace_for_update
from merchants.models import Event, Membership, Role, Workspace
from merchants.selectors import team
from programs.models import Program
from rewards.actions.sums import wrong_sums
from rewards.locks import budget_of_program_for_update, rewards_for_update
from rewards.models import Account, Budget, LedgerEntry, PayoutItem, PayoutLine, Reward, Withdrawal
from rewards.rules.audit import (
    OF_BUDGETS,
    OF_OFFERS,
    OF_REWARDS,
    Books,
    BudgetRow,
    Difference,
    RewardRow,
    budget_differences,
    offer_differences,
    reward_books,
    reward_differences,
)
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.models import Claim, Order, OrderFact, Referral
from tracking.rules import Fact, FactKind, OrderView, read_order

#: Rows read at once.
CHUNK = 2_000
#: As many differences stand in the event of a check; the number of all is told beside them.
MOST_KEPT = 50
#: Who hears of differences that a nightly check found.
TOLD = (Role.OWNER, Role.FINANCE)


@dataclass(frozen=True, slots=True)
class Total:
    """One account in one unit: what the entries sum to, and what the rows say it should be."""

    account: str
    unit: str
    books_minor: int
    rows_minor: int


@dataclass
class Report:
    """What a check saw. ``differences`` is empty when the books are right."""

    differences: list[Difference] = field(default_factory=list)
    rewards: int = 0
    postings: int = 0
    orders: int = 0
    books: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def totals(self) -> list[Total]:
        places = sorted({place for place in (*self.books, *self.rows) if self.books[place] or self.rows[place]})
        return [Total(account, unit, self.books[account, unit], self.rows[account, unit]) for account, unit in places]


@transaction_required
def check_books(*, by: str, now: datetime) -> Report:
    """Check everything and write down what was found: ``ledger.checked``, and ``ledger.differs`` for the team by night.

    The workspace is locked first, so that two checks follow each other.
    """
    workspace = workspace_for_update()
    report = look_at_books()
    record("ledger.checked", subject=workspace, by=by, now=now, data=_facts_of(report))
    if report.differences and by == SYSTEM:
        _tell_team(workspace, report, now)
    return report


def _facts_of(report: Report) -> dict[str, Any]:
    kept = [
        {
            "code": one.code,
            "kind": one.kind,
            "id": str(one.id),
            "account": one.account,
            "unit": one.unit,
            "expected": one.expected,
            "found": one.found,
        }
        for one in report.differences[:MOST_KEPT]
    ]
    counts = {"rewards": report.rewards, "postings": report.postings, "orders": report.orders}
    return counts | {"differences": len(report.differences), "found": kept}


def _tell_team(workspace: Workspace, report: Report, now: datetime) -> None:
    """One event per person: whoever mails it writes to one person at a time."""
    members: Iterable[Membership] = team().filter(role__in=TOLD)
    for member in members:
        data = {"member": str(member.pk), "differences": len(report.differences)}
        record("ledger.differs", subject=workspace, by=SYSTEM, now=now, data=data)


def last_check(*, by: str = "") -> Event | None:
    """The newest check of this workspace; ``by`` narrows it to who asked for it."""
    checks = checks_of_books()
    found: Event | None = (checks.filter(by=by) if by else checks).order_by("-seq").first()
    return found


def checks_of_books() -> QuerySet[Event]:
    rows: QuerySet[Event] = Event.objects.filter(code="ledger.checked", subject_id__in=Workspace.objects.values("pk"))
    return rows


@transaction_required
def look_at_books() -> Report:
    """Compare without writing anything down."""
    report = Report(postings=_count_postings())
    report.differences += _unbalanced()
    _look_at_offers(report)
    _look_at_rewards(report)
    _look_at_budgets(report)
    report.differences += _of_nobody()
    report.differences += _of_kept_sums()
    return report


def _count_postings() -> int:
    return int(LedgerEntry.objects.order_by().values("posting").distinct().count())


def _unbalanced() -> Iterator[Difference]:
    """Postings that do not sum to zero in a unit."""
    sums = LedgerEntry.objects.values_list("posting_id", "unit").annotate(total=Sum("amount_minor")).order_by()
    for posting_id, unit, total in sums.exclude(total=0):
        yield Difference("posting", "posting", posting_id, "", unit, 0, total)


def _of_nobody() -> Iterator[Difference]:
    """Entries that belong to no reward, order or program's budget at all: nothing could answer for them."""
    lost = LedgerEntry.objects.filter(account__in=OF_REWARDS, posting__reward=None)
    lost |= LedgerEntry.objects.filter(account__in=OF_OFFERS, posting__order=None)
    sums = lost.values_list("posting_id", "account", "unit").annotate(total=Sum("amount_minor")).order_by()
    for posting_id, account, unit, total in sums:
        yield Difference("nobody", "posting", posting_id, account, unit, 0, total)


def _of_kept_sums() -> Iterator[Difference]:
    """Sums that are shown and are not those of their rewards (rewards.models.sums)."""
    for one in wrong_sums():
        if one.said_minor != one.kept_minor:
            yield Difference("sum", "program", one.program_id, "", one.unit, one.said_minor, one.kept_minor)
        else:
            yield Difference("sum_count", "program", one.program_id, "", one.unit, one.said, one.kept)


# --- rewards --------------------------------------------------------------------------------------------------------


def _look_at_rewards(report: Report) -> None:
    last: UUID | None = None
    while ids := _next_ids(Reward.objects.all(), last):
        rows, books = _reward_rows(ids), _sums("posting__reward_id", ids, OF_REWARDS)
        suspects = [row.id for row in rows if reward_differences(row, books[row.id])]
        if suspects:
            rewards_for_update(suspects)
            again = {row.id: row for row in _reward_rows(suspects)}
            rows = [again.get(row.id, row) for row in rows]
            books |= {key: {} for key in suspects} | _sums("posting__reward_id", suspects, OF_REWARDS)
        for row in rows:
            _note_reward(report, row, books[row.id])
        last = ids[-1]


def _next_ids(rows: QuerySet[Any], last: UUID | None) -> list[UUID]:
    rest = rows.filter(pk__gt=last) if last else rows
    return list(rest.order_by("pk").values_list("pk", flat=True)[:CHUNK])


def _note_reward(report: Report, row: RewardRow, books: Books) -> None:
    report.rewards += 1
    report.differences += reward_differences(row, books)
    report.books.update(books)
    recovered = min(max(books.get(("RECOVERED", row.unit), 0), row.netted_minor), row.most_recovered)
    for account, amount in reward_books(row, recovered=recovered).items():
        report.rows[account, row.unit] += amount


def _reward_rows(ids: Sequence[UUID]) -> list[RewardRow]:
    """The rewards with what came back of them: kept back in payouts (or paid again there), or their code disabled."""
    paid = PayoutItem.objects.filter(reward__in=ids, is_correction=True, line__state=PayoutLine.State.PAID)
    netted = dict(paid.values_list("reward_id").annotate(total=Sum("amount_minor")).order_by())
    gone = Withdrawal.objects.filter(reward__in=ids, state=Withdrawal.State.DISABLED)
    disabled = set(gone.values_list("reward_id", flat=True))
    fields = ("pk", "unit", "state", "amount_minor", "clawed_back_minor")
    return [
        RewardRow(key, unit, state, amount, back, -netted.get(key, 0), key in disabled or state == Reward.State.EXPIRED)
        for key, unit, state, amount, back in Reward.objects.filter(pk__in=ids).order_by("pk").values_list(*fields)
    ]


def _sums(path: str, ids: Sequence[UUID], accounts: Sequence[str]) -> defaultdict[Any, dict[tuple[str, str], int]]:
    """Sums of entries by what they belong to, then by account and unit; zero sums are left out."""
    entries = LedgerEntry.objects.filter(**{f"{path}__in": ids}, account__in=accounts)
    found: defaultdict[Any, dict[tuple[str, str], int]] = defaultdict(dict)
    for key, account, unit, total in entries.values_list(path, "account", "unit").annotate(t=Sum("amount_minor")):
        if total:
            found[key][account, unit] = total
    return found


# --- budgets --------------------------------------------------------------------------------------------------------


def _look_at_budgets(report: Report) -> None:
    for program in Program.objects.filter(pk__in=_programs_with_budgets()).order_by("pk"):
        row, books = _budget_row(program), _sums("program_id", [program.pk], OF_BUDGETS)[program.pk]
        if budget_differences(row, books):
            budget_of_program_for_update(program.pk)
            row, books = _budget_row(program), _sums("program_id", [program.pk], OF_BUDGETS)[program.pk]
        report.differences += budget_differences(row, books)
        report.books.update(books)
        report.rows.update({("ALLOTTED", row.unit): -row.limit_minor, ("COMMITTED", row.unit): row.kept_minor})
        report.rows["BUDGET", row.unit] += row.limit_minor - row.kept_minor


def _programs_with_budgets() -> set[UUID]:
    with_entries = LedgerEntry.objects.filter(account__in=OF_BUDGETS).values_list("program_id", flat=True)
    return {*with_entries.order_by().distinct(), *Budget.objects.values_list("program_id", flat=True)}


def _budget_row(program: Program) -> BudgetRow:
    """A program without a budget has none of anything."""
    unit, budget = program.live_terms.currency, Budget.objects.filter(program=program).first()
    if budget is None:
        return BudgetRow(program.pk, unit, 0, 0, 0)
    kept = Reward.objects.filter(program=program).aggregate(total=Sum("reserved_minor"))["total"] or 0
    return BudgetRow(program.pk, unit, budget.limit_minor, budget.reserved_minor, kept)


# --- offers ---------------------------------------------------------------------------------------------------------


def _look_at_offers(report: Report) -> None:
    """Every order with an offer on the books or attributed by a claim, from its facts."""
    last: UUID | None = None
    posted = LedgerEntry.objects.filter(account=Account.OFFER_COST).values("posting__order")
    claimed = Referral.objects.filter(claim__isnull=False).values("order")
    rows = Order.objects.filter(Q(pk__in=posted) | Q(pk__in=claimed))
    while ids := _next_ids(rows, last):
        granted, books = _granted(ids), _sums("posting__order_id", ids, OF_OFFERS)
        for order_id in ids:
            _note_offer(report, order_id, granted[order_id], books[order_id])
        last = ids[-1]


def _note_offer(report: Report, order_id: UUID, granted: dict[str, int], books: Books) -> None:
    if offer_differences(order_id, granted, books):
        order = Order.objects.get(pk=order_id)
        lock_order(OrderKey(order.platform, order.external_id))
        granted, books = _granted([order_id])[order_id], _sums("posting__order_id", [order_id], OF_OFFERS)[order_id]
    report.orders += 1
    report.differences += offer_differences(order_id, granted, books)
    report.books.update(books)
    for unit, amount in granted.items():
        report.rows.update({("OFFER_COST", unit): amount, ("DISCOUNT_GRANTED", unit): -amount})


def _granted(ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """By order and unit the discount of the claim whose code was used, while the order stands paid."""
    orders = Order.objects.filter(pk__in=ids)
    views = _views(ids)
    codes = {code for view in views.values() if view for code, _discount in view.codes}
    claims = list(Claim.objects.filter(code__in=codes).exclude(code="").order_by("pk"))
    return {order.pk: _discount(order, views[order.pk], claims) for order in orders}


def _views(ids: Sequence[UUID]) -> dict[UUID, OrderView | None]:
    facts: dict[UUID, list[Fact]] = {order_id: [] for order_id in ids}
    for row in OrderFact.objects.filter(order__in=ids).order_by("order_id", "as_of", "digest"):
        facts[row.order_id].append(Fact(FactKind(row.kind), row.key, row.as_of, row.data, row.digest))
    return {order_id: read_order(told) for order_id, told in facts.items()}


def _discount(order: Order, view: OrderView | None, claims: Sequence[Claim]) -> dict[str, int]:
    """An own code tells the claim by itself; a shop-wide code counts for the buyer's claim that was given it."""
    if view is None or order.settled_at is None or not view.is_paid or view.cancelled_at:
        return {}
    discounts = dict(view.codes)
    used = [claim for claim in claims if claim.code in discounts]
    own = [claim for claim in used if claim.code_is_own]
    theirs = [claim for claim in used if order.customer_id and claim.friend_id == order.customer_id]
    claim = next(iter(own or theirs), None)
    return {view.currency: discounts[claim.code]} if claim and discounts[claim.code] else {}
