"""Processes refuse to serve as a role that could climb the wall: each power is given to a real role, and refused."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from referral_saas import checks, roles
from tests.conftest import act_as

pytestmark = pytest.mark.django_db(transaction=True)
#: Roles belong to the whole server, which parallel test processes share: each has one of its own name.
ROLE = f"climber_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.fixture
def admin() -> Iterator[psycopg.Connection[object]]:
    if "ADMIN_DATABASE_URL" not in os.environ:
        pytest.skip("makes roles, which needs the private Postgres")
    database = connection.settings_dict["NAME"]
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], dbname=database, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {ROLE} LOGIN")
        admin.execute(f"GRANT CONNECT ON DATABASE {roles.quoted(database)} TO {ROLE}".encode())
        yield admin
        admin.execute(f"DROP OWNED BY {ROLE}")
        admin.execute(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize(
    ("power", "complaint"),
    [
        ("ALTER ROLE {role} SUPERUSER", "superuser"),
        ("ALTER ROLE {role} BYPASSRLS", "BYPASSRLS"),
        ("ALTER ROLE {role} CREATEROLE", "CREATEROLE"),
        ("CREATE TABLE climbed (); ALTER TABLE climbed OWNER TO {role}", "owns tables"),
        (f"GRANT {settings.OWNER_ROLE} TO {{role}}", f"member of {settings.OWNER_ROLE}"),
    ],
)
def test_role_with_a_power_refused_and_told_the_right_one(
    admin: psycopg.Connection[object], power: str, complaint: str
) -> None:
    admin.execute(power.format(role=ROLE).encode())
    before = act_as({"USER": ROLE, "PASSWORD": ""})
    try:
        with pytest.raises(checks.UnsafeRole) as refused:
            checks.refuse_unsafe_role()
    finally:
        act_as(before)
    assert complaint in str(refused.value)
    assert f'CREATE ROLE "{roles.RUNTIME}"' in str(refused.value)


def test_role_without_powers_accepted(admin: psycopg.Connection[object]) -> None:
    before = act_as({"USER": ROLE, "PASSWORD": ""})
    try:
        checks.refuse_unsafe_role()
    finally:
        act_as(before)


def test_tests_themselves_run_as_the_runtime_role() -> None:
    checks.refuse_unsafe_role()
    assert connection.settings_dict["USER"] == settings.RUNTIME_ROLE


def test_runtime_role_carries_its_limits() -> None:
    with connection.cursor() as cursor:
        for name, value in roles.RUNTIME_LIMITS.items():
            cursor.execute("SELECT current_setting(%s)::interval = %s::interval", [name, value])
            assert cursor.fetchone() == (True,), name


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        f"SET ROLE {settings.OWNER_ROLE}",
        "ALTER TABLE django_session DISABLE ROW LEVEL SECURITY",
        "DELETE FROM django_migrations",
        "INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b')",
        "CREATE TEMPORARY TABLE mine (id int)",
    ],
)
def test_runtime_role_may_not(statement: str) -> None:
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_each_framework_table_in_use_is_granted() -> None:
    """A package's new table without a grant would only be noticed by the first visitor."""
    with connection.cursor() as cursor:
        for table in roles.FRAMEWORK_GRANTS:
            cursor.execute(f"SELECT count(*) FROM {roles.quoted(table)}")
