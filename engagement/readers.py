"""Which events are told by mail, and by which."""

from __future__ import annotations

#: Event code -> kind of mail (engagement.kinds). One table: what is not here is not mailed.
MAIL_OF_EVENT: dict[str, str] = {
    "team.invited": "invitation",
    "advocate.magic_link": "magic_link",
    "advocate.enrolled": "welcome",
    "advocate.invited": "invited",
    "claim.issued": "friend_code",
    "reward.held": "reward_pending",
    "reward.fulfilled": "reward_here",
    "reward.changed": "reward_changed",
    "reward.clawed_back": "reward_taken_back",
    "reward.restored": "reward_back",
    "reward.cancelled": "reward_not_given",
    "reward.expiring": "reward_expiring",
    "reward.expired": "reward_expired",
    "ledger.differs": "books_differ",
    "referral.blocked": "referral_not_rewarded",
    "referral.not_qualified": "referral_not_rewarded",
    "advocate.tier_moved": "level_reached",
    "payout.failed": "payout_failed",
    "payout_account.changed": "payout_account_changed",
    "tax_form.asked": "tax_form",
    "advocate.cap_near": "cap_near",
    "advocate.cap_reached": "cap_reached",
}


def wants_mail(code: str) -> bool:
    return code in MAIL_OF_EVENT
