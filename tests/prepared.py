"""The tables as the migrations make them: made once for a run, copied by each of its processes, and where we may kept
between runs, for migrating takes longer than most tests.

``begin`` has them made beside the collecting of the tests, by a process of its own (``python -m tests.prepared``) that
holds the turn until they stand. The copy that is kept lies beside the installed packages under a name that changes with
every migration, so nothing old is ever used; only where ./run test has brought its own Postgres, whose programs write
and read it, and whose superuser may.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from ops import process
from ops.prepare import fingerprint, migrate, migration_files, once
from ops.services import find_postgres
from ops.stack import ROOT, Stack

FOLDER = Path(sys.prefix) / "migrated"
MOST_KEPT = 4
#: What migrations call upon besides themselves.
ALSO = (ROOT / "kit" / "rls.py", ROOT / "referral_saas" / "roles.py", Path(__file__))
#: All processes of one run copy it; on a server of others, others may run the tests too.
TEMPLATE = f"test_template_{os.environ.get('DATA_DIR', '')[-8:]}"
MAKING = f"{TEMPLATE}_making"


def begin() -> None:
    """The turn is taken here, so that nobody takes it before the process that makes the tables."""
    with _turn() as turn:
        command = [sys.executable, "-m", "tests.prepared"]
        subprocess.Popen(command, cwd=ROOT, preexec_fn=process.setup(), pass_fds=[turn.fileno()])


def copy_to(database: str) -> None:
    """Waits for the template. Raises psycopg.errors.InvalidCatalogName if it could not be made: why, that process has
    told. What a run that was killed has left under this name goes."""
    with _turn():
        _as_owner("DROP DATABASE IF EXISTS {}", database)
        _as_owner("CREATE DATABASE {} TEMPLATE {}", database, TEMPLATE)


def end() -> None:
    """A server of others outlives the run; ours goes with all that it holds."""
    if not _can_keep():
        with _turn():
            for made in (MAKING, TEMPLATE):
                _as_owner("DROP DATABASE IF EXISTS {} WITH (FORCE)", made)


def make() -> None:
    """Under its name only once it is whole, so that nobody copies half of it."""
    _as_owner("CREATE DATABASE {}", MAKING)
    if not _can_keep():
        _migrate()
    elif _kept().exists():
        _fill(_of_superuser(MAKING))
    else:
        _migrate()
        _keep()
    _as_owner("ALTER DATABASE {} RENAME TO {}", MAKING, TEMPLATE)


def tables_of(stack: Stack) -> None:
    """For a test that has a whole stack of its own: as the demo's start makes them, only quicker where a copy is."""
    once(stack, "migrations", migration_files(), lambda: _copied_or_migrated(stack))


def _copied_or_migrated(stack: Stack) -> None:
    if stack.services and _kept().exists():
        _fill(stack.services.database_url("postgres"))
    else:
        migrate(stack)


@contextmanager
def _turn() -> Iterator[IO[str]]:
    """Held until the last process that has this file open closes it or ends."""
    with open(Path(os.environ["DATA_DIR"]) / "preparing", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield turn


def _can_keep() -> bool:
    return bool(os.environ.get("ADMIN_DATABASE_URL"))


def _kept() -> Path:
    return FOLDER / f"{fingerprint([*migration_files(), *ALSO])[:32]}.sql"


def _migrate() -> None:
    to = {name: _at(os.environ[name], MAKING) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **to}, preexec_fn=process.setup())


def _keep() -> None:
    """Whole or not at all. A few others stay: two checkouts may share what is installed."""
    wanted = _kept()
    FOLDER.mkdir(exist_ok=True)
    making = wanted.with_suffix(f".{os.getpid()}")
    _run("pg_dump", _of_superuser(MAKING), "--file", str(making))
    making.rename(wanted)
    for old in sorted(FOLDER.iterdir(), key=lambda file: file.stat().st_mtime)[:-MOST_KEPT]:
        old.unlink(missing_ok=True)


def _fill(address: str) -> None:
    """In one transaction: a server with fsync on would write to the disk for each of a thousand statements."""
    quiet = ("--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--single-transaction")
    _run("psql", address, *quiet, "--file", str(_kept()))


def _run(program: str, address: str, *arguments: str) -> None:
    command = [find_postgres() / program, *arguments, "--dbname", address]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _as_owner(statement: LiteralString, *names: str) -> None:
    """Said in no database in particular."""
    address = _at(os.environ["DATABASE_OWNER_URL"], "postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _of_superuser(database: str) -> str:
    return _at(os.environ["ADMIN_DATABASE_URL"], database)


def _at(address: str, database: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{database}"))


if __name__ == "__main__":
    make()
