"""Web, worker and beat refuse to serve as a database role that could climb over the wall between merchants."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from referral_saas import roles


class UnsafeRole(Exception):
    """The text is for the operator: what the role could do, and the SQL that makes the right one."""


def refuse_unsafe_role() -> None:
    """Ask Postgres what the connected role may do. Raises UnsafeRole; leaves no connection open (forks follow)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(roles.ROLE_POWERS_SQL)
            name, *powers = cursor.fetchone()
    finally:
        _let_go()
    complaints = roles.role_complaints(*powers)
    if complaints:
        raise UnsafeRole(explanation(name, complaints))


def _let_go() -> None:
    connection.close()
    if close_pool := getattr(connection, "close_pool", None):
        close_pool()


def explanation(role: str, complaints: list[str]) -> str:
    script = roles.roles_script(
        owner=settings.OWNER_ROLE, runtime=roles.RUNTIME, database=settings.DATABASES["default"]["NAME"]
    )
    reasons = "".join(f"\n  - {complaint}" for complaint in complaints)
    return (
        f"DATABASE_URL connects as {role!r}, and that role may not serve requests:{reasons}\n"
        f"Make a role of its own and put it into DATABASE_URL:\n\n{script}\n"
    )
