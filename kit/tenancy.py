"""Which merchant is at work, and the one way to open a transaction for it.

Two names on purpose (docs/decisions/0003-tenancy.md):

* ``tenant_scope(ref)`` says who is at work. It opens nothing.
* ``tenant_transaction()`` opens the transaction and tells Postgres, whose row-level security then
  hides every other merchant's rows. No transaction = no tenant = no rows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from kit.connections import of_this_thread, prepared_cursor

P = ParamSpec("P")
R = TypeVar("R")

#: SQLSTATEs after which the whole transaction may simply be run again: serialisation failure, deadlock, and a key to a
#: row that is gone (people are merged): read again, it leads to the row that took its place.
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "23503"})
TRANSACTION_TRIES = 3


class NoTenant(RuntimeError):
    """Work on merchant data was begun without saying whose."""


class TransactionRequired(RuntimeError):
    """An action was called outside of ``tenant_transaction()``."""


class BeginAgain(RuntimeError):
    """A row that was read before its lock is gone since: what took its place is found from the beginning."""


class TransactionForbidden(RuntimeError):
    """A step that calls the outside world was called while a transaction was open."""


@dataclass(frozen=True, slots=True)
class TenantRef:
    """Proof that somebody resolved a merchant. Made only by a Door, a Membership, a WakeUp or a Merchant row."""

    merchant_id: UUID


_scope: ContextVar[TenantRef | None] = ContextVar("tenant_scope", default=None)
_in_database: ContextVar[UUID | None] = ContextVar("tenant_in_database", default=None)


def current_tenant() -> TenantRef:
    ref = _scope.get()
    if ref is None:
        raise NoTenant("No merchant is in scope: wrap the work in tenant_scope(ref).")
    return ref


def current_merchant_id() -> UUID:
    return current_tenant().merchant_id


def merchant_id_or_none() -> UUID | None:
    ref = _scope.get()
    return ref.merchant_id if ref else None


@contextmanager
def tenant_scope(ref: TenantRef) -> Iterator[TenantRef]:
    token = _scope.set(ref)
    try:
        yield ref
    finally:
        _scope.reset(token)


@contextmanager
def tenant_transaction(*, read_only: bool = False) -> Iterator[None]:
    """One transaction for the merchant in scope; the outermost verb opens it and an exception leaves through it.

    Durable: it refuses to be nested in another transaction (a test's own surrounding transaction excepted).
    """
    merchant_id = current_merchant_id()
    outer, connection = _in_database.get(), of_this_thread()
    with transaction.atomic(durable=True):
        nested = bool(connection.savepoint_ids)  # only inside a test's surrounding transaction
        if read_only and not nested:
            _tell_postgres_read_only(merchant_id)
        else:
            _tell_postgres(merchant_id)
        token = _in_database.set(merchant_id)
        try:
            yield
        finally:
            _in_database.reset(token)
        if nested and not connection.needs_rollback:  # after an error the savepoint takes the setting with it
            _leave_savepoint(outer)


@contextmanager
def tenant_batch() -> Iterator[Callable[[TenantRef], AbstractContextManager[None]]]:
    """One transaction over rows of several merchants, one after the other: the one exception, for taking clicks in.

    Yields what says whose rows come next: ``with whose(ref): ...``. All of them commit together or none. What is
    checked at commit is checked as the last merchant, so nothing whose deferred triggers look at a tenant's rows may be
    written here (foreign keys may: the database checks them as the owner of the tables).
    """
    outer, connection = _in_database.get(), of_this_thread()
    with transaction.atomic(durable=True):
        nested = bool(connection.savepoint_ids)  # only inside a test's surrounding transaction
        yield _one_of_batch
        if nested and not connection.needs_rollback:
            _leave_savepoint(outer)


@contextmanager
def _one_of_batch(ref: TenantRef) -> Iterator[None]:
    _tell_postgres(ref.merchant_id)
    token = _in_database.set(ref.merchant_id)
    try:
        with tenant_scope(ref):
            yield
    finally:
        _in_database.reset(token)


def _leave_savepoint(outer: UUID | None) -> None:
    """In a savepoint the setting survives RELEASE: check deferred constraints as this tenant, then restore."""
    check = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; "
    with of_this_thread().cursor() as cursor:
        cursor.execute(check + _WHOSE, [_said(outer)])


#: One statement, for each is a way to the database and back.
_WHOSE = "SELECT set_config('app.merchant_id', %s, true)"
#: What a page asks with a statement that was prepared, it asks by key: Postgres need not plan it for this key and that
#: one before it settles on a plan for all, which takes longer than finding the row.
_ONE_PLAN = "set_config('plan_cache_mode', 'force_generic_plan', true)"
_WHOSE_READ_ONLY = f"{_WHOSE}, set_config('transaction_read_only', 'on', true), {_ONE_PLAN}"


def _tell_postgres(merchant_id: UUID | None) -> None:
    with prepared_cursor() as cursor:
        cursor.execute(_WHOSE, [_said(merchant_id)])


def _tell_postgres_read_only(merchant_id: UUID) -> None:
    with prepared_cursor() as cursor:
        cursor.execute(_WHOSE_READ_ONLY, [_said(merchant_id)])


def _said(merchant_id: UUID | None) -> str:
    return str(merchant_id) if merchant_id else ""


def in_tenant_transaction(ref: TenantRef, work: Callable[[], R]) -> R:
    """Run ``work`` in its own scope and transaction; after a deadlock or serialisation error once more, thrice."""

    def once() -> R:
        with tenant_scope(ref), tenant_transaction():
            return work()

    return again_after_deadlock(once)


def again_after_deadlock(work: Callable[[], R]) -> R:
    """For the outermost verb alone: ``work`` opens its own transaction and can be run from the beginning."""
    for attempt in range(1, TRANSACTION_TRIES + 1):
        try:
            return work()
        except (OperationalError, IntegrityError, BeginAgain) as error:
            if attempt == TRANSACTION_TRIES or not _is_retryable(error):
                raise
    raise AssertionError("unreachable")


def _is_retryable(error: Exception) -> bool:
    return isinstance(error, BeginAgain) or getattr(error.__cause__, "sqlstate", None) in RETRYABLE_SQLSTATES


def transaction_required(action: Callable[P, R]) -> Callable[P, R]:
    """Guard of every action: it may only run inside ``tenant_transaction()``."""

    @functools.wraps(action)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if _in_database.get() is None:
            raise TransactionRequired(f"{action.__qualname__} needs tenant_transaction() around it.")
        return action(*args, **kwargs)

    return guarded


def transaction_forbidden(step: Callable[P, R]) -> Callable[P, R]:
    """Guard of every step: it calls the outside, so it may not hold a transaction open meanwhile."""

    @functools.wraps(step)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if _in_database.get() is not None:
            raise TransactionForbidden(f"{step.__qualname__} opens its own transactions; call it outside of one.")
        return step(*args, **kwargs)

    return guarded
