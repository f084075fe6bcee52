"""What the page of a customer shows: their orders, whom they come from, what they take part in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from advocates.selectors import advocates_of
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.merge_words import merged_words
from referral_saas.templatetags.ui import day
from rewards.models import PayoutAccount
from rewards.payable import coming_to
from tracking.models import Claim, Order, Referral

SHOWN = 50


def customer_context(desk: Desk, found: Any) -> dict[str, Any]:
    """Of a customer who was read with ``merged`` (advocates.desk_selectors.merged_into)."""
    return {
        "customer": found,
        "facts": _facts(desk, found),
        "orders": Order.objects.filter(customer=found).order_by("-received_at", "-pk")[:SHOWN],
        "places": advocates_of(found),
        "referred": Referral.objects.filter(friend=found).select_related("advocate__customer", "order").order_by("-pk"),
        "account": PayoutAccount.objects.filter(customer=found).first(),
        "owed": coming_to(found.pk),
        "claims": Claim.objects.filter(friend=found).select_related("advocate__customer").order_by("-claimed_at"),
    }


def _facts(desk: Desk, customer: Any) -> list[tuple[str, object]]:
    zone = desk.workspace.time_zone
    paid = day(customer.first_paid_at, zone) if customer.first_paid_at else _("Has not bought yet")
    rows = [
        (_("E-mail"), customer.email),
        (_("Merged with"), merged_words(customer.merged)),
        (pgettext("person", "Name"), customer.name),
        (_("Country"), customer.country),
        (_("Number in the shop"), customer.external_id),
        (_("Known through"), customer.get_source_display()),
        (_("Known since"), day(customer.created_at, zone)),
        (_("First paid order"), paid),
        (_("Orders in the imported history"), customer.imported_orders),
        (_("Unsubscribed"), day(customer.unsubscribed_at, zone)),
    ]
    return [row for row in rows if row[1]]
