"""Work rows each in a transaction of its own, so that one that breaks stops none of the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from uuid import UUID

from kit.clock import now_for
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, merchant_of
from rewards.actions.setbacks import Work, forget_setback, known_setbacks, note_setback

logger = logging.getLogger(__name__)

#: What is done about one row at a moment.
Act = Callable[[UUID, datetime], object]


@transaction_forbidden
def each(ref: TenantRef, *, work: Work, about: Collection[UUID], act: Act) -> None:
    """``about``: all that is due, or the oldest of it.

    What breaks is noted, and waits for its next try or for a person (rewards.actions.setbacks).
    """
    merchant = merchant_of(ref)
    known = in_tenant_transaction(ref, lambda: known_setbacks(work=work, due=about))
    for pk in about:
        try:
            in_tenant_transaction(ref, partial(_one, work, pk, act, merchant, had_setback=pk in known))
        except Exception as trouble:
            logger.exception("%s %s of merchant %s failed", work, pk, ref.merchant_id)
            in_tenant_transaction(ref, partial(_note, work, pk, trouble, merchant))


def _one(work: Work, pk: UUID, act: Act, merchant: Merchant, *, had_setback: bool) -> None:
    act(pk, now_for(merchant))
    if had_setback:
        forget_setback(work=work, about=pk)


def _note(work: Work, pk: UUID, trouble: Exception, merchant: Merchant) -> None:
    note_setback(work=work, about=pk, trouble=trouble, now=now_for(merchant))
