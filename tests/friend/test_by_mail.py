"""A friend who types an address is answered by mail: the page says the same whoever it belongs to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.models import Customer, Link
from advocates.selectors import main_link
from engagement.actions.messages import begin_message
from kit.clock import database_now
from kit.limits import within_limit_of
from kit.patience import MOST_ATTEMPTS
from kit.tenancy import in_tenant_transaction
from merchants.events import SYSTEM, record
from merchants.models import Event, Outbox, WakeUp
from programs.actions.lifecycle import pause_program
from programs.models import PoolCode
from tests.cast import World, a_world, at_work, enrolled
from tests.engagement.post import a_shop, claim, deliver, skipped
from tests.facts import DAY
from tests.friend.conftest import PHONE
from tests.friend.test_offer_page import claims, path, token_in
from tests.races import Rival
from tracking.models import Claim, OfferAsked
from tracking.steps.claims import sweep as answer_by_mail

pytestmark = pytest.mark.django_db
NEW, OLD, HERS, OWN = "new@friend.example", "old@friend.example", "eve@friend.example", " Dana@Advocate.Example "


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def shop() -> World:
    """No sandbox: its mails really go out."""
    return a_shop()


def asked(world: World, friend: Client, email: str, link: Link | None = None) -> Any:
    """The answer of the page; a worker has done its part by then."""
    page = f"/r/{link.code}" if link else path(world)
    answer = friend.post(page, {"token": token_in(friend.get(page)), "email": email})
    answer_by_mail(world.merchant.tenant_ref())
    return answer


def shown(answer: Any) -> str:
    """Without what belongs to the visit."""
    return re.sub(r"rt=[^\"&]+", "rt=", answer.content.decode())


def someone_known(world: World) -> None:
    """A customer from before, and a friend whom somebody else brought."""
    other = enrolled(world.merchant, world.program, "olga@advocate.example", "Olga")
    with at_work(world.merchant):
        Customer.objects.create(
            email=OLD, email_key=OLD, source="IMPORT", created_at=world.now,
            imported_orders=2, first_paid_at=world.now - timedelta(days=90),
        )  # fmt: skip
        hers = main_link(other)
    asked(world, Client(headers={"User-Agent": PHONE}), HERS, hers)


def reasons(world: World, code: str = "claim.declined") -> list[str]:
    with at_work(world.merchant):
        found = Event.objects.filter(code=code).order_by("id")
        return [event.data.get("reason", "") for event in found]


def a_day_later(world: World) -> None:
    with at_work(world.merchant):
        world.merchant.clock_offset += DAY
        world.merchant.save(update_fields=["clock_offset"])


def no_code_left(world: World) -> None:
    with at_work(world.merchant):
        for code in PoolCode.objects.filter(pool__purpose="OFFER", taken_for=None):
            code.taken_for, code.taken_at = code.pk, world.now
            code.save()


def test_the_page_says_the_same_whoever_the_address_belongs_to(world: World, friend: Client) -> None:
    someone_known(world)
    answers = [asked(world, friend, email) for email in (NEW, OLD, HERS, OWN)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({shown(answer) for answer in answers}) == 1
    assert "Look into your mail" in shown(answers[0])
    assert {header for answer in answers for header in answer.headers} == set(answers[0].headers)
    with at_work(world.merchant):
        assert set(Claim.objects.values_list("friend__email", flat=True)) == {NEW, HERS}
    assert reasons(world) == ["existing_customer", "already_referred", "own_purchase"]


def test_the_request_does_the_same_whoever_the_address_belongs_to(world: World, friend: Client) -> None:
    """As many statements in the same order, whether a provider would be asked for a code or nobody."""
    someone_known(world)
    friend.get(path(world))  # what a first visit makes is there
    seen = []
    for email in (NEW, OLD, HERS, OWN):
        told = {"token": token_in(friend.get(path(world))), "email": email}
        with CaptureQueriesContext(connection) as statements:
            assert friend.post(path(world), told).status_code == 200
        seen.append([re.sub(r"s\d+_x\d+", "", one["sql"])[:40] for one in statements])
    assert seen[1:] == seen[:1] * 3
    with at_work(world.merchant):
        assert (OfferAsked.objects.count(), Claim.objects.filter(friend__email=NEW).count()) == (4, 0)
        assert set(WakeUp.objects.filter(kind="claims").values_list("merchant_id", flat=True)) == {world.merchant.pk}
    assert answer_by_mail(world.merchant.tenant_ref()) is None
    with at_work(world.merchant):
        assert (OfferAsked.objects.count(), Claim.objects.filter(friend__email=NEW).count()) == (0, 1)
    assert reasons(world) == ["existing_customer", "already_referred", "own_purchase"]


def test_the_mail_is_in_the_language_of_the_page_it_was_asked_for_on(shop: World) -> None:
    someone = Client(headers={"User-Agent": PHONE, "Accept-Language": "de"})
    asked(shop, someone, NEW)
    with at_work(shop.merchant):
        assert Customer.objects.get(email=NEW).language == "de"
    (sent,) = deliver(shop, "claim.issued")
    assert 'lang="de"' in str(sent.alternatives[0][0])


def test_what_breaks_is_tried_again_and_forgotten_after_the_last_try(world: World, settings: Any) -> None:
    settings.CODE_SOURCES = settings.CODE_SOURCES | {"POOL": "tests.friend.nowhere.Missing"}
    friend = Client(headers={"User-Agent": PHONE})
    asked(world, friend, NEW)
    for attempt in range(1, MOST_ATTEMPTS):
        with at_work(world.merchant):
            waiting = OfferAsked.objects.get()
            assert (waiting.attempts, waiting.next_try_at > database_now()) == (attempt, True)
            OfferAsked.objects.update(next_try_at=database_now())
        answer_by_mail(world.merchant.tenant_ref())
    with at_work(world.merchant):
        assert not OfferAsked.objects.exists()


def test_nobody_is_flooded_by_those_who_type_their_address(shop: World, friend: Client, settings: Any) -> None:
    settings.MAILS_ON_REQUEST_A_DAY = 1
    other = a_shop(name="Halcyon")
    victim = f"{uuid4().hex}@friend.example"  # counted in Redis, which other tests share
    asked(other, friend, victim)
    assert len(deliver(other, "claim.issued")) == 1
    asked(shop, friend, victim)
    assert deliver(shop, "claim.issued") == []
    assert skipped(shop) == [("friend_code", "too_many_a_day")]
    assert deliver(shop, "claim.issued") == []  # not counted, nor told, once more
    with at_work(shop.merchant):
        [told] = Event.objects.filter(code="mail.dropped")
        assert (told.subject_id, told.data) == (Customer.objects.get(email=victim).pk, {"kind": "friend_code"})
        assert Claim.objects.get().state == "ISSUED"  # the code is kept for them


@pytest.mark.django_db(transaction=True)
def test_two_that_are_dropped_at_the_same_moment_are_told_one_after_the_other(shop: World, settings: Any) -> None:
    settings.MAILS_ON_REQUEST_A_DAY = 1
    victim, ref = f"{uuid4().hex}@friend.example", shop.merchant.tenant_ref()
    told = claim(shop, email=victim)
    with at_work(shop.merchant) as now:
        record("claim.sent_again", subject=told, by=SYSTEM, now=now)
        rows = list(Outbox.objects.filter(event__subject_id=told.pk, reader="mail").values_list("pk", flat=True))
    assert within_limit_of("mail on request", victim, most=1, seconds=60)

    def begun(row: UUID) -> Any:
        return begin_message(outbox_id=row, now=now)

    with at_work(shop.merchant):
        begun(rows[0])
        other = Rival(lambda: in_tenant_transaction(ref, lambda: begun(rows[1])))
        assert other.waits_for_us()
    assert other.result() is None
    with at_work(shop.merchant):
        assert Event.objects.filter(code="mail.dropped").count() == len(rows) == 2


def test_the_code_comes_by_mail(shop: World, friend: Client) -> None:
    for _ in range(3):
        asked(shop, friend, NEW)
    (claim,) = claims(shop)
    (sent,) = deliver(shop, "claim.issued")
    assert (sent.to, claim.code in sent.body) == ([NEW], True)


def test_asked_for_again_it_is_mailed_again_the_next_day_alone(world: World, friend: Client) -> None:
    for _ in range(3):
        asked(world, friend, NEW)
    assert reasons(world, "claim.sent_again") == []
    a_day_later(world)
    for _ in range(3):
        asked(world, friend, NEW)
    assert (reasons(world, "claim.sent_again"), len(claims(world))) == ([""], 1)


@pytest.mark.parametrize(
    ("email", "says"),
    [(OLD, "have not bought from"), (HERS, "already recommended"), (OWN, "Orders of your own do not count")],
)
def test_a_refusal_is_mailed_in_words(shop: World, friend: Client, email: str, says: str) -> None:
    someone_known(shop)
    asked(shop, friend, email)
    (sent,) = deliver(shop, "claim.declined")
    assert sent.to == [email.strip().lower()]
    assert says in " ".join(sent.body.split())
    assert "Olga" not in sent.body


@pytest.mark.parametrize("email", [OLD, HERS, OWN])
def test_a_refusal_is_mailed_once_a_day_and_program(world: World, friend: Client, email: str) -> None:
    someone_known(world)
    for _ in range(3):
        asked(world, friend, email)
    assert len(reasons(world)) == 1
    a_day_later(world)
    asked(world, friend, email)
    assert len(reasons(world)) == 2


def test_what_is_refused_to_everybody_is_said_at_once_and_mailed_to_nobody(world: World, friend: Client) -> None:
    someone_known(world)
    token = token_in(friend.get(path(world)))
    with at_work(world.merchant) as now:
        pause_program(program=world.program, by=SYSTEM, now=now)
        before = Event.objects.count()
    pages = [friend.post(path(world), {"token": token, "email": email}).content for email in (NEW, OLD, HERS)]
    assert len(set(pages)) == 1
    assert b"taking a break" in pages[0]
    with at_work(world.merchant):
        assert (Event.objects.count(), Customer.objects.filter(email=NEW).count()) == (before, 0)
    assert mail.outbox == []


def test_without_codes_the_page_is_the_same_and_the_mail_says_so(shop: World, friend: Client) -> None:
    someone_known(shop)
    no_code_left(shop)
    assert shown(asked(shop, friend, NEW)) == shown(asked(shop, friend, OLD))
    assert reasons(shop) == ["no_code", "existing_customer"]
    assert "run out of codes" in " ".join(deliver(shop, "claim.declined")[0].body.split())


def test_without_an_address_the_code_is_shown_at_once(world: World, friend: Client) -> None:
    answer = asked(world, friend, "")
    (claim,) = claims(world)
    assert answer.status_code == 303
    assert claim.code in friend.get(answer["Location"]).content.decode()
