"""The pages of a test drive: played from the set-up to the summary, kindly refused, and shown to nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.actions.magic import magic_token, make_magic_link
from advocates.models import Advocate, Link
from merchants.models import Merchant, Role
from programs.models import Drive, Program
from programs.rules.drive import Step
from tests.cast import at_work, live_program, member, user, workspace_of
from tests.dashboard.desk import signed_in, text_of
from tests.dashboard.test_setup import Owner
from tests.once import for_a_file
from tracking.models import Order, Referral

pytestmark = pytest.mark.django_db


class Driver:
    """Alice at her program."""

    def __init__(self) -> None:
        self.merchant: Merchant = workspace_of("alice@nordlicht.example", "Nordlicht", sandbox=False)
        self.program: Program = live_program(self.merchant)
        self.here = f"/w/{self.merchant.slug}/programs/{self.program.slug}/drive"

    @property
    def client(self) -> Client:
        return signed_in(user("alice@nordlicht.example"))

    def get(self, path: str = "", client: Client | None = None) -> Any:
        return (client or self.client).get(f"{self.here}{path}", follow=True)

    def begin(self, after: int = 0) -> Any:
        return self.client.post(f"{self.here}/begin", {"after": after}, follow=True)

    def press(self, step: str, drive: int = 1) -> Any:
        return self.client.post(f"{self.here}/play", {"step": step, "drive": drive}, follow=True)

    def drive(self) -> Drive | None:
        with at_work(self.merchant):
            found: Drive | None = Drive.objects.select_related("stage").order_by("-number").first()
            return found


built, alice = for_a_file(Driver)


def own(asked: CaptureQueriesContext) -> int:
    """Statements but those of the transaction around a test."""
    around = ("SAVEPOINT", "RELEASE SAVEPOINT", "SET CONSTRAINTS")
    return sum(not query["sql"].startswith(around) for query in asked.captured_queries)


def where(answer: Any) -> str:
    return str(answer.request["PATH_INFO"]).rpartition("/drive")[2].strip("/")


def test_each_page_shows_what_really_happened(alice: Driver) -> None:
    assert "Begin the test drive" in text_of(alice.get())
    page = alice.begin()
    assert where(page) == "join"
    assert "You have a link: recommend Nordlicht" in text_of(page)
    said = {
        "visit": ["TEST-FRIEND-", "Your code for Nordlicht", "Friend's code given"],
        "order": ["that was given to their friend, was used", "€60.00", "€54.00", "Offer used", "€5.40", "Held"],
        "delivery": ["New end of the hold", "Arrived"],
        "hold": ["Clock of this drive", "Your own clock"],
        "release": ["Reward released", "Payable"],
        "gift": ["Dana got", "TEST-THANKS-", "Your reward from Nordlicht is here: €5.40", "Fulfilled"],
    }  # fmt: skip
    client = alice.client
    for step, words in said.items():
        answer = client.post(f"{alice.here}/play", {"step": step, "drive": 1})
        assert answer["Location"] == f"{alice.here}/{step}"
        with CaptureQueriesContext(connection) as asked:
            page = client.get(answer["Location"])
        assert own(asked) <= 20, step
        assert [word for word in words if word not in text_of(page)] == []
    page = alice.get()
    assert where(page) == "summary"
    assert "It works" in text_of(page)
    assert re.findall(r"€\d+\.\d\d", text_of(page))[:3] == ["€6.00", "€5.40", "€11.40"]


def test_a_mail_opens_and_only_a_mail_of_this_drive(alice: Driver) -> None:
    page = alice.begin().content.decode()
    [key] = set(re.findall(r"/drive/mails/([0-9a-f-]{36})", page))
    assert "To dana@advocate.example" in text_of(alice.get(f"/mails/{key}"))
    assert alice.get(f"/mails/{key}/body").status_code == 200
    alice.begin(after=1)
    assert alice.get(f"/mails/{key}").status_code == 404
    assert alice.get("/mails/01a20435-ad6d-7687-872d-ef1498d6c6fa").status_code == 404


def test_out_of_order_it_says_what_comes_first(alice: Driver) -> None:
    alice.begin()
    page = alice.press("order")
    assert where(page) == "join"
    assert "That comes later. First: her friend Eve opens the link." in text_of(page)
    for early in ("/order", "/summary", "/return"):
        assert where(alice.get(early)) == "join"
    assert alice.get("/nonsense").status_code == 404
    assert alice.press("nonsense").status_code == 404
    drive = alice.drive()
    assert drive
    assert drive.reached == "join"
    with at_work(drive.stage):
        assert Order.objects.count() == 0


def test_pressed_again_or_from_an_old_page_nothing_more_happens(alice: Driver) -> None:
    alice.begin()
    assert where(alice.begin()) == "join"
    with at_work(alice.merchant):
        assert Drive.objects.count() == 1
    alice.press("visit")
    assert where(alice.press("visit")) == "visit"
    alice.begin(after=1)
    page = alice.press("order", drive=1)
    assert where(page) == "join"
    assert "Another test drive was begun meanwhile" in text_of(page)


def test_sent_back_the_summary_says_what_is_left(alice: Driver) -> None:
    alice.begin()
    for step in ("visit", "order", "return"):
        page = alice.press(step)
    assert where(page) == "return"
    assert "Your reward from Nordlicht will not come" in text_of(page)
    page = alice.get("/summary")
    assert "Eve has all her money back" in text_of(page)
    assert "€0.00" in text_of(page)
    assert where(alice.press("delivery")) == "summary"


def test_who_may_not_edit_programs_sees_none_of_it(alice: Driver) -> None:
    alice.begin()
    reader = signed_in(member(alice.merchant, "bob@nordlicht.example", Role.ANALYST))
    assert alice.get(client=reader).status_code == 404
    assert reader.post(f"{alice.here}/play", {"step": "visit", "drive": 1}).status_code == 404
    assert "Test drive" not in text_of(reader.get(alice.here.removesuffix("/drive")))
    assert "Test drive" in text_of(alice.client.get(alice.here.removesuffix("/drive")))


def test_the_drive_of_another_merchant_is_not_there(alice: Driver) -> None:
    page = alice.begin().content.decode()
    [key] = set(re.findall(r"/drive/mails/([0-9a-f-]{36})", page))
    other = workspace_of("charlie@halcyon.example", "Halcyon", sandbox=False)
    live_program(other)
    charlie = signed_in(user("charlie@halcyon.example"))
    theirs = f"/w/{other.slug}/programs/{alice.program.slug}/drive"
    charlie.post(f"{theirs}/begin", {"after": 0})
    assert charlie.get(f"{theirs}/mails/{key}").status_code == 404
    for address in (alice.here, f"{alice.here}/join", f"{alice.here}/mails/{key}"):
        assert charlie.get(address).status_code == 404
    drive = alice.drive()
    assert drive
    assert charlie.get(f"/w/{drive.stage.slug}").status_code == 404
    assert alice.client.get(f"/w/{drive.stage.slug}").status_code == 404


def test_the_checklist_knows_of_a_drive_of_these_very_rules() -> None:
    owner = Owner.anew()
    owner.up_to_launch()
    program = owner.program()
    here = f"{owner.base}/programs/{program.slug}/drive"
    assert f'href="{here}"' in owner.get("/launch").content.decode()
    owner.client.post(f"{here}/begin", {"after": 0})
    for step in (Step.VISIT, Step.ORDER, Step.RETURN):
        answer = owner.client.post(f"{here}/play", {"step": step.value, "drive": 1})
        assert answer["Location"] == f"{here}/{step.value}"
    assert f'href="{owner.base}/setup/launch"' in owner.client.get(f"{here}/summary").content.decode()
    assert "The way from a link to an order works." in text_of(owner.get("/launch"))
    with at_work(owner.merchant):
        changed = Program.objects.get(pk=program.pk)
        changed.draft["return_window_days"] = 14
        changed.save(update_fields=["draft"])
    assert "The way from a link to an order works." not in text_of(owner.get("/launch"))
    assert "Your rules changed since the last test drive." in text_of(owner.get("/launch"))


def test_nobody_from_outside_steps_onto_the_stage(alice: Driver) -> None:
    """Its address can be guessed, and whoever drives may follow the links of Dana's mails."""
    alice.begin()
    drive = alice.drive()
    assert drive
    door = f"/p/{drive.stage.slug}/join/drive"
    assert Client().get(door).status_code == 404
    assert Client().post(door, {"email": "mallory@mallory.example", "name": "Mallory"}).status_code == 404
    with at_work(drive.stage) as now:
        dana = Advocate.objects.get()
        token = magic_token(make_magic_link(advocate=dana, now=now))
    assert Client().post(f"/p/{drive.stage.slug}/enter/{token}").status_code == 303
    with at_work(drive.stage):
        assert Link.objects.count() > 1, "a portal that was opened has a link for each way to share"
    assert [where(alice.press(step)) for step in ("visit", "order")] == ["visit", "order"]
    with at_work(drive.stage):
        assert Referral.objects.get().advocate_id == dana.pk
