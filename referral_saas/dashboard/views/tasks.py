"""Tasks: what is to be done for people, until when, by whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from advocates.actions import tasks
from advocates.actions.refusals import Refused
from advocates.models import Customer, Task
from referral_saas.dashboard.access import customer_for, task_for
from referral_saas.dashboard.answers import done, point_out
from referral_saas.dashboard.forms.desk import TaskForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, page, show
from referral_saas.dashboard.person_page import path_back
from referral_saas.dashboard.tasks_page import task_owners, tasks_context


@page()
def listed(request: DeskRequest) -> HttpResponse:
    return show(request, "dashboard/tasks/list.html", tasks_context(request))


@form_page("person.note")
def new(request: DeskRequest) -> HttpResponse:
    """For the person, or the advocate, named in the address."""
    person, desk = customer_for(request.GET.get("person", "")), request.desk
    mine = {"owner": str(desk.membership.pk)}
    form = TaskForm(request.POST or None, members=task_owners(), initial=mine)
    if request.method == "POST" and form.is_valid():
        try:
            tasks.add_task(customer=person, task=form.task(), **_told(request))
            return done(request, path_back(request, person, "tasks"), _("It is on the list of tasks."))
        except Refused as error:
            point_out(form, error.field, str(error))
    return _form(request, form, person)


@form_page("person.note")
def one(request: DeskRequest, public_id: str) -> HttpResponse:
    task, members = task_for(public_id), task_owners()
    owner = next((str(member.pk) for member in members if member.user_id == task.owner_id), "")
    known = {"text": task.text, "due_date": task.due_date, "owner": owner}
    form = TaskForm(request.POST or None, members=members, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            tasks.change_task(task=task, wanted=form.task(), **_told(request))
            return done(request, "/tasks", _("Saved."))
        except Refused as error:
            point_out(form, error.field, str(error))
    return _form(request, form, task.customer, task)


_VERBS: dict[str, Callable[..., Any]] = {
    "done": tasks.finish_task,
    "reopen": tasks.reopen_task,
    "remove": tasks.remove_task,
}


@change("person.note")
def move(request: DeskRequest, public_id: str, verb: str) -> HttpResponse:
    task = task_for(public_id)
    _VERBS[verb](task=task, **_told(request))
    said = {"done": _("Done."), "reopen": _("The task is open again."), "remove": _("The task is removed.")}
    back = path_back(request, task.customer, "tasks") if request.POST.get("place") else "/tasks"
    return done(request, back, said[verb])


def _told(request: DeskRequest) -> dict[str, Any]:
    return {"member": request.desk.membership, "now": request.desk.now}


def _form(request: DeskRequest, form: TaskForm, person: Customer, task: Task | None = None) -> HttpResponse:
    context = {"form": form, "person": person, "task": task}
    return show(request, "dashboard/tasks/task.html", context, status=422 if form.errors else 200)
