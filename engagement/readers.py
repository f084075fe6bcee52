"""Which events are told by mail, and by which."""

from __future__ import annotations

from dataclasses import dataclass

#: Event code -> kind of mail (engagement.kinds). One table: what is not here is not mailed.
MAIL_OF_EVENT: dict[str, str] = {
    "team.invited": "invitation",
    "advocate.magic_link": "magic_link",
    "advocate.enrolled": "welcome",
    "advocate.viewed": "portal_viewed",
    "advocate.invited": "invited",
    "claim.issued": "friend_code",
    "claim.declined": "offer_declined",
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
    "introduction.asked": "who_sent_you",
    "introduction.named": "introduction",
    "claim.sent_again": "friend_code",
    "link.rotated": "link_replaced",
    "advocate.cap_near": "cap_near",
    "advocate.cap_reached": "cap_reached",
    "review.cleared": "second_look_answered",
    "review.refused": "second_look_answered",
    "review.voided": "second_look_answered",
}


@dataclass(frozen=True, slots=True)
class TeamMail:
    """``need``: the permission of whose work it is. ``is_daily``: what comes in crowds is told together once a day.
    ``is_always``: nobody may do without it."""

    kind: str
    need: str
    is_daily: bool = False
    is_always: bool = False
    #: What comes and goes is not told again within so many hours of the same thing.
    quiet_hours: int = 0
    #: What strangers set off: more than so many in 24 hours are seen in the workspace alone. 0: as many as come.
    most_a_day: int = 0


#: One person of the team is to be told of another event; see engagement.actions.team.
TOLD = "team.told"
#: Somebody asked for a mail once more: the event behind it is named, and is told of as it stands now.
AGAIN = "mail.asked_again"
#: Events that the team hears of.
TEAM_MAIL_OF_EVENT: dict[str, TeamMail] = {
    "review.reminded": TeamMail("review_reminder", "review.decide", is_daily=True),
    "review.voided": TeamMail("review_voided", "review.decide", is_daily=True),
    "link.leaked": TeamMail("link_leaked", "advocate.edit"),
    "lead.created": TeamMail("lead_came", "lead.edit", most_a_day=25),
    "lead.asked_again": TeamMail("lead_came", "lead.edit", quiet_hours=24, most_a_day=25),
    "host.lost": TeamMail("host_lost", "workspace.manage"),
    "workspace.closing": TeamMail("workspace_closing", "workspace.close", is_always=True),
    "workspace.closing_soon": TeamMail("workspace_closing", "workspace.close", is_always=True),
    "program.breaker_tripped": TeamMail("breaker_tripped", "review.decide"),
    "connection.failing": TeamMail("connection_failing", "connection.manage", quiet_hours=1),
    "event.set_aside": TeamMail("messages_aside", "connection.manage", is_daily=True),
    "setback.set_aside": TeamMail("work_aside", "review.decide", is_daily=True),
    "reward.failed": TeamMail("rewards_failed", "reward.pay", is_daily=True),
    "budget.low": TeamMail("budget_used", "budget.view"),
    "budget.reached": TeamMail("budget_used", "budget.view", quiet_hours=1),
    "codes.low": TeamMail("stock_low", "program.edit"),
    "codes.empty": TeamMail("stock_low", "program.edit"),
    "stock.low": TeamMail("stock_low", "program.edit"),
}


def writes_to_somebody(code: str) -> bool:
    return code in (TOLD, AGAIN) or code in MAIL_OF_EVENT


def wants_mail(code: str) -> bool:
    return writes_to_somebody(code) or code in TEAM_MAIL_OF_EVENT
