"""The database is made and migrated as the owner; every test runs as the runtime role, as the site does."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
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
        made = copied()
        restrict(runtime["USER"])
        act_as(runtime)
        empty_quickly()
    yield
    emptier.leave()
    with django_db_blocker.unblock():
        act_as(owner_login())
        teardown_databases(made, verbosity=0)


def copied() -> list[Any]:
    """What teardown_databases wants to know."""
    from django.db import connection

    before, name = connection.settings_dict["NAME"], connection.creation._get_test_db_name()
    prepared.copy_to(name)
    connection.close()
    connection.settings_dict["NAME"] = name
    return [(connection, before, True)]


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
def savepoints_said_straight() -> None:
    """Within a test each transaction of the product is a savepoint: a fifth of all that is said to Postgres, and by a
    cursor it takes thrice as long. Where somebody listens, or the transaction has failed, it stays Django's."""
    from django.db.backends.postgresql.base import DatabaseWrapper
    from django.db.backends.postgresql.operations import DatabaseOperations

    said_by = DatabaseOperations
    DatabaseWrapper._savepoint = straight(DatabaseWrapper._savepoint, said_by.savepoint_create_sql)
    DatabaseWrapper._savepoint_commit = straight(DatabaseWrapper._savepoint_commit, said_by.savepoint_commit_sql)


def straight(usual: Any, statement: Any) -> Any:
    from psycopg.errors import error_from_result
    from psycopg.pq import ExecStatus, TransactionStatus

    def say(self: Any, savepoint: str) -> None:
        server = self.connection.pgconn
        if self.queries_logged or self.execute_wrappers or server.transaction_status != TransactionStatus.INTRANS:
            usual(self, savepoint)
            return
        answer = server.exec_(statement(self.ops, savepoint).encode())
        if answer.status != ExecStatus.COMMAND_OK:
            with self.wrap_database_errors:
                raise error_from_result(answer)

    return say


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
