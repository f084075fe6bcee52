"""Which mails somebody of the team wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from referral_saas.dashboard.forms.choices import with_words

#: Kind of mail -> when it comes, and how often.
TITLES: dict[str, Promise] = {
    "review_reminder": _("Reviews that have waited too long"),
    "review_voided": _("Reviews that were refused because nobody decided"),
    "link_leaked": _("A link has got out to strangers"),
    "lead_came": _("Somebody wants to talk to you"),
    "host_lost": _("Your own link address is about to stop"),
    "breaker_tripped": _("New referrals were stopped because too many came at once"),
    "connection_failing": _("A connection fails"),
    "messages_aside": _("A message of your shop could not be read"),
    "work_aside": _("Something broke again and again"),
    "rewards_failed": _("Rewards could not be delivered"),
    "budget_used": _("A budget is nearly or wholly used up"),
    "stock_low": _("Codes or pieces are running out"),
}
WORDS: dict[str, Promise] = {
    "review_reminder": _("Once a day at most, while any waits."),
    "review_voided": _("Once a day at most."),
    "link_leaked": _("At once, one mail for each link."),
    "lead_came": _("At once, for each who leaves their details; not for those your team enters."),
    "host_lost": _("At once, while there is time to mend it."),
    "breaker_tripped": _("At once, one mail for each time."),
    "connection_failing": _("At once when it begins, once a day at most for each connection."),
    "messages_aside": _("Once a day at most, when there are new ones."),
    "work_aside": _("Once a day at most, when there is something new."),
    "rewards_failed": _("Once a day at most, when there are new ones."),
    "budget_used": _("At 80% and when it is used up, once each until you change it."),
    "stock_low": _("When few are left and when none is, once for each filling."),
}


class NotificationsForm(forms.Form):
    kinds = forms.MultipleChoiceField(label=_("Write to me about"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(kind, with_words(TITLES[kind], WORDS[kind])) for kind in kinds]  # type: ignore[attr-defined]
