"""A peer, installed from the package index into a throw-away environment and served as we are."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.web import wait_for
from kit.env import parse_database_url
from ops import process
from ops.addresses import any_port
from ops.programs import granian
from ops.stack import Stack

SITE = Path(__file__).parent / "site"
#: The same server and driver as ours, in the versions that we run.
SHARED = ("granian", "psycopg", "psycopg-binary", "psycopg-pool")


@dataclass(frozen=True)
class Peer:
    """``counted`` asks its tables for the clicks it has kept."""

    key: str
    package: str
    counted: str

    def request(self, code: str, address: str) -> bytes:
        if self.key == "pinax":
            return f"GET /r/{code}/ HTTP/1.1\r\nHost: peer.example\r\nX-Forwarded-For: {address}\r\n\r\n".encode()
        body = f'{{"referral_token":"{code}"}}'
        return (
            f"POST /referrals/increment-link-clicked/ HTTP/1.1\r\nHost: peer.example\r\nX-Forwarded-For: {address}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


PINAX = Peer("pinax", "pinax-referrals", "SELECT count(*) FROM peer_pinax.referrals_referralresponse")
SYSTEM = Peer("system", "django-referral-system", "SELECT sum(link_clicked) FROM peer_system.referrals_promoter")


@dataclass(frozen=True)
class Site:
    """A peer that runs, with links of its own. ``version`` is the one the index gave."""

    peer: Peer
    version: str
    port: int
    codes: list[str]
    owner_url: str

    def request(self, code: str, address: str) -> bytes:
        return self.peer.request(code, address)

    def kept(self) -> int:
        with psycopg.connect(self.owner_url) as connection:
            [(count,)] = connection.execute(self.peer.counted).fetchall()
        return int(count)


@contextmanager
def site_of(peer: Peer, *, owner_url: str, folder: Path, links: int) -> Iterator[Site]:
    """Installed, migrated, filled and served; everything but the rows is gone afterwards."""
    python = _install(peer, folder)
    site = folder / "site"
    shutil.copytree(SITE, site)
    _make_schema(peer, owner_url)
    environment = _environment(peer, owner_url, site)
    migrate = [str(python), "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=site, env=environment, check=True)
    filled = [str(python), "fill.py", str(links)]
    codes = subprocess.run(filled, cwd=site, env=environment, check=True, capture_output=True, text=True).stdout.split()
    with _served(python, site, environment) as port:
        yield Site(peer, _version(python, peer), port, codes, owner_url)


def _install(peer: Peer, folder: Path) -> Path:
    """With pip's own settings, whatever index they name."""
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    wanted = [peer.package, *(f"{name}=={importlib.metadata.version(name)}" for name in SHARED)]
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    return python


def _version(python: Path, peer: Peer) -> str:
    asked = f"import importlib.metadata as m; print(m.version({peer.package!r}), m.version('Django'))"
    told = subprocess.run([str(python), "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    return f"{peer.package} {told[0]} on Django {told[1]}"


def _make_schema(peer: Peer, owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA peer_{peer.key}".encode())


def _environment(peer: Peer, owner_url: str, site: Path) -> dict[str, str]:
    """Nothing of ours but the way to Postgres: a peer's settings are its own."""
    database = parse_database_url(owner_url)
    assert database is not None
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
        "PEER": peer.key,
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": str(site),
        "BASE_REFERRAL_LINK": "https://peer.example/",
        "BASE_EMAIL": "peer@example.com",
        "PEER_DB_NAME": database.name,
        "PEER_DB_USER": database.user,
        "PEER_DB_PASSWORD": database.password,
        "PEER_DB_HOST": database.host,
        "PEER_DB_PORT": database.port,
        "PEER_DB_SCHEMA": f"peer_{peer.key}",
    }


@contextmanager
def _served(python: Path, site: Path, environment: dict[str, str]) -> Iterator[int]:
    """Our own command, but for the interpreter and the application."""
    port = any_port()
    ours = granian(Stack(site, "demo", None, {"WEB_PORT": str(port)}))
    swapped = {sys.executable: str(python), "referral_saas.wsgi:application": "wsgi:application"}
    command = [swapped.get(str(part), str(part)) for part in ours]
    server = subprocess.Popen(command, cwd=site, env=environment, preexec_fn=process.setup())
    try:
        wait_for(port)
        yield port
    finally:
        process.end(server, signum=signal.SIGTERM, within=10)
