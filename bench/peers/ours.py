"""Us beside the peers: one merchant with as many links, which lead straight to the shop as theirs do; web, worker and
beat as in production."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import written
from bench.lane_world import open_merchant
from bench.web import web_server
from ops import process
from ops.programs import beat, worker_of
from ops.stack import ROOT, Stack
from programs.models import Program

#: The load comes from loopback and says whom it stands for, as a proxy would.
PROXIED = {"TRUSTED_PROXIES": "127.0.0.0/8"}
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
)


class Ours:
    """``codes`` are those of the links."""

    version = "referral-saas"

    def __init__(self, port: int, codes: list[str], owner: written.Connection) -> None:
        self.port = port
        self.codes = codes
        self._owner = owner

    def request(self, code: str, address: str) -> bytes:
        return (
            f"GET /r/{code} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {PHONE}\r\n"
            f"X-Forwarded-For: {address}\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\n\r\n"
        ).encode()

    def kept(self) -> int:
        [(count,)] = self._owner.execute("SELECT count(*) FROM tracking_click").fetchall()
        return int(count)


@contextmanager
def ours(*, folder: Path, links: int) -> Iterator[Ours]:
    codes = open_merchant("ours", Program.Landing.REDIRECT, links).codes
    os.environ.update(PROXIED)
    with written.as_owner() as owner, web_server(os.environ["DATABASE_URL"]) as port, _workers(folder):
        yield Ours(port, codes, owner)


@contextmanager
def _workers(folder: Path) -> Iterator[None]:
    """What moves clicks from the stream into Postgres meanwhile, on the same processors."""
    environment = {**os.environ, "MODE": "demo", "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR"}
    stack = Stack(folder, "demo", None, environment)
    with ExitStack() as running, (folder / "workers.log").open("wb") as log:
        for command in (worker_of("worker", stack), beat()):
            started: list[str] = [*map(str, command)]
            child = subprocess.Popen(
                started, cwd=ROOT, env=environment, stdout=log, stderr=log, preexec_fn=process.setup()
            )
            running.callback(process.end, child, signum=signal.SIGTERM, within=10)
        yield
