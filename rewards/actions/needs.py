"""What a settlement leaves for a person to decide."""

from __future__ import annotations

from kit.tenancy import transaction_required
from rewards.rules import Why
from tracking.models import Referral


@transaction_required
def note_need(*, referral: Referral, reason: str) -> None:
    """Whether the referral waits for somebody to say what its order is worth."""
    needs = reason == Why.OTHER_CURRENCY and referral.state != Referral.State.BLOCKED
    if referral.needs_worth != needs:
        referral.needs_worth = needs
        referral.save(update_fields=["needs_worth"])
