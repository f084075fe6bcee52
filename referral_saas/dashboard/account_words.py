"""What can be connected and what each connection does, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.credentials import credentials_of
from integrations.models import Connection
from integrations.selectors import is_simulated
from integrations.wording import simulated_fulfilments
from kit.crypto import CannotUnseal

_PATHS = {
    Connection.Kind.SHOPIFY: "shopify",
    Connection.Kind.WOOCOMMERCE: "woocommerce",
    Connection.Kind.STRIPE: "stripe",
    Connection.Kind.GIFT_CARDS: "gift-cards",
    Connection.Kind.WEBHOOK: "webhook",
}
_DOES: dict[str, str | Promise] = {
    Connection.Kind.SHOPIFY: _("Tells us of orders, parcels and refunds; with a token it makes discount codes too."),
    Connection.Kind.WOOCOMMERCE: _("Makes coupons of your shop."),
    Connection.Kind.STRIPE: _("Makes promotion codes; credits customers with an amount or with free months."),
    Connection.Kind.GIFT_CARDS: _("Orders gift cards and mails them."),
    Connection.Kind.WEBHOOK: _("Your own server makes codes and coupons or delivers rewards."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    path: str
    name: str
    does: str
    simulated: bool


def service_choices() -> list[Choice]:
    return [
        Choice(path, str(kind.label), str(_DOES[kind]), simulated=is_simulated(kind)) for kind, path in _PATHS.items()
    ]


def simulated_mark(fulfilment: str) -> str:
    """ " (Simulated)" behind who delivers a reward, where a stand-in answers in place of the real service."""
    return f" ({_now('Simulated')})" if fulfilment in simulated_fulfilments() else ""


def makes_of(connection: Connection) -> str:
    """For accounts; webhooks name their purposes, and a shop without a token only tells."""
    if connection.kind == Connection.Kind.WEBHOOK:
        return ""
    if connection.kind == Connection.Kind.SHOPIFY and not _has_token(connection):
        return _now("Tells us of orders, parcels and refunds. It has no token to make discount codes.")
    return str(_DOES[connection.kind])


def _has_token(connection: Connection) -> bool:
    try:
        return bool(credentials_of(connection).get("admin_token"))
    except CannotUnseal:
        return False
