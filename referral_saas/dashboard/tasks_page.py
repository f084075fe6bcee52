"""The list of what is still to be done for people: one's own first, what is late marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.models import Task
from kit.days import local_date
from merchants.models import Membership
from merchants.permissions import can
from merchants.selectors import team
from referral_saas.dashboard.frame import Desk, DeskRequest
from referral_saas.dashboard.listing import Filters, Sort, address, page_of
from referral_saas.dashboard.people import search_people

#: One's own that are shown above the others'; the rest is one press away.
OWN_SHOWN = 50
SOONEST = Sort("", _("Soonest first"), "due_date")
LAST_DONE = Sort("", _("Last done first"), "done_at", down=True)


@dataclass(frozen=True)
class TaskLine:
    task: Task
    owner: str
    is_late: bool


class TaskFilters(Filters):
    """Whose tasks, and which: without a word everybody's open ones."""

    LABELS = {"owner": _("Whose"), "state": _("State")}

    def _field(self, name: str, search: object, options: dict[str, Any]) -> forms.Field:
        if name in self.LABELS:
            return forms.ChoiceField(label=self.LABELS[name], required=False, choices=options[name])
        return super()._field(name, search, options)


def tasks_context(request: DeskRequest) -> dict[str, Any]:
    """Four statements and a page's; more tasks cost no more."""
    desk, members = request.desk, task_owners()
    today = today_of(desk)
    filters = _filters(request, members)
    rows = _narrowed(filters, desk, today, members)
    is_plain, own = "owner" not in filters.asked and not _is_done(filters), Q(owner=desk.user.pk)
    own_rows = list(SOONEST.applied(rows.filter(own))[: OWN_SHOWN + 1]) if is_plain and not _is_further(request) else []
    shown = rows.exclude(own) if is_plain else rows
    page = page_of(request, shown, by=LAST_DONE if _is_done(filters) else SOONEST)
    seats = {member.user_id for member in members}
    return {
        "filters": filters,
        "page": page,
        "own": [line_of(task, today, seats) for task in own_rows[:OWN_SHOWN]],
        "own_url": address(request, owner="mine") if len(own_rows) > OWN_SHOWN else "",
        "is_divided": bool(own_rows),
        "lines": [line_of(task, today, seats) for task in page.rows],
    }


def line_of(task: Task, today: date, seats: set[Any] | None = None) -> TaskLine:
    """``seats``: whose team it is, to say who has left; None: not asked."""
    owner = str(task.owner) if task.owner else _now("Nobody yet")
    if task.owner_id and seats is not None and task.owner_id not in seats:
        owner = _now("%(name)s, who has left") % {"name": owner}
    return TaskLine(task, owner, task.done_at is None and task.due_date < today)


def task_owners() -> list[Membership]:
    """Who may have tasks."""
    return [member for member in team() if can(member.role, "person.note")]


def today_of(desk: Desk) -> date:
    return local_date(desk.now, desk.workspace.time_zone)


def _filters(request: DeskRequest, members: list[Membership]) -> TaskFilters:
    me = request.desk.user.pk
    named = [(str(member.user_id), str(member.user)) for member in members if member.user_id != me]
    owners = [("", _("Everybody's")), ("mine", _("Yours")), ("nobody", _("Nobody's")), *named]
    states = [("", _("Open")), ("late", _("Late")), ("done", _("Done"))]
    return TaskFilters(request, show=("q", "owner", "state"), search=_("E-mail or name"), owner=owners, state=states)


def _narrowed(filters: Filters, desk: Desk, today: date, members: list[Membership]) -> QuerySet[Any]:
    groups = {str(member.user_id): Q(owner=member.user_id) for member in members}
    groups |= {"mine": Q(owner=desk.user.pk), "nobody": Q(owner=None)}
    groups |= {"late": Q(due_date__lt=today), "done": Q(done_at__isnull=False)}
    rows = filters.by_choice(Task.objects.select_related("customer", "owner"), groups)
    rows = rows if _is_done(filters) else rows.filter(done_at=None)
    return search_people(rows, filters.asked.get("q", ""), prefix="customer__")


def _is_done(filters: Filters) -> bool:
    return bool(filters.asked.get("state") == "done")


def _is_further(request: DeskRequest) -> bool:
    """Beyond the first page only the others' are told on."""
    return bool(request.GET.get("after") or request.GET.get("before"))
