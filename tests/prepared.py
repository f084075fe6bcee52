"""The tables as the migrations made them, kept between runs: migrating takes longer than most tests.

Kept beside the installed packages under a name that changes with every migration, so nothing old is ever used. Only
where ./run test has brought its own Postgres: its programs write and read the copy, and its superuser may.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ops.prepare import fingerprint, migrate, migration_files, once
from ops.services import find_postgres
from ops.stack import ROOT, Stack

FOLDER = Path(sys.prefix) / "migrated"
MOST_KEPT = 4
#: What migrations call upon besides themselves.
ALSO = (ROOT / "kit" / "rls.py", ROOT / "referral_saas" / "roles.py", Path(__file__))


def can_keep() -> bool:
    return bool(os.environ.get("ADMIN_DATABASE_URL"))


def kept() -> Path:
    return FOLDER / f"{fingerprint([*migration_files(), *ALSO])[:32]}.sql"


def keep(database: str) -> None:
    """Write the copy, whole or not at all. A few others stay: two checkouts may share what is installed."""
    wanted = kept()
    FOLDER.mkdir(exist_ok=True)
    making = wanted.with_suffix(f".{os.getpid()}")
    _run("pg_dump", _ours(database), "--file", str(making))
    making.rename(wanted)
    for old in sorted(FOLDER.glob("*.sql"), key=lambda file: file.stat().st_mtime)[:-MOST_KEPT]:
        old.unlink(missing_ok=True)


def fill(database: str) -> None:
    """Into an empty database."""
    _fill(_ours(database))


def tables_of(stack: Stack) -> None:
    """For a test that has a whole stack of its own: as the demo's start makes them, only quicker where a copy is."""
    once(stack, "migrations", migration_files(), lambda: _copied_or_migrated(stack))


def _copied_or_migrated(stack: Stack) -> None:
    if stack.services and kept().exists():
        _fill(stack.services.database_url("postgres"))
    else:
        migrate(stack)


def _fill(address: str) -> None:
    """In one transaction: a server with fsync on would write to the disk for each of a thousand statements."""
    quiet = ("--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--single-transaction")
    _run("psql", address, *quiet, "--file", str(kept()))


def _ours(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["ADMIN_DATABASE_URL"])._replace(path=f"/{database}"))


def _run(program: str, address: str, *arguments: str) -> None:
    command = [find_postgres() / program, *arguments, "--dbname", address]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
