"""What has to happen so that the lane forgets what has changed: told at the commit, and once more by the outbox.

A change of a link or an advocate makes the records of their links void; a change of anything a page is made of gives
the merchant a new stamp, under which every page is drawn anew. Processes look at both every two seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from advocates.models import Link
from kit.tenancy import TenantRef, current_merchant_id, tenant_scope, tenant_transaction, transaction_forbidden
from merchants.models import Merchant, Outbox
from referral_saas.friend.counting import book
from referral_saas.lane.requests import Spelling
from referral_saas.lane.shelf import Shelf

#: Beginnings of the codes of events that may change what a link answers.
_PAGES = ("program.", "workspace.", "budget.", "bonus.", "clock.", "host.", "connection.")
_LINKS = ("advocate.", "link.", "customer.")
#: Of people, and yet without effect on their links.
_WITHOUT_EFFECT = frozenset(
    {
        "advocate.enrolled", "advocate.invited", "advocate.shared", "advocate.magic_link", "advocate.cap_near",
        "advocate.cap_reached", "customer.imported", "customer.unsubscribed", "customer.resubscribed",
    }
)  # fmt: skip


def wants(code: str) -> bool:
    """For settings.EVENT_READERS."""
    return code.startswith(_PAGES) or (code.startswith(_LINKS) and code not in _WITHOUT_EFFECT)


def on_event(code: str, subject_ids: Sequence[UUID]) -> None:
    """For settings.EVENT_BELLS: called in the transaction of the event, does its work after the commit."""
    if not wants(code):
        return
    merchant_id, spellings = current_merchant_id(), _spellings(code, subject_ids)
    transaction.on_commit(lambda: _forget(merchant_id, spellings))


@transaction_forbidden
def handle(*, outbox_id: UUID, ref: TenantRef) -> None:
    """For settings.OUTBOX_HANDLERS: the same again, for a change whose process died right after its commit."""
    with tenant_scope(ref), tenant_transaction(read_only=True):
        event = Outbox.objects.select_related("event").get(pk=outbox_id).event
        spellings = _spellings(event.code, [event.subject_id])
    _forget(ref.merchant_id, spellings)


def _forget(merchant_id: UUID, spellings: Iterable[Spelling] | None) -> None:
    shelf = Shelf(book().wire)
    if spellings is None:
        shelf.renew_stamp(merchant_id)
        return
    for spelling in spellings:
        shelf.mark_changed(spelling)


def _spellings(code: str, subject_ids: Sequence[UUID]) -> list[Spelling] | None:
    """Every address of the links concerned; None: the change is about pages, not about single links."""
    if not code.startswith(_LINKS):
        return None
    path = "advocate__customer_id" if code.startswith("customer.") else "advocate_id"
    links = Link.objects.filter(**{f"{path}__in": list(subject_ids)})
    slug = Merchant.objects.values_list("slug", flat=True).get(pk=current_merchant_id())
    return [Spelling(merchant, code) for code in links.values_list("code", flat=True) for merchant in ("", slug)]
