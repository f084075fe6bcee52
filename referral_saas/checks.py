"""Web, worker and beat refuse to serve as a database role that could climb over the wall between merchants, and with
rewards that would go to a simulator instead of a real service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.db import connection

from referral_saas import roles


class UnsafeRole(Exception):
    """The text is for the operator: what the role could do, and the SQL that makes the right one."""


class SimulatedProviders(Exception):
    """The text is for the operator: which addresses stand in for real services."""


def refuse_simulators() -> None:
    """Outside of demo and test nobody is served while a reward could go to a stand-in. Raises SimulatedProviders."""
    if found := simulator_complaints(settings.MODE, settings.PROVIDER_URLS):
        raise SimulatedProviders("Referral SaaS cannot start:\n" + "\n".join(f"  {complaint}" for complaint in found))


def simulator_complaints(mode: str, urls: Mapping[str, str]) -> list[str]:
    """One sentence for every service whose address is replaced. A private address, a plain one and a public one alike:
    whoever answers there is not the service, and people would be told of rewards that nobody gave."""
    if mode in {"demo", "test"}:
        return []
    return [
        f"PROVIDER_URL_{kind.replace('_', '')} is {url!r}, a stand-in for the real service: unset it. Only "
        "MODE=demo and MODE=test may use one."
        for kind, url in urls.items()
        if url
    ]


@register()
def check_simulators(app_configs: Sequence[Any] | None = None, **_: Any) -> list[Error]:
    """The same for `manage.py check` and `migrate`."""
    return [
        Error(text, id="referral_saas.E001") for text in simulator_complaints(settings.MODE, settings.PROVIDER_URLS)
    ]


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
