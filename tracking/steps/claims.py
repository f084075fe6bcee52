"""Claim an offer: begin (transaction), ask the code source (none), finish (transaction); at once, or by mail later."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from advocates.actions.customers import know_customer
from advocates.models import Customer, Link
from kit.clock import database_now, now_for
from kit.patience import MOST_ATTEMPTS
from kit.tenancy import TenantRef, in_tenant_transaction, tenant_scope, transaction_forbidden
from merchants.models import Merchant, merchant_of
from programs.offers import NoCode, code_source_for
from programs.rules import CodeSource
from tracking.actions.claims import (
    NO_CODE,
    PERSONAL,
    BegunClaim,
    Refusal,
    ask_by_mail,
    begin_claim,
    finish_claim,
    forget_asked,
    mail_code_again,
    mail_refusal,
    next_asked_at,
    put_off_asked,
    refuse_claim,
    take_next_asked,
)
from tracking.models import Claim, OfferAsked

logger = logging.getLogger(__name__)

#: Of one merchant in one sweep, and the seconds it may take, for a shop's own system may be slow with codes and others
#: wait behind it; the rest comes with the next wake-up.
MOST_AT_ONCE = 100
LONGEST_SWEEP = 5.0


@transaction_forbidden
def claim_offer(
    ref: TenantRef, *, link_id: UUID, email: str, name: str, click_id: UUID | None, name_shown: bool, language: str = ""
) -> Claim:
    """The friend's claim with its code. Raises Refusal; asked twice, the same claim and code come back. ``language`` is
    that of the page they asked on, for who has none yet."""
    merchant = merchant_of(ref)
    told = {"email": email, "name": name, "language": language}
    begun = in_tenant_transaction(ref, lambda: _begin(merchant, link_id, told, click_id, name_shown))
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
def ask_offer(ref: TenantRef, *, link_id: UUID, **told: Any) -> None:
    """For whoever gave an address, which may be anybody's: a worker sees to it, and what becomes of it is told by mail
    alone. Raises Refusal only for what is refused to everybody."""
    merchant = merchant_of(ref)

    def ask() -> None:
        link = Link.objects.select_related("advocate__program__terms").get(pk=link_id)
        ask_by_mail(link=link, **told, now=now_for(merchant))

    in_tenant_transaction(ref, ask)


@transaction_forbidden
def sweep(ref: TenantRef, *, seconds: float = LONGEST_SWEEP) -> datetime | None:
    """Answer those who asked by mail, at least one; returns when (real time) the next is due."""
    merchant, ends_at = merchant_of(ref), time.monotonic() + seconds
    for _ in range(MOST_AT_ONCE):
        asked = in_tenant_transaction(ref, lambda: take_next_asked(real_now=database_now()))
        if asked is None:
            break
        _answer_or_put_off(ref, merchant, asked)
        if time.monotonic() >= ends_at:
            break
    return in_tenant_transaction(ref, next_asked_at)


def _answer_or_put_off(ref: TenantRef, merchant: Merchant, asked: OfferAsked) -> None:
    try:
        _answer(ref, merchant, asked)
    except Exception:
        logger.exception("offer %s could not be answered, try %s", asked.pk, asked.attempts)
        if asked.attempts < MOST_ATTEMPTS:
            in_tenant_transaction(ref, lambda: put_off_asked(asked=asked, real_now=database_now()))
            return
    in_tenant_transaction(ref, lambda: forget_asked(asked=asked))


def _answer(ref: TenantRef, merchant: Merchant, asked: OfferAsked) -> None:
    """What is refused to everybody by now was open when they asked: the page says so when they open the link again."""
    told: Any = {"email": asked.email, "name": asked.name, "language": asked.language}
    told |= {"click_id": asked.click_id, "name_shown": asked.name_shown}
    try:
        claim = claim_offer(ref, link_id=asked.link_id, **told)
    except Refusal as refusal:
        if refusal.reason in PERSONAL:
            in_tenant_transaction(ref, partial(_mail_refusal, merchant, asked.link_id, asked.email, refusal.reason))
    else:
        in_tenant_transaction(ref, lambda: mail_code_again(claim=claim, now=now_for(merchant)))


def _mail_refusal(merchant: Merchant, link_id: UUID, email: str, reason: str) -> None:
    link = Link.objects.select_related("advocate").get(pk=link_id)
    mail_refusal(link=link, email=email, reason=reason, now=now_for(merchant))


def _begin(
    merchant: Merchant, link_id: UUID, told: dict[str, str], click_id: UUID | None, name_shown: bool
) -> BegunClaim:
    now = now_for(merchant)
    friend = know_customer(**told, source=Customer.Source.CLAIM, now=now) if told["email"] else None
    link = Link.objects.select_related("advocate__program__terms").get(pk=link_id)
    return begin_claim(link=link, friend=friend, click_id=click_id, name_shown=name_shown, now=now)
