"""Two merchants for the lane, one whose links show a page and one whose links lead straight to the shop, and a Valkey
that keeps what it is told, as in production, with room for a million links."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import redis

from advocates.actions.customers import new_customer
from advocates.actions.links import SHARED_PREFIX
from advocates.models import Advocate, Customer, Link
from bench.world import OPENED_AT
from kit.ids import new_code, uuid7
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.events import SYSTEM
from merchants.models import Door, Merchant, Workspace
from ops import process
from ops.services import find_valkey
from programs.models import Program, TermsVersion
from programs.rules import Terms
from referral_saas.lane.records import LinkRecord
from referral_saas.lane.requests import Spelling
from referral_saas.lane.shelf import record_key

MEMORY = "2gb"
_AGENTS = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{0} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{0} "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12{0}.0.0.0 Mobile "
    "Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12{0}.0.0.0 Safari/537.36",
]
_LANGUAGES = ["de-DE,de;q=0.9,en;q=0.8", "en-GB,en;q=0.9"]


@dataclass(frozen=True, slots=True)
class Links:
    """A merchant's links: the codes, and what a record of one looks like."""

    codes: list[str]
    like: LinkRecord


class Visitors:
    """Requests of as many people as there are requests: each comes from an address of its own."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def clicks(self, codes: list[str]) -> Iterator[bytes]:
        agents = [agent.format(version) for agent in _AGENTS for version in range(4, 9)]
        heads = [self._head(agent, language) for agent in agents for language in _LANGUAGES]
        lines = [f"GET /r/{code} HTTP/1.1\r\n".encode() for code in codes]
        for number in self._numbers:
            address = b"X-Forwarded-For: %d.%d.%d.%d\r\n\r\n" % (
                20 + (number >> 24), number >> 16 & 255, number >> 8 & 255, number & 255,
            )  # fmt: skip
            yield lines[number * 7919 % len(lines)] + heads[number % len(heads)] + address

    @staticmethod
    def _head(agent: str, language: str) -> bytes:
        told = {
            "Host": "localhost",
            "User-Agent": agent,
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": language,
            "Accept-Encoding": "gzip, deflate, br",
            "Referer": "https://news.example/stories/coffee",
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-Mode": "navigate",
        }
        return "".join(f"{name}: {value}\r\n" for name, value in told.items()).encode()


def open_merchant(slug: str, landing: str, links: int) -> Links:
    """By rows, as in bench.world."""
    merchant = Merchant(name=slug.title(), slug=slug)
    shop = {"shop_url": "https://shop.example", "verified_hosts": ["shop.example"]}
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        merchant.save(force_insert=True)
        Workspace.objects.create(id=merchant.pk, currency="EUR", time_zone="Europe/Berlin", **shop)
        program = _program(landing)
        codes = [_link(program, number) for number in range(links)]
        one = Link.objects.select_related("advocate__customer").get(code=codes[0])
    like = LinkRecord(merchant.pk, one.pk, program.pk, 0, one.channel, "", "Dana", "")
    return Links(codes, like)


def _program(landing: str) -> Program:
    terms = Terms(currency="EUR")
    if landing == Program.Landing.REDIRECT:
        terms = Terms(currency="EUR", offer=None)
    made = {"draft": terms.to_json(), "created_at": OPENED_AT, "landing": landing}
    program: Program = Program.objects.create(name="Friends", slug="friends", **made)
    version = {"terms": terms.to_json(), "published_at": OPENED_AT, "published_by": SYSTEM}
    program.terms = TermsVersion.objects.create(program=program, number=1, **version)
    program.state, program.published_at = Program.State.ACTIVE, OPENED_AT
    program.save()
    return program


def _link(program: Program, number: int) -> str:
    person = new_customer(
        email=f"dana{number}@advocate.example", name="Dana", source=Customer.Source.IMPORT, now=OPENED_AT
    )
    person.save(force_insert=True)
    advocate = Advocate.objects.create(program=program, customer=person, enrolled_at=OPENED_AT, enrolled_by=SYSTEM)
    link: Link = Link.objects.create(advocate=advocate, code=new_code(), created_at=OPENED_AT)
    key = SHARED_PREFIX + link.code
    Door.objects.create(kind=Door.Kind.LINK, key=key, merchant_id=link.merchant_id, object_id=link.pk)
    return link.code


def fill_redis(client: redis.Redis, like: LinkRecord, links: int) -> list[str]:
    """Records of so many more links of that merchant, as the lane would have left them; gives their codes."""
    codes = [new_code() for _ in range(links)]
    for start in range(0, links, 5000):
        together = client.pipeline(transaction=False)
        for code in codes[start : start + 5000]:
            record = LinkRecord(like.merchant_id, uuid7(), like.program_id, 0, like.channel, "", like.name, "")
            together.set(record_key(Spelling("", code)), record.pack(), ex=6 * 3600)
        together.execute()
    return codes


class Valkey:
    """Of our own: it is killed and started anew while clicks come in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"unix://{folder}/valkey?db=0"
        self.start()

    def start(self) -> None:
        options = {
            "port": "0", "unixsocket": f"{self._folder}/valkey", "dir": str(self._folder), "appendonly": "yes",
            "appendfsync": "everysec", "save": "", "maxmemory": MEMORY, "maxmemory-policy": "noeviction",
        }  # fmt: skip
        command = [str(find_valkey()), *(part for name, value in options.items() for part in (f"--{name}", value))]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=process.setup())
        client = self.client()
        deadline = time.monotonic() + 30
        while True:
            try:
                client.ping()
                return
            except redis.RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def kill(self) -> None:
        self._server.kill()
        self._server.wait()

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait(20)


@contextmanager
def own_valkey() -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        valkey = Valkey(Path(folder))
        os.environ["REDIS_URL"] = valkey.url
        try:
            yield valkey
        finally:
            valkey.stop()
