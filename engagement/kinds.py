"""Every kind of mail: who builds it, and whether people may switch it off. Its words: templates/mail/<kind>.html."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from advocates.actions.magic import LASTS
from engagement import (
    closing_mail,
    ending_mail,
    host_mail,
    introduction_mail,
    lead_mail,
    link_mail,
    payout_mail,
    people_mail,
    review_mail,
    reward_mail,
    trouble_mail,
)
from engagement.desk import House, Occasion
from engagement.readers import AGAIN, MAIL_OF_EVENT, TEAM_MAIL_OF_EVENT, TOLD
from merchants.models import Event

#: Said once: about a look that is over by then.
NEVER_AGAIN = frozenset({"portal_viewed"})


@dataclass(frozen=True, slots=True)
class Kind:
    """``is_transactional``: the person asked for exactly this or is owed it, so there is no unsubscribing from it.

    ``even_if_banned``: holds something that was given and would be lost unread. ``on_request``: anybody sets it off by
    typing an address into a form, so that one person gets only so many a day (engagement.actions.messages).
    ``even_beyond``: past that number each shop may still send one in this span. A way in lasts as long, so a stranger
    who uses up the number keeps nobody out: a mail that works is there, or comes.
    """

    name: str
    build: Callable[[Event, House], Occasion | None]
    is_transactional: bool = False
    even_if_banned: bool = False
    on_request: bool = False
    even_beyond: timedelta | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether the team may send it once more. What people ask for by themselves has buttons of its own."""
        return not self.on_request and self.name not in NEVER_AGAIN

    @property
    def template(self) -> str:
        return f"mail/{self.name}.html"


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("invitation", people_mail.invitation, is_transactional=True),
        Kind("magic_link", people_mail.magic_link, is_transactional=True, on_request=True, even_beyond=LASTS),
        Kind("welcome", people_mail.welcome),
        Kind("invited", people_mail.invited),
        Kind("friend_code", people_mail.friend_code, is_transactional=True, on_request=True),
        Kind("offer_declined", people_mail.offer_declined, is_transactional=True, on_request=True),
        Kind("reward_pending", reward_mail.pending),
        Kind("reward_here", reward_mail.here, is_transactional=True, even_if_banned=True),
        Kind("reward_changed", reward_mail.changed),
        Kind("reward_taken_back", reward_mail.taken_back),
        Kind("reward_back", reward_mail.back),
        Kind("reward_not_given", reward_mail.not_given),
        Kind("reward_expiring", ending_mail.ending, is_transactional=True),
        Kind("reward_expired", ending_mail.ended),
        Kind("books_differ", ending_mail.books_differ, is_transactional=True),
        Kind("referral_not_rewarded", reward_mail.referral_not_rewarded),
        Kind("level_reached", people_mail.level),
        Kind("portal_viewed", people_mail.portal_viewed, is_transactional=True),
        Kind("payout_failed", payout_mail.failed, is_transactional=True),
        Kind("payout_account_changed", payout_mail.account_changed, is_transactional=True, even_if_banned=True),
        Kind("tax_form", payout_mail.tax_form, is_transactional=True),
        Kind("who_sent_you", introduction_mail.who_sent_you),
        Kind("introduction", introduction_mail.introduction),
        Kind("link_leaked", link_mail.leaked, is_transactional=True),
        Kind("lead_came", lead_mail.came, is_transactional=True),
        Kind("link_replaced", link_mail.replaced, is_transactional=True),
        Kind("cap_near", people_mail.cap),
        Kind("cap_reached", people_mail.cap),
        Kind("second_look_answered", review_mail.second_look_answered, is_transactional=True),
        Kind("review_reminder", review_mail.reminder, is_transactional=True),
        Kind("review_voided", review_mail.voided, is_transactional=True),
        Kind("host_lost", host_mail.lost, is_transactional=True),
        Kind("workspace_closing", closing_mail.closing, is_transactional=True),
        Kind("breaker_tripped", review_mail.breaker_tripped, is_transactional=True),
        Kind("connection_failing", trouble_mail.connection_failing, is_transactional=True),
        Kind("messages_aside", trouble_mail.messages_aside, is_transactional=True),
        Kind("work_aside", trouble_mail.work_aside, is_transactional=True),
        Kind("rewards_failed", trouble_mail.rewards_failed, is_transactional=True),
        Kind("budget_used", trouble_mail.budget_used, is_transactional=True),
        Kind("stock_low", trouble_mail.stock_low, is_transactional=True),
    )
}


def news_behind(event: Event) -> Event | None:
    """The event itself, or the one that is to be told of once more; None where that is no news for a person."""
    if event.code != AGAIN:
        return event
    found: Event | None = Event.objects.filter(pk=event.data["event_id"], code__in=MAIL_OF_EVENT).first()
    return found


def kind_of(event: Event) -> Kind:
    """A mail to one of the team is of the kind that the event asks for which they are told of."""
    if event.code == TOLD:
        return KINDS[TEAM_MAIL_OF_EVENT[event.data["about"]].kind]
    return KINDS[MAIL_OF_EVENT[event.code]]
