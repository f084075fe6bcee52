"""The connection page's test button: asks the other side, and says in words what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from integrations.actions.connections import note_health
from integrations.adapters import ServiceFulfiller
from integrations.giftcards.orders import GiftCard
from integrations.models import Connection
from integrations.providers import line_of
from integrations.selectors import connection_by_id
from integrations.shopify.discounts import ShopifyDiscount
from integrations.stripe.balance import StripeBalance
from integrations.stripe.promotions import StripePromotion
from integrations.webhooks.client import NotConnected, is_success, send, target_of
from integrations.woocommerce.coupons import WooCoupon
from integrations.wording import service_text
from kit.clock import now_for
from kit.crypto import CannotUnseal
from kit.http import HttpAnswer, HttpFailure
from kit.ids import uuid7
from kit.tenancy import TenantRef, in_tenant_transaction, tenant_scope, transaction_forbidden
from merchants.models import merchant_of

TIMEOUT = 10.0
#: Kind of connection -> who works with it; all need the same credential.
SERVICES: dict[str, tuple[type[ServiceFulfiller], ...]] = {
    Connection.Kind.SHOPIFY: (ShopifyDiscount,),
    Connection.Kind.WOOCOMMERCE: (WooCoupon,),
    Connection.Kind.STRIPE: (StripePromotion, StripeBalance),
    Connection.Kind.GIFT_CARDS: (GiftCard,),
}


@dataclass(frozen=True, slots=True)
class Checked:
    ok: bool
    message: str


@transaction_forbidden
def check_connection(ref: TenantRef, connection_id: UUID) -> Checked | None:
    """Try the connection now and note its health. None for one that is not there."""
    connection = in_tenant_transaction(ref, lambda: connection_by_id(connection_id))
    if connection is None:
        return None
    if connection.kind in SERVICES:
        return _service_asked(ref, connection)
    if connection.kind == Connection.Kind.SHOPIFY:
        return _shop_heard(connection)
    checked = _pinged(connection)
    merchant, error = merchant_of(ref), "" if checked.ok else checked.message
    in_tenant_transaction(ref, lambda: note_health(connection=connection, error=error, now=now_for(merchant)))
    return checked


def _service_asked(ref: TenantRef, connection: Connection) -> Checked:
    """Every way this account can fulfil is asked something harmless; a shop is heard too. The calls note the health."""
    try:
        with tenant_scope(ref):
            line = line_of(connection)
            if not line.credentials.get(SERVICES[connection.kind][0].needs):
                return _shop_heard(connection)
            results = [service().test_on(line) for service in SERVICES[connection.kind]]
    except CannotUnseal:
        return Checked(False, service_text("credentials_unreadable"))
    for result in results:
        if result.problem:
            return Checked(False, service_text(result.problem) or result.problem)
    words = _("%(service)s answered and accepts our credentials (%(detail)s).")
    return Checked(True, words % {"service": connection.get_kind_display(), "detail": results[0].detail})


def _shop_heard(connection: Connection) -> Checked:
    """Without an Admin API token a shop calls us, we never call it: all to check is whether a signed hook has come."""
    if connection.health == Connection.Health.OFF:
        return Checked(False, _("The shop has switched us off. Connect it again with its current signing secret."))
    if connection.last_event_at is None:
        return Checked(False, _("No signed hook has come yet. Send a test notification from the shop's settings."))
    if connection.health == Connection.Health.FAILING:
        return Checked(False, _("The last hook could not be understood: see the list of deliveries."))
    return Checked(True, _("Signed hooks arrive and are understood."))


def _pinged(connection: Connection) -> Checked:
    try:
        answer = send(target_of(connection), message_id=f"ping_{uuid7().hex}", kind="ping", data={}, timeout=TIMEOUT)
    except NotConnected:
        return Checked(False, _("The secret of this connection cannot be read any more. Remove it and add it again."))
    except HttpFailure as failure:
        return Checked(False, _("No answer: %(detail)s") % {"detail": str(failure)})
    return _judged(answer)


def _judged(answer: HttpAnswer) -> Checked:
    if is_success(answer):
        words = _("It answered %(status)s: the signed test message was accepted.")
        return Checked(True, words % {"status": answer.status})
    words = _("It answered %(status)s instead of a 2xx status: check the signature code and the address.")
    return Checked(False, words % {"status": answer.status})
