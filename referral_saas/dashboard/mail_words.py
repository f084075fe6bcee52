"""What each kind of mail is about, in the words of whoever looks after the person it went to."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement.models import Message

KINDS: dict[str, Promise | str] = {
    "magic_link": _("Link to the portal"),
    "welcome": _("Welcome, with their link"),
    "invited": _("Invitation to recommend"),
    "friend_code": _("The friend's code"),
    "reward_pending": _("A reward is on its way"),
    "reward_here": _("The reward is here"),
    "reward_changed": _("The reward has changed"),
    "reward_taken_back": _("The reward was taken back"),
    "reward_back": _("The reward stands again"),
    "reward_not_given": _("The reward is not given"),
    "reward_expiring": _("The reward ends soon"),
    "reward_expired": _("The reward has ended"),
    "referral_not_rewarded": _("A recommendation brings no reward"),
    "level_reached": _("A higher level"),
    "portal_viewed": _("Somebody looked at their portal"),
    "payout_failed": _("A transfer failed"),
    "payout_account_changed": _("Where to pay was changed"),
    "tax_form": _("A tax form is needed"),
    "cap_near": _("Close to the largest number of rewards"),
    "cap_reached": _("Largest number of rewards reached"),
    "link_replaced": _("Their new link"),
}
REASONS: dict[str, Promise | str] = {
    "unsubscribed": _("They want no more mail."),
    "overtaken": _("Things had moved on meanwhile."),
    "over": _("The link was used or over by then."),
    "banned": _("They are banned."),
    "switched_off": _("They do not want mails of this kind."),
}


def mail_title(message: Message) -> str:
    """An unknown kind stays readable as it is."""
    return str(KINDS.get(message.kind) or message.kind.replace("_", " ").capitalize())


def mail_reason(message: Message) -> str:
    return str(REASONS.get(message.reason) or message.reason.replace("_", " ")) if message.reason else ""
