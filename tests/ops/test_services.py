"""The private servers, really started: in awkward places, after a crash, with nothing open to others."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from ops.services import CannotStart, Services, own_folder
from referral_saas import roles

AWKWARD = "a blank, ümläuts and a name so long that no unix socket could ever stand in it " + "x" * 60


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Made once: every test here leaves them running."""
    place = tmp_path_factory.mktemp("services")
    for folder in (place, *place.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)  # as root, the servers' user must pass through
    services = Services(place / AWKWARD)
    services.start()
    yield services
    services.stop()
    services.destroy()


def runtime(services: Services) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(services.database_url(roles.RUNTIME), autocommit=True)


def test_servers_survive_their_own_death_in_an_awkward_place(services: Services) -> None:
    with psycopg.connect(services.database_url(roles.OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    client = redis.Redis.from_url(services.redis_url)
    client.xadd("clicks", {"code": "abc"})
    for name, start in (("postgres", services.start_postgres), ("valkey", services.start_valkey)):
        services.running[name].kill()
        services.running[name].wait()
        start()
    services.wait_until_answering()
    with psycopg.connect(services.database_url(roles.OWNER)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert client.xlen("clicks") == 1


def test_runtime_role_is_harmless_and_limited(services: Services) -> None:
    with runtime(services) as connection:
        name, *powers = connection.execute(roles.ROLE_POWERS_SQL.encode()).fetchone() or ()
        limits = {limit: connection.execute(f"SHOW {limit}".encode()).fetchone() for limit in roles.RUNTIME_LIMITS}
    assert name == roles.RUNTIME
    assert roles.role_complaints(*powers) == []  # type: ignore[arg-type]
    assert limits == {
        "lock_timeout": ("5s",),
        "statement_timeout": ("30s",),
        "idle_in_transaction_session_timeout": ("1min",),
        "idle_session_timeout": ("10min",),
    }


def test_no_port_is_open_and_only_the_owner_may_enter(services: Services) -> None:
    for child in services.running.values():
        connections = psutil.Process(child.pid).net_connections(kind="inet")
        assert [each for each in connections if each.status == psutil.CONN_LISTEN] == []
    for folder in (services.places.sockets, services.places.postgres_data, services.places.valkey_data):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_clicks_are_never_evicted(services: Services) -> None:
    config = redis.Redis.from_url(services.redis_url, decode_responses=True).config_get("*")
    assert (config["maxmemory-policy"], config["appendonly"], config["appendfsync"]) == (
        "noeviction",
        "yes",
        "everysec",
    )
    assert int(config["maxmemory"]) > 0


def test_database_thrown_away_is_made_anew_with_its_rights(services: Services) -> None:
    with psycopg.connect(services.database_url(roles.OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE gone ()")
    services.drop_database()
    with runtime(services) as connection:
        assert connection.execute("SELECT to_regclass('gone')").fetchone() == (None,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine ()")


def test_pid_of_another_program_in_the_way_is_no_hindrance(services: Services) -> None:
    services.running["postgres"].send_signal(signal.SIGINT)
    services.running["postgres"].wait()
    (services.places.postgres_data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    services.start_postgres()
    services.wait_until_answering()


def test_folder_of_somebody_else_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        own_folder(link, mode=0o700)


def test_server_that_cannot_start_is_told_with_its_own_words(services: Services) -> None:
    services.stop()
    told = services.places.postgres_data / "postgresql.conf"
    before = told.read_text()
    told.write_text("shared_buffers = plenty\n")
    with pytest.raises(CannotStart, match=r"postgres did not start \(exit 1\)[\s\S]*plenty"):
        services.start()
    services.stop()
    told.write_text(before)
    services.start()
