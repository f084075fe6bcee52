"""Django's migrate, run as the owner; afterwards the runtime role gets its rights on the frameworks' own tables, and
the database is told how long a workspace waits for its deletion."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from referral_saas import roles


class Command(DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            grant_framework_tables(options["database"])
            tell_closing_days(options["database"])


def grant_framework_tables(database: str) -> None:
    """Only to tables that stand: a migration to an earlier state may have none of them. Granting twice is harmless."""
    connection = connections[database]
    standing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, statement in zip(roles.FRAMEWORK_GRANTS, roles.framework_grants(settings.RUNTIME_ROLE), strict=True):
            if table in standing:
                cursor.execute(statement)


def tell_closing_days(database: str) -> None:
    with connections[database].cursor() as cursor:
        cursor.execute(roles.closing_days_statement(settings.WORKSPACE_CLOSING_DAYS))
