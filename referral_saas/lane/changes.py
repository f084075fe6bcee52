"""What has to happen so that the lane forgets what has changed: told at the commit, and once more by the outbox.

A change of a link or an advocate makes the records of their links void; a change of anything a page is made of gives
the merchant a new stamp, under which every page is drawn anew. Then the news is spread (referral_saas.lane.feed).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

from django.db import transaction

from advocates.models import Link
from kit.tenancy import TenantRef, current_merchant_id, tenant_scope, tenant_transaction, transaction_forbidden
from kit.wire import WireDown, WireError
from merchants.models import Merchant, Outbox
from merchants.selectors import hosts
from referral_saas.friend.counting import book
from referral_saas.lane.feed import Feed
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
    """The news comes last: whoever hears it finds what is told there."""
    wire = book().wire
    shelf = Shelf(wire)
    if spellings is None:
        shelf.renew_stamp(merchant_id)
    for spelling in spellings or ():
        shelf.mark_changed(spelling)
    with suppress(WireDown, WireError):
        Feed(wire).tell(merchant_id)


def _spellings(code: str, subject_ids: Sequence[UUID]) -> list[Spelling] | None:
    """Every address of the links concerned; None: the change is about pages, not about single links."""
    if not code.startswith(_LINKS):
        return None
    path = "advocate__customer_id" if code.startswith("customer.") else "advocate_id"
    links = Link.objects.filter(**{f"{path}__in": list(subject_ids)})
    slug = Merchant.objects.values_list("slug", flat=True).get(pk=current_merchant_id())
    own = list(hosts().values_list("host", flat=True))
    return [spelling for code in links.values_list("code", flat=True) for spelling in _ways_to(code, slug, own)]


def _ways_to(code: str, slug: str, own_hosts: Sequence[str]) -> list[Spelling]:
    return [Spelling("", code), Spelling(slug, code), *(Spelling("", code, host) for host in own_hosts)]
