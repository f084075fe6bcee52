"""Write a decision and a standing onto the order and its referral. One referral per order, replaced never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.tenancy import transaction_required
from merchants.events import record
from tracking.models import Claim, Order, Referral
from tracking.rules import Decision, Touch, Verdict


@transaction_required
def write_decision(
    *,
    order: Order,
    decision: Decision,
    evidence_key: str,
    buyer_id: UUID | None,
    standing: Referral | None,
    ordered_at: datetime,
    assessment: dict[str, Any] | None = None,
    now: datetime,
    by: str,
) -> Referral | None:
    """Note the decision on the order and make, change or block its referral. The caller saves the order."""
    order.outcome = Order.Outcome(decision.verdict)
    order.decision = decision.to_json()
    order.evidence_key = evidence_key
    if decision.touch is None:
        return _withdraw(standing, decision, now, by)
    referral = standing or Referral(order=order, attributed_at=now)
    is_same = standing is not None and standing.advocate_id == decision.touch.advocate_id
    _fill(referral, decision.touch, buyer_id)
    referral.over_cap = referral.over_cap and is_same
    referral.granted = referral.granted if is_same else {}
    referral.worth_minor = referral.worth_minor if is_same else None
    referral.ordered_at, referral.assessment = ordered_at, assessment or {}
    blocked = decision.verdict == Verdict.BLOCKED
    was = referral.state
    referral.how = decision.how or ""
    referral.state = Referral.State.BLOCKED if blocked else Referral.State.PENDING
    referral.reasons = [decision.reason]
    if is_same and not blocked and was in (Referral.State.QUALIFIED, Referral.State.NOT_QUALIFIED):
        referral.state = was
    referral.save()
    if not is_same or was != referral.state:
        code = "referral.blocked" if blocked else "referral.attributed"
        record(code, subject=referral, by=by, now=now, data=_facts_of(referral), is_first=standing is None)
    return referral


def _withdraw(standing: Referral | None, decision: Decision, now: datetime, by: str) -> Referral | None:
    """New evidence took the ground away: the referral stays as a row, blocked, with its reason."""
    if standing is None:
        return None
    standing.state = Referral.State.BLOCKED
    standing.reasons = [decision.reason]
    standing.save()
    record("referral.blocked", subject=standing, by=by, now=now, data=_facts_of(standing))
    return standing


def _fill(referral: Referral, touch: Touch, buyer_id: UUID | None) -> None:
    referral.program_id = touch.program_id
    referral.terms_id = touch.terms_id
    referral.advocate_id = touch.advocate_id
    referral.link_id = touch.link_id
    referral.claim_id = touch.claim_id
    referral.friend_id = buyer_id
    referral.variant = touch.variant
    referral.matched_by = Referral.MatchedBy(touch.by)
    referral.touched_at = touch.at
    referral.follows_id = touch.follows_id


@transaction_required
def write_standing(*, referral: Referral, standing: str, reason: str, now: datetime, by: str) -> None:
    """Pending, qualified or not, with the deciding reason; a blocked referral stays blocked."""
    if referral.state == Referral.State.BLOCKED:
        return
    if (referral.state, referral.reasons[:1]) == (standing, [reason]):
        return
    changed = referral.state != standing
    referral.state = Referral.State(standing)
    referral.reasons = [reason]
    referral.save(update_fields=["state", "reasons"])
    if changed and standing == Referral.State.NOT_QUALIFIED:
        record("referral.not_qualified", subject=referral, by=by, now=now, data=_facts_of(referral))


@transaction_required
def use_claim(*, claim: Claim, order: Order, now: datetime, by: str) -> None:
    """The claim's code came back on a paid order."""
    if claim.state == Claim.State.USED:
        return
    claim.state, claim.used_at = Claim.State.USED, now
    claim.save(update_fields=["state", "used_at"])
    record("claim.used", subject=claim, by=by, now=now, data={"order_id": str(order.pk)})


def _facts_of(referral: Referral) -> dict[str, object]:
    return {
        "order_id": str(referral.order_id),
        "advocate_id": str(referral.advocate_id),
        "program_id": str(referral.program_id),
        "reason": referral.reasons[0] if referral.reasons else "",
    }
