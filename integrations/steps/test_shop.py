"""The demo's test shop, connected at one press: what a merchant would carry from page to page, and codes of the offer.

To us it is a shop like any other; only its own side is filled in from here. Outside the demo there is none
(``settings.SHOP_URL`` is empty).
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.actions.connections import add_shopify_connection
from integrations.credentials import secret_of
from integrations.models import Connection
from integrations.selectors import connections
from kit.clock import now_for
from kit.http import HttpFailure, post
from kit.ids import new_token
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.actions.keys import create_key
from merchants.actions.workspaces import change_workspace
from merchants.models import ApiKey, Merchant, Workspace, merchant_of
from merchants.selectors import publishable_key
from programs.actions.stock import upload_codes
from programs.models import CodePool, Program
from programs.rules import CodeSource, Offer, Value
from programs.selectors import draft_to_set_up

#: As many friends as somebody who tries it out may want.
CODES = 50


class ShopSilent(Exception):
    """The test shop did not take what it was told. Says why, to be read by whoever tries the demo."""


@transaction_forbidden
def connect_test_shop(ref: TenantRef, *, by: str) -> list[str]:
    """Ours first, then the shop's side; pressed again, it says the same once more. Raises ShopSilent.

    A draft whose friends get uploaded codes is given some that the shop knows, and some more each time: those of this
    time are returned.
    """
    merchant = merchant_of(ref)
    _tell("/admin/connection", in_tenant_transaction(ref, lambda: _connected(merchant, by)))
    program = in_tenant_transaction(ref, draft_to_set_up)
    offer = program.draft_terms.offer if program else None
    if program is None or offer is None or offer.source != CodeSource.POOL:
        return []
    names = [f"FRIEND-{secrets.token_hex(3).upper()}" for _each in range(CODES)]
    _tell("/admin/codes.json", {"codes": [{"code": name, "single_use": True, **_worth(offer)} for name in names]})
    in_tenant_transaction(ref, lambda: _uploaded(merchant, program, names, by))
    return names


def _connected(merchant: Merchant, by: str) -> dict[str, str]:
    """The connection, the key of the pages and the way to the shop; gives what the shop has to know of them."""
    now, domain = now_for(merchant), f"{merchant.slug}.myshopify.com"
    connection = connections().filter(kind=Connection.Kind.SHOPIFY, address=domain).first()
    if connection is None or connection.health == Connection.Health.OFF:
        connection = add_shopify_connection(domain=domain, secret=new_token(), name=_("Test shop"), by=by, now=now)
    if publishable_key() is None:
        create_key(kind=ApiKey.Kind.PUBLISHABLE, name=_("Test shop"), by=by, now=now)
    _lead_friends_there(merchant, by)
    key = publishable_key()
    return {
        "hook_url": settings.PUBLIC_URL + reverse("shopify:hook", args=[connection.hook_token]),
        "hook_secret": secret_of(connection),
        "shop_domain": domain,
        "publishable_key": key.public_value if key else "",
        "who_url": f"{settings.PUBLIC_URL}/who/shop/{merchant.slug}/",
        "clock_offset_seconds": str(int(merchant.clock_offset.total_seconds())),
    }


def _lead_friends_there(merchant: Merchant, by: str) -> None:
    place = Workspace.objects.get()
    change_workspace(
        name=merchant.name,
        currency=place.currency,
        time_zone=place.time_zone,
        shop_url=settings.SHOP_URL,
        support_email=place.support_email,
        language=place.language,
        brand_colour=place.brand_colour,
        by=by,
        now=now_for(merchant),
    )


def _worth(offer: Offer) -> dict[str, int]:
    """As the shop counts: whole percents, or cents."""
    return {"percent": offer.value // 100} if offer.kind == Value.PERCENT else {"amount_minor": offer.value}


def _uploaded(merchant: Merchant, program: Program, names: list[str], by: str) -> None:
    upload_codes(program=program, purpose=CodePool.Purpose.OFFER, codes=names, by=by, now=now_for(merchant))


def _tell(path: str, values: dict[str, Any]) -> None:
    try:
        answer = post(
            settings.SHOP_URL + path,
            body=json.dumps(values).encode(),
            headers={"Content-Type": "application/json"},
            allow_private=True,
        )
    except HttpFailure as failure:
        raise ShopSilent(_("The test shop does not answer: %(why)s") % {"why": failure}) from failure
    if answer.status >= 300:
        raise ShopSilent(_("The test shop answered %(status)s.") % {"status": answer.status})
