"""What the page of a payout shows: who is paid what and why, who waits, and what can be done next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from kit.ids import public_id
from merchants.selectors import events_of, restored_at
from referral_saas.dashboard.event_words import lines_of, names_of
from referral_saas.dashboard.forms.payouts import MarksForm, ResultsForm
from referral_saas.dashboard.frame import Desk
from rewards.actions.payouts.run import is_second_person_needed
from rewards.models import Payout, PayoutItem, PayoutLine
from rewards.payable import OPEN, accounts_of, shared_fingerprints, stopped_payable_minor
from rewards.payout_words import line_reason
from rewards.rules.payouts import LeftOut

Line = PayoutLine.State
#: Lines drawn on the page; the file has them all.
SHOWN = 500


@dataclass(frozen=True)
class Row:
    """One person, with how the sum came about. ``can``: leave-out, take-in or nothing."""

    line: PayoutLine
    public_id: str
    account: str
    is_shared: bool
    words: str
    rewards: int
    back_minor: int
    can: str

    @property
    def again_minor(self) -> int:
        """What was kept back without need, and is given again."""
        return -self.back_minor


@dataclass(frozen=True)
class Waits:
    """Everybody who is left out for one reason."""

    words: str
    people: int
    amount_minor: int


def payout_context(desk: Desk, payout: Payout) -> dict[str, Any]:
    lines = list(PayoutLine.objects.filter(payout=payout).select_related("recipient").order_by("-amount_minor", "pk"))
    shown = [line for line in lines if line.state != Line.EXCLUDED][:SHOWN]
    waiting = [line for line in lines if line.state == Line.EXCLUDED][:SHOWN]
    rows = {row.line.pk: row for row in _rows(payout, [*shown, *waiting])}
    is_open = payout.state in OPEN
    return {
        "payout": payout,
        "paid_rows": [rows[line.pk] for line in shown],
        "left_rows": [rows[line.pk] for line in waiting],
        "hidden": len(lines) - len(rows),
        "sums": sums_of(lines),
        "waits": _waits(lines),
        "stopped_minor": stopped_payable_minor(unit=payout.unit) if is_open else 0,
        "events": lines_of(events_of(payout.pk), zone=desk.workspace.time_zone),
        "is_open": is_open,
        "is_preview": payout.state == Payout.State.PREVIEW,
        "is_waiting": payout.state == Payout.State.AWAITING_APPROVAL,
        "is_confirmed": payout.state == Payout.State.CONFIRMED,
        "was_restored": was_restored(payout),
        "restored_words": problem_text("payout_restored"),
        "needs_two": is_open and _needs_two(desk, payout),
        "asked_by": names_of([payout.asked_by])[payout.asked_by] if payout.asked_by else "",
        "is_own_question": payout.asked_by == desk.by,
        "marks_form": MarksForm(),
        "results_form": ResultsForm(),
    }


def _needs_two(desk: Desk, payout: Payout) -> bool:
    return is_second_person_needed(payout, by=desk.by, now=desk.now, currency=desk.workspace.currency)


def was_restored(payout: Payout) -> bool:
    """Whether nobody here knows if its file went to the bank: it was confirmed before a restore."""
    at = restored_at() if payout.state == Payout.State.CONFIRMED else None
    return at is not None and payout.confirmed_at is not None and payout.confirmed_at <= at


def sums_of(lines: Sequence[PayoutLine]) -> dict[str, tuple[int, int]]:
    """(people, amount) by state of the line."""
    found: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for line in lines:
        people, amount = found[line.state]
        found[line.state] = (people + 1, amount + line.amount_minor)
    return {state.lower(): found[state] for state in Line.values}


def _waits(lines: Sequence[PayoutLine]) -> list[Waits]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for line in lines:
        if line.state == Line.EXCLUDED:
            found[line.reason].append(line.amount_minor)
    return [Waits(line_reason(code), len(amounts), sum(amounts)) for code, amounts in sorted(found.items())]


def _rows(payout: Payout, lines: Sequence[PayoutLine]) -> list[Row]:
    accounts = accounts_of([line.recipient_id for line in lines]) if payout.state in OPEN else {}
    shared = shared_fingerprints(accounts.values()) if accounts else set()
    made_of = _made_of(lines)
    rows = []
    for line in lines:
        account = accounts.get(line.recipient_id)
        rewards, back = made_of.get(line.pk, (0, 0))
        rows.append(
            Row(
                line=line,
                public_id=public_id("pln", line.pk),
                account=line.hint or (account.hint if account else ""),
                is_shared=account is not None and account.fingerprint in shared,
                words=line_reason(line.reason),
                rewards=rewards,
                back_minor=back,
                can=_can(payout, line),
            )
        )
    return rows


def _made_of(lines: Sequence[PayoutLine]) -> dict[UUID, tuple[int, int]]:
    """Rewards paid, and what is kept back (minus: paid again), by line."""
    items = PayoutItem.objects.filter(line__in=lines).values_list("line_id")
    sums = items.annotate(
        rewards=Count("pk", filter=Q(is_correction=False)), back=Sum("amount_minor", filter=Q(is_correction=True))
    )
    return {line_id: (rewards, -(back or 0)) for line_id, rewards, back in sums.order_by()}


def _can(payout: Payout, line: PayoutLine) -> str:
    if payout.state != Payout.State.PREVIEW:
        return ""
    if line.state == Line.INCLUDED:
        return "leave-out"
    return "take-in" if line.reason in (LeftOut.BY_HAND, LeftOut.BELOW_MINIMUM) else ""


def problem_text(code: str) -> str:
    """Why something was not done, for the page that shows how things stand now."""
    texts = {
        "nothing_to_pay": _("Nothing is waiting for a payout until that day."),
        "payout_open_already": _("A payout of this currency is open already. Finish it or put it away first."),
        "payout_not_open": _("This payout was confirmed or put away already. Here is how it stands now."),
        "payout_waits_for_approval": _("It waits for a second person. Take the question back to change anything."),
        "payout_not_waiting": _("It does not wait for a second person any more."),
        "payout_restored": _(
            "The database was restored after this payout was confirmed, so its file may be at the bank already. Ask "
            "your bank first, and mark below what it has paid."
        ),
        "payout_not_confirmed": _("This payout is not confirmed yet."),
        "payout_changed": _("Something changed in this very moment. Look at it again, then confirm."),
        "nobody_included": _("Nobody is in this payout: everybody is left out for the reasons below."),
        "second_person_needed": _("This is more than one person may pay in a day. Ask a second person to agree."),
        "second_person_is_first": _("You asked for this payout, so somebody else must agree."),
        "line_changed": _("Somebody changed this line already. Here is how it stands now."),
        "line_cannot_be_taken_in": _("Without an account, a form or anything left to pay, nobody can be paid."),
        "form_collected_already": _("Somebody marked this form already."),
    }
    return texts.get(code) or _("This cannot be done any more. Here is how it stands now.")
