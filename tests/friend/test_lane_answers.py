"""The lane answers ahead of Django what it knows, forgets what changed, and lets nobody down when servers are down."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.conf import settings

from advocates.actions.profile import change_profile
from advocates.actions.standing import pause_advocate
from kit.ids import uuid7
from kit.signing import parse_click_token
from kit.wire import Wire
from merchants.events import SYSTEM
from programs.actions.lifecycle import pause_program
from referral_saas.friend.counting import Book
from referral_saas.friend.stream import SCRIPT, Stream
from referral_saas.friend.stream import Click as Counted
from referral_saas.lane import changes
from referral_saas.lane.application import Lane
from referral_saas.lane.feed import FRESH_SECONDS
from tests.cast import World, a_world, at_work
from tests.faults.redis import hang_up
from tests.friend.conftest import PHONE
from tests.friend.lanes import Asked, Clockwork, Unasked, ask, django_alone, environ_of
from tests.friend.test_offer_page import clicks
from tests.friend.test_own_host import NAME as OWN_HOST
from tests.friend.test_own_host import give_host
from tracking.models import Click
from tracking.steps.ingest import ingest
from tracking.stream import STREAM, ClickEntry, pack, unpack

pytestmark = pytest.mark.django_db

#: Two browsers at seconds of their own.
MARKS = (b"mark-A1000000000", b"mark-A1000000059", b"mark-B1000000059", b"mark-A1000000060", b"mark-B1000000100")
NOWHERE = "unix:///nowhere/at/all?db=0"


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def clock() -> Clockwork:
    return Clockwork()


@pytest.fixture
def lane(live_redis: Any, clock: Clockwork) -> Iterator[Lane]:
    with django_alone() as django:
        yield Lane(django, Book(Wire(settings.REDIS_URL), clock=clock), clock=clock)


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Any) -> Any:
    """What is to happen after the commit happens at the end of the block: a test's transaction never commits."""
    return partial(django_capture_on_commit_callbacks, execute=True)


def path(world: World) -> str:
    return f"/r/{world.link.code}"


def warm(lane: Lane, world: World) -> Asked:
    """From here on nothing of this link has to be asked of Django."""
    first = ask(lane, environ_of(path(world)))
    lane._django = Unasked()
    return first


def test_a_warm_link_is_answered_without_django_and_counted(lane: Lane, world: World, live_redis: Any) -> None:
    warm(lane, world)
    answer = ask(lane, environ_of(path(world), REMOTE_ADDR="198.51.100.4", HTTP_REFERER="https://News.example/a?b"))
    assert answer.status == "200 OK"
    assert "Dana gives you 10% off at Nordlicht Kaffee" in answer.body.decode()
    found = parse_click_token(answer.token, keys=settings.CLICK_TOKEN_KEYS)
    assert found is not None
    _first, (_id, fields) = live_redis.xrange(STREAM)
    entry = unpack(fields[b"c"])
    assert (entry.click_id, entry.link_id, entry.program_id) == (found.click_id, world.link.pk, world.program.pk)
    assert (entry.channel, entry.device, entry.agent, entry.referrer) == ("LINK", "phone", "safari/ios", "news.example")
    assert len(entry.address) == len(entry.network) == 22
    assert clicks(world) == 2


def test_small_letters_and_the_merchants_name_mean_the_same(lane: Lane, world: World) -> None:
    for spelled in (f"/r/{world.link.code.lower()}", f"/r/{world.merchant.slug}/{world.link.code}"):
        answer = ask(lane, environ_of(spelled))
        assert (answer.status, f'action="{spelled}"' in answer.body.decode()) == ("200 OK", True)


def test_a_merchants_own_host_is_answered_with_and_without_r(lane: Lane, world: World) -> None:
    give_host(world)
    for spelled in (f"/{world.link.code}", f"/r/{world.link.code}"):
        environ = environ_of(spelled, HTTP_HOST=OWN_HOST)
        ask(lane, environ)
        django, lane._django = lane._django, Unasked()
        answer, lane._django = ask(lane, environ), django
        assert (answer.status, f'action="{spelled}"' in answer.body.decode()) == ("200 OK", True)
    elsewhere = ask(lane, environ_of(f"/{world.link.code}", HTTP_HOST="evil.example"))
    assert elsewhere.status.startswith("400")


def test_whom_the_lane_does_not_know_django_answers(lane: Lane, world: World) -> None:
    assert ask(lane, environ_of("/r/NOSUCH22")).status.startswith("404")
    assert ask(lane, environ_of(f"{path(world)}/terms")).status.startswith("200")


def test_a_paused_program_is_seen_by_a_warm_lane(lane: Lane, world: World, clock: Clockwork, committing: Any) -> None:
    ask(lane, environ_of(path(world)))
    with committing(), at_work(world.merchant) as now:
        pause_program(program=world.program, by=SYSTEM, now=now)
    clock.now += FRESH_SECONDS
    assert "taking a break" in ask(lane, environ_of(path(world))).body.decode()
    assert clicks(world) == 1


def test_a_paused_advocate_is_seen_by_a_warm_lane(lane: Lane, world: World, clock: Clockwork, committing: Any) -> None:
    ask(lane, environ_of(path(world)))
    with committing(), at_work(world.merchant) as now:
        pause_advocate(advocate=world.advocate, by=SYSTEM, now=now)
    clock.now += FRESH_SECONDS
    assert ask(lane, environ_of(path(world))).status.startswith("410")


def test_a_new_name_is_seen_and_written_out_safely(lane: Lane, world: World, clock: Clockwork, committing: Any) -> None:
    ask(lane, environ_of(path(world)))
    with committing(), at_work(world.merchant):
        change_profile(customer=world.advocate.customer, name="<b>&\"'</b> Muster", language="")
    clock.now += FRESH_SECONDS
    text = ask(lane, environ_of(path(world))).body.decode()
    assert "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt; gives you 10% off" in text
    assert "<b>" not in text


def test_the_outbox_tells_what_the_commit_could_not(lane: Lane, world: World, clock: Clockwork) -> None:
    from merchants.models import Outbox

    ask(lane, environ_of(path(world)))
    with at_work(world.merchant) as now:
        pause_program(program=world.program, by=SYSTEM, now=now)
        row = Outbox.objects.get(reader="lane", event__code="program.paused")
    changes.handle(outbox_id=row.pk, ref=world.merchant.tenant_ref())
    clock.now += FRESH_SECONDS
    assert "taking a break" in ask(lane, environ_of(path(world))).body.decode()


def test_without_redis_the_click_goes_into_the_table(world: World, clock: Clockwork) -> None:
    with django_alone() as django:
        lane = Lane(django, Book(Wire(NOWHERE)), clock=clock)
        answer = ask(lane, environ_of(path(world)))
    with at_work(world.merchant):
        (click,) = Click.objects.all()
    found = parse_click_token(answer.token, keys=settings.CLICK_TOKEN_KEYS)
    assert found is not None
    assert (click.pk, click.link_id, click.agent) == (found.click_id, world.link.pk, "safari/ios")


def test_with_redis_nearly_full_the_click_goes_into_the_table(lane: Lane, world: World, live_redis: Any) -> None:
    before = live_redis.config_get("maxmemory")["maxmemory"]
    live_redis.config_set("maxmemory", int(live_redis.info("memory")["used_memory"] * 1.2))
    try:
        ask(lane, environ_of(path(world)))
    finally:
        live_redis.config_set("maxmemory", before)
    assert live_redis.xlen(STREAM) == 0
    with at_work(world.merchant):
        assert Click.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {"HTTP_USER_AGENT": "WhatsApp/2.23.20.0"},
        {"HTTP_USER_AGENT": ""},
        {"HTTP_SEC_PURPOSE": "prefetch;prerender"},
        {"HTTP_SEC_FETCH_DEST": "iframe"},
        {"HTTP_SEC_FETCH_DEST": "image"},
        {"method": "HEAD"},
    ],
)
def test_programs_previews_and_hidden_frames_are_not_counted(lane: Lane, world: World, said: dict[str, str]) -> None:
    warm_preview = ask(lane, environ_of(path(world), **said))
    lane._django = Unasked()
    answer = ask(lane, environ_of(path(world), **said))
    assert answer == warm_preview
    assert (answer.status, answer.token) == ("200 OK", "")
    assert 'property="og:title" content="Dana gives you 10% off at Nordlicht Kaffee"' in answer.body.decode()
    assert not [name for name, _value in answer.headers if name == "Set-Cookie"]
    assert ("frame-ancestors 'none'") in dict(answer.headers)["Content-Security-Policy"]
    assert clicks(world) == 0


def test_reloading_counts_once_and_an_address_thirty_times(lane: Lane, world: World) -> None:
    tokens = {ask(lane, environ_of(path(world))).token for _ in range(5)}
    assert (len(tokens), clicks(world)) == (5, 1)
    for number in range(40):
        ask(lane, environ_of(path(world), HTTP_USER_AGENT=f"{PHONE} v{number}"))
    assert clicks(world) == 30


def test_a_browser_counts_again_when_its_minute_is_over(live_redis: Any, world: World) -> None:
    """The key of an address holds who counted when; seconds come with the click."""
    entry = pack(an_entry(world))
    answers = [live_redis.eval(SCRIPT, 2, "v:here", STREAM, entry, mark) for mark in MARKS]
    assert answers == [1, 0, 1, 1, 0]
    assert live_redis.xlen(STREAM) == 3
    assert 0 < live_redis.ttl("v:here") <= 60


def test_what_redis_may_have_forgotten_is_appended_once_more(live_redis: Any, world: World) -> None:
    """As after a crash of Redis with a busy disk: its last seconds are gone, and so are our connections."""
    wire = Wire(settings.REDIS_URL)
    stream = Stream(wire)
    for number in range(3):
        stream.append(Counted(pack(an_entry(world)), b"v:%d" % number, b"mark-A1000000000"))
    before = {fields[b"c"] for _id, fields in live_redis.xrange(STREAM)}
    live_redis.flushdb()
    hang_up(live_redis, wire)
    stream.append(Counted(pack(an_entry(world)), b"v:after", b"mark-A1000000000"))
    after = {fields[b"c"] for _id, fields in live_redis.xrange(STREAM)}
    assert (len(before), len(after), before < after) == (3, 4, True)


def an_entry(world: World) -> ClickEntry:
    ids = (uuid7(), world.merchant.pk, world.link.pk, world.program.pk)
    return ClickEntry(*ids, 0, "LINK", "", "phone", "safari/ios", "", 1, "", "")


def test_the_record_of_a_link_is_found_in_redis_by_another_process(lane: Lane, world: World, live_redis: Any) -> None:
    ask(lane, environ_of(path(world)))
    (key,) = live_redis.keys("lane:r:*")
    assert key == f"lane:r:/{world.link.code}".encode()
    assert 0 < live_redis.ttl(key) <= 6 * 3600


@pytest.mark.parametrize("host", ["TESTSERVER", "testserver.", "testserver:81", "testserver:", "any.localhost"])
def test_other_spellings_of_a_host_are_djangos_and_take_no_memory(lane: Lane, world: World, host: str) -> None:
    expected = ask(lane._django, environ_of(path(world), HTTP_HOST=host))
    answer = ask(lane, environ_of(path(world), HTTP_HOST=host))
    assert answer.without_token() == expected.without_token()
    assert (len(lane._links), len(lane._plans)) == (0, 0)


def test_memory_of_links_is_bounded(lane: Lane, world: World) -> None:
    lane._links._most = 2
    for spelled in (world.link.code, world.link.code.lower(), world.link.code.capitalize(), world.link.code.title()):
        assert ask(lane, environ_of(f"/r/{spelled}")).status == "200 OK"
    assert len(lane._links) <= 2


def test_what_is_left_in_the_stream_is_the_same_as_what_the_view_leaves(lane: Lane, world: World) -> None:
    warm(lane, world)
    ingest()
    with at_work(world.merchant):
        (click,) = Click.objects.all()
    assert (click.channel, click.device, click.variant, click.salt > 0) == ("LINK", "phone", "", True)
