"""A payment dispute from its opening to its end. Pure, like orders."""

from datetime import datetime

from django.utils.translation import gettext as _

from .orders import Dispute, NewId, Order, Refused, refuse_if_unpaid

OPEN, WON, LOST = "needs_response", "won", "lost"


def disputable(order: Order) -> int:
    """What was paid, was not given back and is not asked back already."""
    return order.refundable - sum(dispute.amount for dispute in order.disputes if dispute.status != WON)


def open_dispute(order: Order, amount: int | None, *, new_id: NewId, now: datetime) -> Dispute:
    """Nothing given: all that is left of the payment."""
    refuse_if_unpaid(order)
    most = disputable(order)
    asked = most if amount is None else amount
    if not 0 < asked <= most:
        raise Refused(_("Only what is left of the payment can be disputed."))
    dispute = Dispute(new_id(), asked, OPEN, now)
    order.disputes.append(dispute)
    return dispute


def close_dispute(order: Order, dispute_id: int, *, won: bool, now: datetime) -> Dispute:
    for dispute in order.disputes:
        if dispute.id == dispute_id and dispute.status == OPEN:
            dispute.status, dispute.finalized_at = WON if won else LOST, now
            return dispute
    raise Refused(_("There is no such dispute open."))
