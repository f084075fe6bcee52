"""A connected shop that signs its hooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from integrations.actions.connections import add_shopify_connection
from integrations.models import Connection, InboundEvent
from integrations.steps.inbox import sweep
from kit.tenancy import in_tenant_transaction
from merchants.events import SYSTEM
from merchants.models import Event, Merchant
from tests.cast import at_work
from tests.payloads import as_body

SECRET = "shpss_this-shops-own-secret"


def signed(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def break_on_referrals(code: str) -> bool:
    """A reader of events for settings.EVENT_READERS that makes the work around it fail."""
    if code.startswith("referral."):
        raise RuntimeError("this reader is broken")
    return False


@dataclass
class Shop:
    merchant: Merchant
    connection: Connection
    secret: str = SECRET
    client: Client = field(default_factory=Client)

    @property
    def path(self) -> str:
        return f"/hooks/shopify/{self.connection.hook_token}"

    def send(
        self,
        payload: Any,
        topic: str = "orders/paid",
        *,
        webhook_id: str | None = None,
        path: str = "",
        **headers: str | None,
    ) -> Any:
        """Posts the payload (bytes as they are), signed; a header given as None is left out."""
        body = payload if isinstance(payload, bytes) else as_body(payload)
        usual = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signed(body, self.secret),
            "X-Shopify-Shop-Domain": self.connection.address,
            "X-Shopify-Webhook-Id": webhook_id or str(uuid4()),
        }
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        chosen = {name: value for name, value in {**usual, **told}.items() if value is not None}
        return self.client.post(path or self.path, body, content_type="application/json", headers=chosen)

    def sweep(self) -> datetime | None:
        ref = self.merchant.tenant_ref()
        return in_tenant_transaction(ref, sweep(ref))

    def events(self) -> list[InboundEvent]:
        with at_work(self.merchant):
            return list(InboundEvent.objects.order_by("received_at", "pk"))

    def only_event(self) -> InboundEvent:
        events = self.events()
        assert len(events) == 1
        return events[0]

    def only_event_id(self) -> UUID:
        return self.only_event().pk

    def codes(self) -> list[str]:
        """What the event log says, oldest first."""
        with at_work(self.merchant):
            return list(Event.objects.order_by("at", "pk").values_list("code", flat=True))

    def health(self) -> str:
        with at_work(self.merchant):
            return str(Connection.objects.get(pk=self.connection.pk).health)


def connected(
    merchant: Merchant, *, domain: str = "nordlicht.myshopify.com", secret: str = SECRET, **more: Any
) -> Shop:
    with at_work(merchant) as now:
        connection = add_shopify_connection(domain=domain, secret=secret, by=SYSTEM, now=now, **more)
    return Shop(merchant, connection, secret)
