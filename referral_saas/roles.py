"""The two database roles: what they are made with, and what a runtime role must not be able to do.

Plain SQL and the standard library only: the launcher makes the embedded roles with it before Django exists.
"""

from __future__ import annotations

from collections.abc import Collection

OWNER = "referral_owner"
RUNTIME = "referral_app"
DATABASE = "referral"

#: Stand on the runtime role itself, so that no connection of web, worker or beat can forget them. A request waits for a
#: lock five seconds at most; a connection that nobody uses is closed by the server after ten minutes.
RUNTIME_LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "idle_session_timeout": "10min",
}

#: Tables of Django and its packages, which have no tenant. Ours are granted by their own migrations (kit/rls.py).
FRAMEWORK_GRANTS = {
    "django_migrations": "SELECT",
    "django_content_type": "SELECT",
    "auth_permission": "SELECT",
    "auth_group": "SELECT",
    "auth_group_permissions": "SELECT",
    "django_session": "SELECT, INSERT, UPDATE, DELETE",
    "account_emailaddress": "SELECT, INSERT, UPDATE, DELETE",
    "account_emailconfirmation": "SELECT, INSERT, UPDATE, DELETE",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def role_statements(*, owner: str = OWNER, runtime: str = RUNTIME, standing: Collection[str] = ()) -> list[str]:
    """Make both roles, but for those ``standing``, and put the limits on the runtime role. For an administrator."""
    powers = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB"
    made = [f"CREATE ROLE {quoted(role)} {powers}" for role in (owner, runtime) if role not in standing]
    return [*made, *limit_statements(runtime=runtime)]


def limit_statements(*, runtime: str = RUNTIME) -> list[str]:
    return [f"ALTER ROLE {quoted(runtime)} SET {name} = '{value}'" for name, value in RUNTIME_LIMITS.items()]


def database_statement(*, owner: str = OWNER, database: str = DATABASE) -> str:
    return f"CREATE DATABASE {quoted(database)} OWNER {quoted(owner)} ENCODING 'UTF8' TEMPLATE template0"


def schema_statements(*, owner: str = OWNER, runtime: str = RUNTIME, database: str = DATABASE) -> list[str]:
    """Rights in the database as a whole. Run inside it as an administrator; those on tables come by migration."""
    return [
        f"REVOKE ALL ON DATABASE {quoted(database)} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {quoted(database)} TO {quoted(runtime)}",
        f"ALTER SCHEMA public OWNER TO {quoted(owner)}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {quoted(runtime)}",
    ]


def roles_script(*, owner: str = OWNER, runtime: str = RUNTIME, database: str = DATABASE) -> str:
    """All of it for psql, for a server of one's own."""
    first = [*role_statements(owner=owner, runtime=runtime), database_statement(owner=owner, database=database)]
    then = schema_statements(owner=owner, runtime=runtime, database=database)
    return "\n".join(
        [
            "-- Run with psql as an administrator of the server.",
            *(f"{statement};" for statement in first),
            f"\\connect {quoted(database)}",
            *(f"{statement};" for statement in then),
            "-- psql asks for each password, so that none ends in a shell's history.",
            f"\\password {quoted(owner)}",
            f"\\password {quoted(runtime)}",
        ]
    )


def framework_grants(runtime: str) -> list[str]:
    return [f"GRANT {rights} ON {quoted(table)} TO {quoted(runtime)}" for table, rights in FRAMEWORK_GRANTS.items()]


def closing_days_statement(days: int) -> str:
    """How long the serving role at least waits between asking for a workspace's deletion and the deletion (migration
    merchants 0014). Said by the owner with every migrate: the one it binds must not say it."""
    return f"CREATE OR REPLACE FUNCTION closing_days() RETURNS integer LANGUAGE sql IMMUTABLE RETURN {int(days)}"


#: One row: what the connected role can do that would let it climb over the wall between merchants.
ROLE_POWERS_SQL = """
SELECT me.rolname,
       me.rolsuper,
       me.rolbypassrls,
       me.rolcreaterole,
       EXISTS (SELECT FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
               WHERE n.nspname = 'public' AND t.relkind IN ('r', 'p', 'v', 'm') AND t.relowner = me.oid),
       (SELECT string_agg(other.rolname, ', ' ORDER BY other.rolname) FROM pg_roles other
        WHERE other.oid <> me.oid AND pg_has_role(me.oid, other.oid, 'MEMBER')
          AND (other.rolsuper OR other.rolbypassrls OR other.rolcreaterole
               OR EXISTS (SELECT FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
                          WHERE n.nspname = 'public' AND t.relowner = other.oid)))
FROM pg_roles me WHERE me.rolname = current_user
"""


def role_complaints(
    superuser: bool, bypasses: bool, makes_roles: bool, owns_tables: bool, powerful_roles: str | None
) -> list[str]:
    """In words, why a role with these powers (the columns of ROLE_POWERS_SQL) may not serve requests."""
    complaints = {
        "it is a superuser": superuser,
        "it has BYPASSRLS": bypasses,
        "it has CREATEROLE and could grant itself the rest": makes_roles,
        "it owns tables, and an owner can switch row security off": owns_tables,
        f"it is a member of {powerful_roles}, which owns tables or stands above row security": bool(powerful_roles),
    }
    return [words for words, applies in complaints.items() if applies]
