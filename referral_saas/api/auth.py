"""Who calls: a secret key in the Authorization header, found through its door. Nothing else opens the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kit.clock import now_for
from kit.ids import hash_token
from kit.tenancy import TenantRef, in_tenant_transaction
from merchants.actions.keys import note_key_used
from merchants.events import by_api_key
from merchants.models import Door, Merchant
from merchants.selectors import door_for
from referral_saas.api.problems import unauthorised

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that opened its door. ``by`` is how the event log names it."""

    ref: TenantRef
    key_id: UUID
    merchant: Merchant

    @property
    def by(self) -> str:
        return by_api_key(self.key_id)

    def now(self) -> datetime:
        return now_for(self.merchant)


def caller_of(request: HttpRequest) -> Caller:
    """The caller, or a 401 that says how to send the key."""
    _refuse_key_in_address(request)
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise unauthorised()
    if key.startswith("pk_"):
        raise unauthorised(
            _("This is a publishable key: use a secret key (sk_...) from your server."), code="wrong_kind_of_key"
        )
    return behind(Door.Kind.API_KEY, key.strip())


def behind(kind: str, key: str) -> Caller:
    """The caller behind a key of this kind; a revoked key has no door any more."""
    door = door_for(kind, hash_token(key)) if len(key) <= LONGEST_KEY else None
    if door is None:
        detail = _("The key is unknown or was revoked. Make a new one under Settings, API keys.")
        raise unauthorised(detail, code="key_not_valid")
    return Caller(door.tenant_ref(), door.object_id, door.merchant)


def touch(caller: Caller) -> None:
    """Note that the key was used, in a transaction of its own: the request's may be read-only or roll back."""
    in_tenant_transaction(caller.ref, lambda: note_key_used(key_id=caller.key_id, now=caller.now()))


def _refuse_key_in_address(request: HttpRequest) -> None:
    if any(value.startswith(("sk_", "pk_")) for values in request.GET.lists() for value in values[1]):
        detail = _(
            "A key in an address ends up in logs. Revoke this one and send a new one in the Authorization header."
        )
        raise unauthorised(detail, code="key_in_address")
