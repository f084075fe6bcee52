"""Notes and tags: what the team keeps about a person, who may, and that a refusal keeps nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advocates.actions import notes, tags
from advocates.actions.notes import add_note, may_remove, remove_note
from advocates.actions.refusals import Refused
from advocates.actions.tags import add_tag, clean_tag, remove_tag
from advocates.models import Customer, Note, Tag, Tagged
from kit.ids import public_id
from merchants.events import SYSTEM
from merchants.models import Event, Membership, Role
from referral_saas.dashboard.paths import public
from tests.cast import a_world, at_work, enrolled, member, workspace_of
from tests.dashboard.desk import as_role, base, owner, signed_in, text_of
from tests.dashboard.test_people_pages import cost
from tests.once import for_a_file
from tests.portal.world import portal
from tests.portal.world import signed_in as at_the_portal

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_world)


def dana(world) -> Customer:
    return Customer.objects.get(pk=world.advocate.customer_id)


def seat(world, role: Role = Role.OWNER) -> Membership:
    found = Membership.objects.filter(merchant=world.merchant, role=role).first()
    if found is None:
        member(world.merchant, f"{role.lower()}@nordlicht.example", role)
    return found or Membership.objects.get(merchant=world.merchant, role=role)


def kept(world) -> list[object]:
    with at_work(world.merchant):
        return [list(model.objects.order_by("pk").values()) for model in (Note, Tag, Tagged, Event)]


def person_path(world) -> str:
    with at_work(world.merchant):
        return f"{base(world)}/customers/{public(dana(world))}"


def advocate_path(world) -> str:
    return f"{base(world)}/advocates/{public(world.advocate)}"


# --- notes ----------------------------------------------------------------------------------------------------------


def test_a_note_stands_on_both_pages_and_never_in_the_portal(world):
    client, where = as_role(world, Role.SUPPORT), {"place": public(world.advocate)}
    answer = client.post(f"{person_path(world)}/notes", {"text": " Likes <b>tea</b> \r\nnot coffee ", **where})
    assert answer["Location"] == f"{advocate_path(world)}#notes"
    with at_work(world.merchant):
        note = Note.objects.select_related("written_by").get()
        assert (note.text, note.customer_id) == ("Likes <b>tea</b> \nnot coffee", world.advocate.customer_id)
        assert note.written_by.email == "support@nordlicht.example"
        told = Event.objects.get(code="note.added")
        assert (told.subject_id, told.data) == (note.customer_id, {"note": str(note.pk)})
    for path in (advocate_path(world), person_path(world)):
        page = client.get(path).content.decode()
        assert "Likes &lt;b&gt;tea&lt;/b&gt;" in page
    eva = at_the_portal(world)
    for page in ("", "friends", "rewards", "settings", "links"):
        assert "tea" not in eva.get(portal(world, page)).content.decode()


def test_pressed_twice_it_is_one_note(world):
    client = owner(world)
    for _ in range(2):
        assert client.post(f"{person_path(world)}/notes", {"text": "Call back."}).status_code == 302
    with at_work(world.merchant):
        assert (Note.objects.count(), Event.objects.filter(code="note.added").count()) == (1, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "Write something first"), ("   \n ", "Write something first"), ("x" * 2001, "2000 characters at most")],
)
def test_a_note_that_says_nothing_or_too_much_is_not_kept(world, text, said):
    before = kept(world)
    for where in ({}, {"place": public(world.advocate)}, {"place": "adv_nonsense"}):
        answer = owner(world).post(f"{person_path(world)}/notes", {"text": text, **where})
        assert (answer.status_code, said in text_of(answer)) == (422, True)
    assert owner(world).post(f"{person_path(world)}/notes", {"text": "a\0b"}).status_code == 422
    assert kept(world) == before


def test_two_hundred_notes_are_enough(world, monkeypatch):
    with at_work(world.merchant) as now:
        rows = [Note(customer=dana(world), text=f"{n}", at=now) for n in range(notes.MOST_NOTES)]
        Note.objects.bulk_create(rows)
        with pytest.raises(Refused, match="200 notes"):
            add_note(customer=dana(world), text="One more", member=seat(world), now=now)


def test_who_may_take_a_note_away_and_for_how_long(world):
    author, other, admin = seat(world, Role.SUPPORT), seat(world, Role.MARKETER), seat(world, Role.ADMIN)
    with at_work(world.merchant) as now:
        note = add_note(customer=dana(world), text="Wrong person", member=author, now=now)
    later = now + timedelta(days=1)
    assert [may_remove(note, who, now) for who in (author, other, admin)] == [True, False, True]
    assert [may_remove(note, who, later) for who in (author, other, admin)] == [False, False, True]
    path, before = f"{base(world)}/notes/{public(note)}/remove", kept(world)
    refused = signed_in(other.user).post(path, follow=True)
    assert "Only whoever wrote a note may remove it" in text_of(refused)
    assert kept(world) == before
    assert signed_in(author.user).post(path)["Location"] == f"{person_path(world)}#notes"
    assert signed_in(author.user).post(path).status_code == 404
    with at_work(world.merchant):
        assert (Note.objects.count(), Event.objects.filter(code="note.removed").count()) == (0, 1)
        remove_note(note=note, member=admin, now=now)  # a twin that came later
        assert Event.objects.filter(code="note.removed").count() == 1


def test_who_only_reads_writes_nothing_and_nobody_else_does(world):
    with at_work(world.merchant) as now:
        note = add_note(customer=dana(world), text="Ours", member=seat(world), now=now)
        add_tag(customer=dana(world), word="regular", by=SYSTEM, now=now)
    before = kept(world)
    posts = [
        (f"{person_path(world)}/notes", {"text": "No"}),
        (f"{base(world)}/notes/{public(note)}/remove", {}),
        (f"{person_path(world)}/tags", {"word": "no"}),
        (f"{person_path(world)}/tags/remove", {"word": "regular"}),
    ]
    analyst = as_role(world, Role.ANALYST)
    charlie = signed_in(_charlie())
    for path, form in posts:
        assert analyst.post(path, form).status_code == 404, path
        assert charlie.post(path, form).status_code == 404, path
        foreign = path.replace(base(world), "/w/halcyon")
        assert charlie.post(foreign, form).status_code == 404, foreign
    page = text_of(analyst.get(advocate_path(world)))
    assert ("Ours" in page, "regular" in page, "Add note" in page, "Add tag" in page) == (True, True, False, False)
    assert kept(world) == before


def _charlie():
    from merchants.models import User

    workspace_of("charlie@halcyon.example", "Halcyon")
    return User.objects.get(email="charlie@halcyon.example")


# --- tags -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "stored"),
    [("VIP", "vip"), ("  Loyal  Guest ", "loyal-guest"), ("a_b--c-", "a-b-c"), ("Stammgäste", "stammgäste"),
     ("老客户", "老客户"), ("2026", "2026")],
)  # fmt: skip
def test_how_a_tag_is_stored(written, stored):
    assert clean_tag(written) == stored
    assert clean_tag(stored) == stored


@pytest.mark.parametrize("written", ["", "  ", "-", "a,b", "<b>", "x" * 31, "a/b", "😀"])
def test_what_is_no_tag_is_not_kept(world, written):
    before = kept(world)
    assert owner(world).post(f"{person_path(world)}/tags", {"word": written}).status_code == 422
    assert kept(world) == before


def test_a_tag_is_given_once_found_again_and_goes_with_its_last_bearer(world):
    client, path = as_role(world, Role.MARKETER), f"{person_path(world)}/tags"
    for _ in range(2):
        answer = client.post(path, {"word": "Loyal Guest", "place": public(world.advocate)})
        assert answer["Location"] == f"{advocate_path(world)}#tags"
    other = enrolled(world.merchant, world.program, "otto@advocate.example", "Otto")
    with at_work(world.merchant) as now:
        add_tag(customer=other.customer, word="loyal-guest", by=SYSTEM, now=now)
        add_tag(customer=other.customer, word="press", by=SYSTEM, now=now)
        assert (Tag.objects.count(), Tagged.objects.count()) == (2, 3)
        assert Event.objects.filter(code="tag.added").count() == 3
    for _ in range(2):
        client.post(f"{path}/remove", {"word": "loyal-guest"})
    with at_work(world.merchant) as now:
        assert sorted(Tag.objects.values_list("word", flat=True)) == ["loyal-guest", "press"]
        assert Event.objects.filter(code="tag.removed").count() == 1
        remove_tag(customer=other.customer, word="loyal-guest", by=SYSTEM, now=now)
        assert list(Tag.objects.values_list("word", flat=True)) == ["press"]


def test_the_limits_of_tags_are_named(world, monkeypatch):
    with at_work(world.merchant) as now:
        for n in range(tags.MOST_OF_ONE):
            add_tag(customer=dana(world), word=f"w{n}", by=SYSTEM, now=now)
        Tag.objects.bulk_create([Tag(word=f"x{n}") for n in range(tags.MOST_WORDS - tags.MOST_OF_ONE)])
    other = enrolled(world.merchant, world.program, "otto@advocate.example", "Otto")
    before, client = kept(world), owner(world)
    full = client.post(f"{person_path(world)}/tags", {"word": "eleventh"})
    assert "10 tags at most" in text_of(full)
    with at_work(world.merchant):
        person = public_id("cus", other.customer_id)
    many = client.post(f"{base(world)}/customers/{person}/tags", {"word": "brand-new"})
    assert "200 different tags already" in text_of(many)
    assert kept(world) == before
    assert client.post(f"{base(world)}/customers/{person}/tags", {"word": "w1"}).status_code == 302


def test_the_list_is_filtered_by_a_tag_that_stands_in_its_address(world):
    client, path = owner(world), f"{base(world)}/advocates"
    enrolled(world.merchant, world.program, "otto@advocate.example", "Otto Brand")
    assert 'name="tag"' not in client.get(path).content.decode()
    with at_work(world.merchant) as now:
        add_tag(customer=dana(world), word="press", by=SYSTEM, now=now)
    page = client.get(f"{path}?tag=press")
    assert ("Dana Muster" in text_of(page), "Otto Brand" in text_of(page)) == (True, False)
    assert 'value="press" selected' in page.content.decode()
    assert "dana@" in text_of(client.get(f"{path}?tag=press&format=csv"))
    assert "otto@" not in text_of(client.get(f"{path}?tag=press&format=csv"))
    unknown = client.get(f"{path}?tag=nobody")
    assert (unknown.status_code, "Otto Brand" in text_of(unknown)) == (200, True)


def test_customers_are_found_by_their_tag_too(world):
    client, path = owner(world), f"{base(world)}/customers"
    enrolled(world.merchant, world.program, "otto@advocate.example", "Otto Brand")
    assert 'name="tag"' not in client.get(path).content.decode()
    with at_work(world.merchant) as now:
        add_tag(customer=dana(world), word="press", by=SYSTEM, now=now)
    words = text_of(client.get(f"{path}?tag=press"))
    assert ("Dana Muster" in words, "Otto Brand" in words) == (True, False)
    assert f'href="{path}?tag=press"' in client.get(person_path(world)).content.decode()


# --- cost -----------------------------------------------------------------------------------------------------------


def test_the_pages_cost_the_same_with_one_note_and_with_many(world):
    client = owner(world)
    paths = (advocate_path(world), person_path(world), f"{base(world)}/advocates")

    def add(*numbers: int) -> None:
        with at_work(world.merchant) as now:
            for n in numbers:
                add_note(customer=dana(world), text=f"Note {n}", member=seat(world), now=now)
                add_tag(customer=dana(world), word=f"tag-{n}", by=SYSTEM, now=now)

    client.post(f"{advocate_path(world)}/pause")  # an event with somebody's name in it
    add(1)
    with_one = [cost(client, path) for path in paths]
    add(2, 3, 4, 5, 6)
    assert [cost(client, path) for path in paths] == with_one
    assert max(with_one) <= 20, with_one
