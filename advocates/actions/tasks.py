"""What the team means to do for people: until when, and who does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from advocates.actions.refusals import Refused
from advocates.locks import customer_for_update
from advocates.models import Customer, Task
from kit.days import local_date
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.models import Membership
from merchants.selectors import workspace

LONGEST_TASK, MOST_OPEN = 300, 50
#: Within which somebody who asks to be erased has to be answered.
DAYS_TO_FORGET = 30
ASKED_TO_BE_FORGOTTEN = "customer.asked_erasure"


@dataclass(frozen=True, slots=True)
class TaskIn:
    """``owner`` None: nobody's yet."""

    text: str
    due_date: date
    owner: Membership | None = None

    @property
    def values(self) -> dict[str, Any]:
        owner_id = self.owner.user_id if self.owner else None
        return {"text": self.text, "due_date": self.due_date, "owner_id": owner_id}


@transaction_required
def add_task(*, customer: Customer, task: TaskIn, member: Membership, now: datetime) -> Task:
    """The same open task once more is the one there is. Raises Refused."""
    wanted = _checked(task, earliest=_today(now))
    found = customer_for_update(customer.pk)
    still_open = Task.objects.filter(customer=found, done_at=None)
    same: Task | None = still_open.filter(**wanted).first()
    if same:
        return same
    if still_open.count() >= MOST_OPEN:
        raise Refused("text", _("%(most)s tasks are open for this person: finish some first.") % {"most": MOST_OPEN})
    made: Task = Task.objects.create(customer=found, made_by_id=member.user_id, made_at=now, **wanted)
    _record("task.added", made, member, now)
    return made


@transaction_required
def ask_to_be_forgotten(*, customer: Customer, by: str, now: datetime) -> bool:
    """The person wants to be erased: a task that is nobody's yet, due on the last day the law leaves. False where it
    stands there already."""
    found = customer_for_update(customer.pk)
    with translation.override(workspace().language):
        text = _("They ask to be forgotten. Erase them on their page, or answer why not.")
    if found.erased_at is not None or Task.objects.filter(customer=found, done_at=None, text=text).exists():
        return False
    due_date = _today(now) + timedelta(days=DAYS_TO_FORGET)
    made = Task.objects.create(customer=found, text=text, due_date=due_date, made_at=now)
    data = {"task": str(made.pk), "due_date": due_date.isoformat()}
    events.record(ASKED_TO_BE_FORGOTTEN, subject=found, by=by, now=now, data=data)
    return True


@transaction_required
def change_task(*, task: Task, wanted: TaskIn, member: Membership, now: datetime) -> Task:
    """A day that is over may stay, but not be chosen anew. Unchanged, nothing happens. Raises Refused."""
    found = _held(task)
    if found is None or found.done_at:
        raise Refused("text", _("This task was finished or removed meanwhile."))
    stays = wanted.due_date == found.due_date
    values = _checked(wanted, earliest=found.due_date if stays else _today(now))
    changed = {name: value for name, value in values.items() if getattr(found, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(found, name, value)
        found.save(update_fields=[name.removesuffix("_id") for name in changed])
        _record("task.changed", found, member, now)
    return found


@transaction_required
def finish_task(*, task: Task, member: Membership, now: datetime) -> None:
    """Done already or gone, nothing happens."""
    found = _held(task)
    if found is not None and found.done_at is None:
        _set_done(found, now, member)
        _record("task.done", found, member, now)


@transaction_required
def reopen_task(*, task: Task, member: Membership, now: datetime) -> None:
    """Open already or gone, nothing happens."""
    found = _held(task)
    if found is not None and found.done_at is not None:
        _set_done(found, None, None)
        _record("task.reopened", found, member, now)


@transaction_required
def remove_task(*, task: Task, member: Membership, now: datetime) -> None:
    """Gone already, nothing happens."""
    found = _held(task)
    if found is not None:
        Task.objects.filter(pk=found.pk).delete()
        _record("task.removed", found, member, now)


def _held(task: Task) -> Task | None:
    """As it is now. The person's lock guards their tasks and the numbers of their events."""
    customer_for_update(task.customer_id)
    found: Task | None = Task.objects.select_related("customer").filter(pk=task.pk).first()
    return found


def _checked(task: TaskIn, *, earliest: date) -> dict[str, Any]:
    text = " ".join(clean_text(task.text).split())
    if not text:
        raise Refused("text", _("Say what is to be done."))
    if len(text) > LONGEST_TASK:
        raise Refused("text", _("A task has %(most)s characters at most.") % {"most": LONGEST_TASK})
    if task.due_date < earliest:
        raise Refused("due_date", _("Choose today or a later day."))
    return task.values | {"text": text}


def _today(now: datetime) -> date:
    return local_date(now, workspace().time_zone)


def _set_done(task: Task, at: datetime | None, member: Membership | None) -> None:
    task.done_at, task.done_by_id = at, member.user_id if member else None
    task.save(update_fields=["done_at", "done_by"])


def _record(code: str, task: Task, member: Membership, now: datetime) -> None:
    data = {"task": str(task.pk), "due_date": task.due_date.isoformat()}
    events.record(code, subject=task.customer, by=events.by_user(member.user_id), now=now, data=data)
