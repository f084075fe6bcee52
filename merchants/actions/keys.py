"""API keys: shown once, stored as a hash, found through a door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from kit.ids import hash_token, new_token
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.locks import workspace_for_update
from merchants.models import ApiKey, Door
from merchants.selectors import merchant as merchant_in_scope

DOORS = {ApiKey.Kind.SECRET: Door.Kind.API_KEY, ApiKey.Kind.PUBLISHABLE: Door.Kind.PUBLISHABLE_KEY}
PREFIXES = {ApiKey.Kind.SECRET: "sk", ApiKey.Kind.PUBLISHABLE: "pk"}
#: How exact "last used" is. Writing it with every request would make each of them a write.
USED_PRECISION = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class NewKey:
    """``value`` is the key itself; this is the only time a secret one is seen."""

    key: ApiKey
    value: str


@transaction_required
def create_key(*, kind: str, name: str, by: str, now: datetime) -> NewKey:
    """A key of the merchant in scope; a sandbox gives test keys, every other workspace live ones."""
    workspace_for_update()
    merchant = merchant_in_scope()
    kind = ApiKey.Kind(kind)
    prefix = f"{PREFIXES[kind]}_{'test' if merchant.is_sandbox else 'live'}_"
    value = prefix + new_token()
    key: ApiKey = ApiKey.objects.create(
        kind=kind,
        name=clean_text(name, max_length=80).strip() or prefix.strip("_"),
        is_test=merchant.is_sandbox,
        key_hash=hash_token(value),
        hint=f"{prefix}…{value[-4:]}",
        public_value=value if kind == ApiKey.Kind.PUBLISHABLE else "",
        created_at=now,
        created_by_id=_user_id_in(by),
    )
    Door.objects.create(kind=DOORS[kind], key=key.key_hash, merchant=merchant, object_id=key.id)
    events.record("key.created", subject=key, by=by, now=now, data={"kind": kind.value})
    return NewKey(key, value)


@transaction_required
def revoke_key(*, key: ApiKey, by: str, now: datetime) -> ApiKey:
    """The key stops working with this transaction. Revoking again changes nothing."""
    found: ApiKey = ApiKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    if found.revoked_at:
        return found
    found.revoked_at = now
    found.save(update_fields=["revoked_at"])
    Door.objects.filter(kind=DOORS[ApiKey.Kind(found.kind)], key=found.key_hash).delete()
    events.record("key.revoked", subject=found, by=by, now=now)
    return found


@transaction_required
def note_key_used(*, key_id: UUID, now: datetime) -> None:
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_PRECISION)
    ApiKey.objects.filter(stale, pk=key_id).update(last_used_at=now)


def _user_id_in(by: str) -> UUID | None:
    kind, _separator, value = by.partition(":")
    return UUID(value) if kind == "user" else None
