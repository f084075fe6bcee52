"""Looks at the DNS: by the button of a page, and each day for every host in use. No transaction is open meanwhile."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from kit.clock import database_now, now_for
from kit.dns import Unreachable, texts_at
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction, transaction_forbidden
from merchants.actions.hosts import take_look
from merchants.events import SYSTEM
from merchants.models import Door, Host
from merchants.rules.hosts import record_name
from merchants.selectors import host_by_id, merchant

logger = logging.getLogger(__name__)

#: A host in use is looked at when its last look is this old. The task rings more often.
LOOKED_AT_EVERY = timedelta(hours=20)


@transaction_forbidden
def check_host(ref: TenantRef, *, host_id: UUID, by: str = SYSTEM) -> Host | None:
    """Read, ask the DNS, write. None when the host was removed meanwhile."""
    with tenant_scope(ref):
        with tenant_transaction(read_only=True):
            found = host_by_id(host_id)
        if found is None:
            return None
        texts = _texts(found.host)
        with tenant_transaction():
            now = now_for(merchant())
            return take_look(host_id=host_id, texts=texts, by=by, now=now, real_now=database_now())


@transaction_forbidden
def check_hosts_in_use() -> int:
    """Every host that is served and was not looked at lately. Returns how many were."""
    return sum(_check_if_due(door) for door in Door.objects.filter(kind=Door.Kind.HOST).order_by("pk"))


def _check_if_due(door: Door) -> bool:
    with tenant_scope(door.tenant_ref()), tenant_transaction(read_only=True):
        found = host_by_id(door.object_id)
        due = found is not None and (found.checked_at is None or database_now() - found.checked_at >= LOOKED_AT_EVERY)
    if due:
        check_host(door.tenant_ref(), host_id=door.object_id)
    return due


def _texts(host: str) -> list[str] | None:
    try:
        return texts_at(record_name(host), servers=settings.DNS_SERVERS)
    except Unreachable as error:
        logger.warning("no resolver answered about a merchant's host: %s", error)
        return None
