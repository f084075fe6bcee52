"""What the page of a customer shows: their orders, whom they come from, what they take part in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from advocates.desk_selectors import merged_into, tags_carried
from advocates.models import Customer
from advocates.selectors import advocates_of
from kit.asked import asked_often
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.merge_words import merged_words
from referral_saas.templatetags.ui import day
from rewards.models import PayoutAccount
from rewards.payable import coming_to
from tracking.models import Claim, Order, Referral

SHOWN = 50


@asked_often
def with_kept(key: UUID) -> QuerySet[Customer]:
    """The person, with the words they carry and who was merged into them."""
    rows: QuerySet[Customer] = Customer.objects.filter(pk=key)
    return rows.annotate(tag_words=tags_carried("pk"), merged=merged_into("pk"))


def customer_context(desk: Desk, found: Any) -> dict[str, Any]:
    """Of a customer who was read ``with_kept``."""
    return {
        "customer": found,
        "facts": _facts(desk, found),
        "orders": _orders(found.pk),
        "places": advocates_of(found),
        "referred": _referred(found.pk),
        "account": next(iter(_accounts(found.pk)), None),
        "owed": coming_to(found.pk),
        "claims": _claims(found.pk),
    }


@asked_often
def _orders(customer_id: UUID) -> QuerySet[Order]:
    rows: QuerySet[Order] = Order.objects.filter(customer=customer_id)
    return rows.order_by("-received_at", "-pk")[:SHOWN]


@asked_often
def _referred(friend_id: UUID) -> QuerySet[Referral]:
    rows: QuerySet[Referral] = Referral.objects.filter(friend=friend_id)
    return rows.select_related("advocate__customer", "order").order_by("-pk")


@asked_often
def _accounts(customer_id: UUID) -> QuerySet[PayoutAccount]:
    """One at most, as the constraint says."""
    rows: QuerySet[PayoutAccount] = PayoutAccount.objects.filter(customer=customer_id)
    return rows


@asked_often
def _claims(friend_id: UUID) -> QuerySet[Claim]:
    rows: QuerySet[Claim] = Claim.objects.filter(friend=friend_id)
    return rows.select_related("advocate__customer").order_by("-claimed_at")


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
