"""The database is made and migrated as the owner; every test runs as the runtime role, as the site does."""

from __future__ import annotations

import fcntl
import gc
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import prepared

#: Python by itself looks for garbage far too often for these tests: what a process loads stays, and what a test leaves
#: in circles is little.
gc.set_threshold(100_000, 50, 100)

#: No example fails because the machine is busy.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """All that stands before the first test is never looked through again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Nor after the last one: pytest would look through everything five times before it ends."""
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    from django.test.utils import teardown_databases

    with django_db_blocker.unblock():
        runtime = act_as(owner_login())
        made = migrated()
        restrict(runtime["USER"])
        act_as(runtime)
        empty_quickly()
    yield
    emptier.leave()
    with django_db_blocker.unblock():
        act_as(owner_login())
        teardown_databases(made, verbosity=0)
        on_server(f"DROP DATABASE IF EXISTS {TEMPLATE}")


#: The parallel processes of one run share it: who needs a database first has it migrated, the next one copies.
TEMPLATE = f"test_template_{os.environ.get('DATA_DIR', '')[-8:]}"


def migrated() -> list[Any]:
    """What teardown_databases wants to know."""
    from django.db import connection
    from django.test.utils import setup_databases

    with open(Path(os.environ["DATA_DIR"]) / "migrating", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if on_server(f"SELECT FROM pg_database WHERE datname = '{TEMPLATE}'"):
            return copied()
        if prepared.can_keep() and prepared.kept().exists():
            made = refilled()
        else:
            made = setup_databases(verbosity=0, interactive=False, parallel=0, aliases={"default": False})
            if prepared.can_keep():
                connection.close()
                prepared.keep(connection.settings_dict["NAME"])
        if "PYTEST_XDIST_WORKER" in os.environ:
            connection.close()
            on_server(f"CREATE DATABASE {TEMPLATE} TEMPLATE {connection.settings_dict['NAME']}")
        return made


def copied() -> list[Any]:
    return made_by(lambda name: on_server(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))


def refilled() -> list[Any]:
    def fill(name: str) -> None:
        on_server(f"CREATE DATABASE {name}")
        prepared.fill(name)

    return made_by(fill)


def made_by(make: Callable[[str], object]) -> list[Any]:
    from django.db import connection

    before, name = connection.settings_dict["NAME"], connection.creation._get_test_db_name()
    make(name)
    connection.close()
    connection.settings_dict["NAME"] = name
    return [(connection, before, True)]


def on_server(statement: str) -> int:
    """Said in no database in particular; gives the number of rows."""
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def owner_login() -> dict[str, str]:
    from kit.env import parse_database_url

    owner = parse_database_url(os.environ["DATABASE_OWNER_URL"])
    assert owner is not None
    return {"USER": owner.user, "PASSWORD": owner.password}


def act_as(login: dict[str, str]) -> dict[str, str]:
    """Connect as this role from now on; gives the login that was in use before."""
    from django.db import connection

    connection.close()
    before = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.settings_dict.update(login)
    return before


def restrict(role: str) -> None:
    """The same rights in the database as elsewhere, and one more: transactional tests empty the tables afterwards.

    Emptying would then write content types and permissions anew, which only the owner may and nothing here reads.
    """
    from django.conf import settings
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db import connection
    from django.db.models.signals import post_migrate

    from referral_saas import roles

    database = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        for statement in roles.schema_statements(owner=settings.OWNER_ROLE, runtime=role, database=database):
            cursor.execute(statement)
        cursor.execute(f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {roles.quoted(role)}")
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


#: Row by row is quick where there are few rows; a hundred tables truncated are some hundred files made anew.
EMPTY = """
DO $$
DECLARE touched regclass;
BEGIN
    SET LOCAL session_replication_role = replica;  -- neither keys nor the ledger's guard are asked
    FOR touched IN
        SELECT oid::regclass FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'django_migrations'
        AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %s', touched);
    END LOOP;
END $$
"""


class Emptier:
    """One connection for all tests of this process: to make one takes ten times as long as to empty the tables."""

    def __init__(self) -> None:
        self._superuser: Any = None

    def empty(self, _case: object = None) -> None:
        import psycopg

        try:
            self._run()
        except psycopg.OperationalError:  # a test has had the server restarted
            self.leave()
            self._run()

    def leave(self) -> None:
        """Before the database is copied or thrown away, for which nobody may be connected to it."""
        if self._superuser:
            self._superuser.close()
        self._superuser = None

    def _run(self) -> None:
        import psycopg
        from django.db import connection

        if not self._superuser:
            address, database = os.environ["ADMIN_DATABASE_URL"], connection.settings_dict["NAME"]
            self._superuser = psycopg.connect(address, dbname=database, autocommit=True)
        self._superuser.execute(EMPTY)


emptier = Emptier()


def empty_quickly() -> None:
    """Django truncates every table after each transactional test; here only what has rows is emptied.

    That takes the superuser, who is known when ./run test has brought its own Postgres; otherwise Django's way stays.
    """
    from django.test import TransactionTestCase

    if os.environ.get("ADMIN_DATABASE_URL"):
        TransactionTestCase._fixture_teardown = emptier.empty


@pytest.fixture(scope="session", autouse=True)
def prepared_statements_outlive_a_test() -> None:
    """psycopg forgets what it has prepared when a transaction is taken back, which may have made a table anew. Every
    test ends so and leaves the tables as they were: to plan what is asked all the time anew in each took a tenth of the
    time of pages. Room is for what all pages together ask."""
    from psycopg._preparing import PrepareManager

    PrepareManager.prepared_max = 1_000
    forgets_at = re.compile(rb"^(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b")
    PrepareManager._should_discard.__defaults__ = (forgets_at.match,)


@pytest.fixture(scope="session", autouse=True)
def pages_only(django_test_environment: None) -> None:
    """Django's tests keep a copy of all that a template knows, for each component of a page anew: a sixth of the time
    that pages take. Here it is kept once for a page, which is what tests ask for."""
    from django.template.base import Template

    Template._render = render_and_tell


def render_and_tell(template: Any, context: Any) -> Any:
    from django.test.signals import template_rendered

    if context.template is template:
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


@pytest.fixture
def live_redis() -> Iterator[Any]:
    """This process's own Valkey database, empty before and after; nor is a click of another test remembered."""
    import redis
    from django.conf import settings

    from referral_saas.friend.counting import book

    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    book.cache_clear()
    yield client
    client.flushdb()
    client.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    from ops.browser import HOW_TO_GET, find_chromium

    if find_chromium() is None:
        terminalreporter.write_line(HOW_TO_GET)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from ops.browser import HOW_TO_GET, find_chromium

    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=HOW_TO_GET))


#: RenderDocument sets up anew what draws a page for every page of the same site: a seventh of what pages cost here. The
#: others are what Playwright leaves out, of that what matters: Chromium takes this flag once.
LEFT_OUT = (
    *("RenderDocument", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "PaintHolding", "MediaRouter"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "OptimizationHints", "ThirdPartyStoragePartitioning"),
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser, one for all tests of this process: each takes a fresh profile of it.

    Its loop stands still between two tests but counts as running; that Django would then let nobody near the database
    is switched off by ``./run test`` (``DJANGO_ALLOW_ASYNC_UNSAFE``). What counts as a loop's has a connection of its
    own there: the one before is closed first and this one with the loop, for a database to which somebody is connected
    can neither be copied nor thrown away.
    """
    from django.db import connections

    from demo.drive.chromium import browser
    from ops.browser import find_chromium

    path = find_chromium()
    if not path:
        pytest.skip("No Chromium here: apt-get install chromium-headless-shell")
    connections.close_all()
    with browser(str(path), f"--disable-features={','.join(LEFT_OUT)}") as started:
        yield started
        connections.close_all()
