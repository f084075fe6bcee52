"""Tasks: what is to be done for people, until when, by whom; who may, and that a refusal keeps nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advocates.actions import tasks
from advocates.actions.refusals import Refused
from advocates.actions.tasks import TaskIn, add_task, finish_task, remove_task, reopen_task
from advocates.models import Customer, Task
from kit.days import local_date
from merchants.models import Event, Membership, Role, User
from referral_saas.dashboard.paths import public
from tests.cast import a_world, at_work, member, workspace_of
from tests.dashboard.desk import as_role, base, owner, signed_in, text_of
from tests.dashboard.test_people_pages import cost
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_world)


def dana(world) -> Customer:
    return Customer.objects.get(pk=world.advocate.customer_id)


def seat(world, role: Role = Role.OWNER) -> Membership:
    if not Membership.objects.filter(merchant=world.merchant, role=role).exists():
        member(world.merchant, f"{role.lower()}@nordlicht.example", role)
    return Membership.objects.get(merchant=world.merchant, role=role)


def day(world, ahead: int):
    return local_date(world.now, "Europe/Berlin") + timedelta(days=ahead)


def a_task(world, text: str = "Send the poster", ahead: int = 2, whose: Membership | None = None) -> Task:
    """One in the past was written down before it was over."""
    with at_work(world.merchant) as now:
        at = min(now, now + timedelta(days=ahead))
        wanted = TaskIn(text, local_date(at + timedelta(days=max(ahead, 0)), "Europe/Berlin"), whose)
        return add_task(customer=dana(world), task=wanted, member=seat(world), now=at)


def kept(world) -> list[object]:
    with at_work(world.merchant):
        return [list(model.objects.order_by("pk").values()) for model in (Task, Event)]


def codes(world) -> list[str]:
    with at_work(world.merchant):
        return list(Event.objects.filter(code__startswith="task.").order_by("pk").values_list("code", flat=True))


def new_path(world, **more: str) -> str:
    with at_work(world.merchant):
        query = "&".join(f"{name}={value}" for name, value in {"person": public(dana(world)), **more}.items())
    return f"{base(world)}/tasks/new?{query}"


# --- one task -------------------------------------------------------------------------------------------------------


def test_a_task_is_written_down_once_and_stands_on_the_pages(world):
    client, place = as_role(world, Role.REVIEWER), public(world.advocate)
    who = seat(world, Role.REVIEWER)
    form = {"text": " Ask  about the poster ", "due_date": day(world, 3).isoformat(), "owner": str(who.pk)}
    for _ in range(2):
        answer = client.post(new_path(world, place=place), form)
        assert answer["Location"] == f"{base(world)}/advocates/{place}#tasks"
    with at_work(world.merchant):
        made = Task.objects.get()
        assert (made.text, made.due_date, made.owner_id) == ("Ask about the poster", day(world, 3), who.user_id)
        told = Event.objects.get(code="task.added")
        assert (told.subject_id, told.by) == (made.customer_id, f"user:{who.user_id}")
        assert told.data == {"task": str(made.pk), "due_date": day(world, 3).isoformat()}
        person = public(dana(world))
    for path in (f"advocates/{place}", f"customers/{person}", "tasks"):
        assert "Ask about the poster" in text_of(client.get(f"{base(world)}/{path}")), path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "  "}, "Say what is to be done"),
        ({"text": "x" * 301}, "300 characters at most"),
        ({"due_date": ""}, "required"),
        ({"due_date": "tomorrow"}, "valid date"),
        ({"due_date": "2020-01-01"}, "Choose today or a later day"),
        ({"owner": "0199a0a0-0000-7000-8000-000000000001"}, "valid choice"),
    ],
)
def test_what_is_no_task_is_not_kept(world, change, said):
    standing = a_task(world)
    form, before = {"text": "Call", "due_date": day(world, 1).isoformat(), "owner": ""} | change, kept(world)
    for path in (new_path(world), f"{base(world)}/tasks/{public(standing)}"):
        answer = owner(world).post(path, form)
        assert (answer.status_code, said in text_of(answer)) == (422, True), path
    assert kept(world) == before


def test_an_analyst_has_no_tasks_and_fifty_are_enough(world):
    analyst = seat(world, Role.ANALYST)
    form = {"text": "Call", "due_date": day(world, 1).isoformat(), "owner": str(analyst.pk)}
    assert owner(world).post(new_path(world), form).status_code == 422
    with at_work(world.merchant) as now:
        told = {"customer": dana(world), "due_date": day(world, 1), "made_at": now}
        Task.objects.bulk_create([Task(text=f"{n}", **told) for n in range(tasks.MOST_OPEN)])
        with pytest.raises(Refused, match="50 tasks are open"):
            add_task(customer=dana(world), task=TaskIn("More", day(world, 1)), member=seat(world), now=now)


def test_changing_keeps_a_day_that_is_over_but_takes_no_new_one(world):
    late, path = a_task(world, ahead=-3), ""
    path = f"{base(world)}/tasks/{public(late)}"
    client, who = owner(world), seat(world)
    form = {"text": "Send two posters", "due_date": day(world, -3).isoformat(), "owner": str(who.pk)}
    assert client.post(path, form)["Location"] == f"{base(world)}/tasks"
    for over in (-4, -1):
        assert client.post(path, form | {"due_date": day(world, over).isoformat()}).status_code == 422
    assert client.post(path, form).status_code == 302
    with at_work(world.merchant):
        found = Task.objects.get()
        assert (found.text, found.due_date, found.owner_id) == ("Send two posters", day(world, -3), who.user_id)
    assert codes(world) == ["task.added", "task.changed"]


def test_done_open_again_and_removed_each_once(world):
    task, who = a_task(world), seat(world)
    path, client = f"{base(world)}/tasks/{public(task)}", owner(world)
    for verb in ("done", "done", "reopen", "reopen"):
        assert client.post(f"{path}/{verb}")["Location"] == f"{base(world)}/tasks"
    assert codes(world) == ["task.added", "task.done", "task.reopened"]
    client.post(f"{path}/done", {"place": public(world.advocate)})
    with at_work(world.merchant):
        found = Task.objects.get()
        assert (found.done_at is not None, found.done_by_id) == (True, who.user_id)
    refused = client.post(path, {"text": "Too late", "due_date": day(world, 2).isoformat()})
    assert "finished or removed meanwhile" in text_of(refused)
    assert client.post(f"{path}/remove").status_code == 302
    assert client.post(f"{path}/remove").status_code == 404
    with at_work(world.merchant) as now:
        for verb in (finish_task, reopen_task, remove_task):
            verb(task=task, member=who, now=now)  # a twin that came later
    assert codes(world)[3:] == ["task.done", "task.removed"]


def test_who_only_reads_changes_nothing_and_nobody_else_does(world):
    task = a_task(world)
    before, path = kept(world), f"{base(world)}/tasks/{public(task)}"
    analyst = as_role(world, Role.ANALYST)
    workspace_of("charlie@halcyon.example", "Halcyon")
    charlie = signed_in(User.objects.get(email="charlie@halcyon.example"))
    form = {"text": "No", "due_date": day(world, 2).isoformat()}
    for each in (new_path(world), path, f"{path}/done", f"{path}/reopen", f"{path}/remove"):
        assert analyst.post(each, form).status_code == 404, each
        assert charlie.post(each, form).status_code == 404, each
        assert charlie.post(each.replace(base(world), "/w/halcyon"), form).status_code == 404, each
    assert charlie.get(f"{base(world)}/tasks").status_code == 404
    page = analyst.get(f"{base(world)}/tasks")
    assert ("Send the poster" in text_of(page), "/done" in page.content.decode()) == (True, False)
    assert kept(world) == before
    assert owner(world).get(f"{base(world)}/tasks/new").status_code == 404


# --- the list -------------------------------------------------------------------------------------------------------


def test_ones_own_come_first_and_what_is_late_is_marked(world):
    mine, theirs = seat(world), seat(world, Role.SUPPORT)
    a_task(world, "Theirs", 1, theirs)
    a_task(world, "Unowned", -2)
    a_task(world, "Mine later", 5, mine)
    a_task(world, "Mine soon", 2, mine)
    page = text_of(owner(world).get(f"{base(world)}/tasks"))
    places = [page.index(text) for text in ("Mine soon", "Mine later", "Everybody else's", "Unowned", "Theirs")]
    assert places == sorted(places)
    assert page.count("Late ") == 2  # the mark, and the filter's word


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("owner=mine", {"Mine"}),
        ("owner=nobody", {"Unowned"}),
        ("owner=support", {"Theirs"}),
        ("state=late", {"Unowned"}),
        ("state=done", {"Finished"}),
        ("state=done&owner=mine", set()),
        ("q=dana", {"Mine", "Theirs", "Unowned"}),
        ("q=nobody@x.example", set()),
        ("owner=rubbish&state=rubbish", {"Mine", "Theirs", "Unowned"}),
    ],
)
def test_the_filters_stand_in_the_address(world, query, shown):
    theirs = seat(world, Role.SUPPORT)
    a_task(world, "Theirs", 1, theirs)
    a_task(world, "Unowned", -2)
    a_task(world, "Mine", 5, seat(world))
    finished = a_task(world, "Finished", 5)
    with at_work(world.merchant) as now:
        finish_task(task=finished, member=theirs, now=now)
    query = query.replace("owner=support", f"owner={theirs.user_id}")
    answer = owner(world).get(f"{base(world)}/tasks?{query}")
    page = answer.content.decode()
    links = {
        text for text in ("Mine", "Theirs", "Unowned", "Finished") if f">{text.replace(chr(39), '&#x27;')}<" in page
    }
    assert (answer.status_code, links) == (200, shown)


def test_pages_follow_each_other_and_cost_the_same(world):
    client, path = owner(world), f"{base(world)}/tasks"
    a_task(world, "First", 1)
    a_task(world, "First of mine", 1, seat(world))
    client.get(path)
    few = cost(client, path)
    for n in range(12):
        a_task(world, f"More {n}", n)
        a_task(world, f"Mine {n}", n, seat(world))
    assert cost(client, path) == few <= 20
    first = client.get(f"{path}?size=5")
    second = client.get(first.context["page"].next_url)
    told = [line.task.text for page in (first, second) for line in page.context["lines"]]
    assert len(set(told)) == len(told) == 10
    assert (len(first.context["own"]), second.context["own"]) == (13, [])


def test_whose_person_is_gone_has_no_tasks(world):
    a_task(world)
    with at_work(world.merchant):
        stranger = Customer.objects.create(
            email="x@y.example", email_key="x@y.example", source="HAND", created_at=world.now
        )
        Task.objects.update(customer=stranger)
        stranger.delete()
        assert Task.objects.count() == 0


def test_somebody_who_left_is_named_so(world):
    theirs = seat(world, Role.SUPPORT)
    a_task(world, "Theirs", 1, theirs)
    Membership.objects.filter(pk=theirs.pk).delete()
    assert "support@nordlicht.example, who has left" in text_of(owner(world).get(f"{base(world)}/tasks"))
