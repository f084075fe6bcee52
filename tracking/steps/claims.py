"""Claim an offer: begin (transaction), ask the code source (none), finish (transaction)."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from advocates.actions.customers import know_customer
from advocates.models import Customer, Link
from kit.clock import now_for
from kit.tenancy import TenantRef, in_tenant_transaction, tenant_scope, transaction_forbidden
from merchants.models import Merchant, merchant_of
from programs.offers import NoCode, code_source_for
from programs.rules import CodeSource
from tracking.actions.claims import (
    NO_CODE,
    PERSONAL,
    BegunClaim,
    Refusal,
    begin_claim,
    finish_claim,
    mail_code_again,
    mail_refusal,
    refuse_claim,
)
from tracking.models import Claim


@transaction_forbidden
def claim_offer(
    ref: TenantRef, *, link_id: UUID, email: str, name: str, click_id: UUID | None, name_shown: bool
) -> Claim:
    """The friend's claim with its code. Raises Refusal; asked twice, the same claim and code come back."""
    merchant = merchant_of(ref)
    begun = in_tenant_transaction(ref, lambda: _begin(merchant, link_id, email, name, click_id, name_shown))
    if begun.request is None:
        return begun.claim
    try:
        with tenant_scope(ref):
            code = code_source_for(begun.source).code_for(begun.request)
        own = begun.source != CodeSource.SHOP_CODE
        return in_tenant_transaction(
            ref, lambda: finish_claim(claim=begun.claim, code=code, is_own=own, now=now_for(merchant))
        )
    except NoCode as problem:
        reason = problem.reason
        in_tenant_transaction(ref, lambda: refuse_claim(claim=begun.claim, reason=reason, now=now_for(merchant)))
        raise Refusal(NO_CODE) from problem


@transaction_forbidden
def claim_by_mail(
    ref: TenantRef, *, link_id: UUID, email: str, name: str, click_id: UUID | None, name_shown: bool
) -> None:
    """The same for whoever gave an address, which may be anybody's: what becomes of it is told by mail alone. Raises
    Refusal only for what would be refused to everybody."""
    told = {"email": email, "name": name, "click_id": click_id, "name_shown": name_shown}
    merchant = merchant_of(ref)
    try:
        claim = claim_offer(ref, link_id=link_id, **told)  # type: ignore[arg-type]
    except Refusal as refusal:
        if refusal.reason not in PERSONAL:
            raise
        in_tenant_transaction(ref, partial(_mail_refusal, merchant, link_id, email, refusal.reason))
    else:
        in_tenant_transaction(ref, lambda: mail_code_again(claim=claim, now=now_for(merchant)))


def _mail_refusal(merchant: Merchant, link_id: UUID, email: str, reason: str) -> None:
    link = Link.objects.select_related("advocate").get(pk=link_id)
    mail_refusal(link=link, email=email, reason=reason, now=now_for(merchant))


def _begin(
    merchant: Merchant, link_id: UUID, email: str, name: str, click_id: UUID | None, name_shown: bool
) -> BegunClaim:
    now = now_for(merchant)
    friend = know_customer(email=email, name=name, source=Customer.Source.CLAIM, now=now) if email else None
    link = Link.objects.select_related("advocate__program__terms").get(pk=link_id)
    return begin_claim(link=link, friend=friend, click_id=click_id, name_shown=name_shown, now=now)
