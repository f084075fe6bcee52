"""Five hundred requests, hostile ones included: the lane and Django's view give the same answer and the same click."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from advocates.actions.standing import ban_advocate
from advocates.models import Link
from advocates.selectors import main_link
from kit.wire import Wire
from merchants.events import SYSTEM
from merchants.models import Workspace
from programs.actions.lifecycle import end_program, pause_program
from programs.models import Program
from programs.rules import CodeSource, Offer
from referral_saas.friend.counting import Book
from referral_saas.friend.drawing import DRAWING
from referral_saas.lane.application import Lane
from tests.cast import World, a_world, at_work, enrolled
from tests.friend.conftest import PHONE
from tests.friend.lanes import Asked, ask, django_alone, environ_of, in_front
from tests.friend.test_own_host import NAME as OWN_HOST
from tests.friend.test_own_host import give_host
from tests.once import undone
from tests.portal.world import signed_in
from tracking.stream import STREAM, unpack

REQUESTS = 500
SEED = 20261122

AGENTS = [
    PHONE,
    PHONE,
    PHONE,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1",
    "WhatsApp/2.23.20.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "curl/8.5.0",
    "",
    PHONE + " |\x01\x7f\xff" + "x" * 900,
]
LANGUAGES = [
    "",
    "de-DE,de;q=0.9",
    "en",
    "fr-CH, fr;q=0.9, en;q=0.8",
    "xx-klingon;q=??",
    "de;q=0",
    "a" * 800,
    "\xe9,*;q=0",
]
REFERRERS = [
    "", "https://news.example/a?b=c", "HTTPS://News.Example:8443/", "android-app://com.google/", "javascript:alert(1)",
    "https://evil.com\\@shop.com/", "https://a|b.example/", "//evil.example", "https://" + "l" * 300 + ".example/",
]  # fmt: skip
COOKIES = ["a=b", "theme=dark; _ga=GA1.2.3", "sessionid=nobody", "django_language=de", "messages=x", "rs_visit=v1.a.b",
           "advocate_x=1", "=;=;\x01\xff"]  # fmt: skip
AHEAD = [
    {}, {}, {}, {"HTTP_PURPOSE": "prefetch"}, {"HTTP_SEC_PURPOSE": "prefetch;prerender"}, {"HTTP_X_MOZ": "prefetch"},
    {"HTTP_SEC_FETCH_DEST": "document"}, {"HTTP_SEC_FETCH_DEST": "iframe"}, {"HTTP_SEC_FETCH_DEST": "image"},
    {"HTTP_ACCEPT": "image/avif,image/webp"}, {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}, {"HTTP_FROM": "a@b.example"},
]  # fmt: skip
ODD_HEADERS = [
    {}, {}, {}, {"HTTP_X_LONG": "y" * 7000}, {"HTTP_X_BREAK": "a\r\nSet-Cookie: b=c"}, {"HTTP_RANGE": "bytes=0-3"},
    {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_HX_REQUEST": "true"}, {"HTTP_X_HTTP_METHOD_OVERRIDE": "POST"},
    {"HTTP_X_FORWARDED_HOST": "evil.example"}, {"HTTP_DNT": "1"}, {"HTTP_CONTENT_TYPE": "\xff"},
]  # fmt: skip
QUERIES = [
    "",
    "",
    "utm_source=mail",
    "next=https://evil.example",
    "url=//evil",
    "rt=forged&token=forged",
    "%0d%0aX:1",
    "\xff=%",
]
ADDRESSES = ["203.0.113.7", "198.51.100.23", "2001:db8:1:2::7", "2001:db8:1:2::8", "", "fe80::1"]
HOSTS = [
    *["testserver"] * 36, OWN_HOST, OWN_HOST, "localhost:8000", "evil.example", "", "testserver:abc", "a b",
    "TestServer", "testserver.", "testserver:81", OWN_HOST.upper(), f"{OWN_HOST}.", f"{OWN_HOST}:8443", f"{OWN_HOST}:",
]  # fmt: skip
METHODS = ["GET"] * 14 + ["HEAD", "HEAD", "OPTIONS"]
HOSTILE_CODES = ["NOSUCH22", "a", "x" * 200, "\r\nSet-Cookie: a=b", "..", "\xff\xfe", "A B", "terms", "<script>", "%00"]


@pytest.fixture(scope="module")
def paths(django_db_setup: Any, django_db_blocker: Any) -> Iterator[list[str]]:
    """Addresses of every kind of link there is."""
    with django_db_blocker.unblock(), undone():
        yield [*_addresses(_worlds())]


def _worlds() -> list[World]:
    plain = a_world()
    give_host(plain)
    direct = a_world(owner="b@two.example", name="Zwei", offer=Offer(source=CodeSource.SHOP_CODE, shop_code="HALLO"))
    over = a_world(owner="c@three.example", name="Drei <b>&</b>")
    resting = a_world(owner="d@four.example", name="Vier")
    asking = a_world(owner="e@five.example", name="Fünf")
    with at_work(direct.merchant):
        Program.objects.update(landing=Program.Landing.REDIRECT, utm={"source": "friends"})
        Workspace.objects.update(verified_hosts=["shop.example"], consent=Workspace.Consent.ALWAYS)
    with at_work(over.merchant) as now:
        end_program(program=over.program, by=SYSTEM, now=now)
    with at_work(resting.merchant) as now:
        Workspace.objects.update(language="de")
        pause_program(program=resting.program, by=SYSTEM, now=now)
    with at_work(asking.merchant):
        Workspace.objects.update(consent=Workspace.Consent.ASK, language="pl")
    return [plain, direct, over, resting, asking]


def _addresses(worlds: list[World]) -> Iterator[str]:
    plain, direct = worlds[:2]
    for world in worlds:
        yield f"/r/{world.link.code}"
        yield f"/r/{world.merchant.slug}/{world.link.code}"
        yield f"/r/{world.link.code.lower()}"
    for name in ("", "Zoë <i>&\"'</i>", "王 小明", "O'Neil\tX"):
        advocate = enrolled(plain.merchant, plain.program, f"x{len(name)}@advocate.example", name)
        with at_work(plain.merchant):
            yield f"/r/{main_link(advocate).code}"
    stopped = enrolled(plain.merchant, plain.program, "stopped@advocate.example", "Stopp")
    retired = enrolled(plain.merchant, plain.program, "retired@advocate.example", "Alt")
    with at_work(plain.merchant) as now:
        ban_advocate(advocate=stopped, by=SYSTEM, now=now)
        Link.objects.filter(advocate=retired).update(retired_at=now, retired_for=Link.Retired.LEAK)
        yield from (
            f"/r/{code}" for code in Link.objects.filter(advocate__in=[stopped, retired]).values_list("code", flat=True)
        )
    with at_work(direct.merchant):
        Link.objects.filter(pk=direct.link.pk).update(destination="https://shop.example/tea?x=1", utm={"medium": "qr"})
    yield f"/r/{plain.merchant.slug}/{direct.link.code}"
    yield f"/r/nobody/{plain.link.code}"
    yield f"/{plain.link.code}"
    yield f"/r/{plain.link.code}/"
    yield f"/r//{plain.link.code}"


def requests(paths: list[str]) -> Iterator[dict[str, Any]]:
    chosen = random.Random(SEED)
    for _ in range(REQUESTS):
        path = chosen.choice(paths) if chosen.random() < 0.9 else f"/r/{chosen.choice(HOSTILE_CODES)}"
        told = {
            "HTTP_USER_AGENT": chosen.choice(AGENTS),
            "HTTP_ACCEPT_LANGUAGE": chosen.choice(LANGUAGES),
            "HTTP_REFERER": chosen.choice(REFERRERS),
            "HTTP_COOKIE": chosen.choice(COOKIES) if chosen.random() < 0.25 else "",
            **chosen.choice(AHEAD),
            **chosen.choice(ODD_HEADERS),
        }
        told = {name: value for name, value in told.items() if value}
        rest = {"QUERY_STRING": chosen.choice(QUERIES), "REMOTE_ADDR": chosen.choice(ADDRESSES)}
        host = {"HTTP_HOST": chosen.choice(HOSTS)}
        yield environ_of(path, chosen.choice(METHODS), **told, **rest, **host)


def answers(application: Callable[..., Iterable[bytes]], paths: list[str], redis: Any) -> list[tuple[Any, ...]]:
    """Status, headers, body and click of each, without what is new with every visit."""
    found = []
    for environ in requests(paths):
        before = redis.xlen(STREAM)
        answer = ask(application, environ)
        found.append((*answer.without_token(), _click(redis, before), bool(answer.token)))
    return found


def _click(redis: Any, before: int) -> Any:
    if redis.xlen(STREAM) == before:
        return None
    ((_id, fields),) = redis.xrevrange(STREAM, count=1)
    entry = unpack(fields[b"c"])
    return replace(entry, click_id=entry.link_id, at_ms=0)


class Counting:
    """Django, and how many requests of friends reached it."""

    def __init__(self, django: WSGIHandler) -> None:
        self._django = django
        self.asked = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += DRAWING not in environ
        return self._django(environ, start_response)


def test_the_lane_answers_as_django_does(paths: list[str], live_redis: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), undone(), django_alone() as django:
        through_django = answers(django, paths, live_redis)
        live_redis.flushdb()
        counting = Counting(django)
        through_lane = answers(Lane(counting, Book(Wire(settings.REDIS_URL))), paths, live_redis)
        live_redis.flushdb()
        in_front_of_all = answers(in_front(Lane(django, Book(Wire(settings.REDIS_URL)))), paths, live_redis)
    for number, (one, *others) in enumerate(zip(through_django, through_lane, in_front_of_all, strict=True)):
        assert others == [one, one], f"request {number}"
    statuses = {answer[0][:3] for answer in through_lane}
    assert statuses == {"200", "302", "400", "404", "405", "410"}
    assert counting.asked < REQUESTS * 0.7
    assert sum(answer[3] is not None for answer in through_lane) > 20


def test_an_advocates_own_link_is_left_to_django(live_redis: Any, db: None) -> None:
    world = a_world()
    session = signed_in(world).cookies.output(header="", sep=";").split(";")[0].strip()
    with django_alone() as django:
        counting = Counting(django)
        lane = Lane(counting, Book(Wire(settings.REDIS_URL)))
        answer: Asked = ask(lane, environ_of(f"/r/{world.link.code}", HTTP_COOKIE=session))
    assert ("This is your own link" in answer.body.decode(), counting.asked) == (True, 1)
    assert live_redis.xlen(STREAM) == 0
