"""The mails that went to a person, and sending one once more."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _

from engagement.actions.again import MOST_A_DAY, NotSent, can_send_again, send_again
from engagement.models import Message
from referral_saas.dashboard.access import customer_for, message_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.listing import page_of
from referral_saas.dashboard.mail_words import mail_reason, mail_title
from referral_saas.dashboard.paths import public

TONES = {Message.State.SENT: "good", Message.State.FAILED: "bad", Message.State.SENDING: "info"}


@dataclass(frozen=True)
class MailLine:
    message: Message
    title: str
    reason: str
    tone: str
    may_repeat: bool


@page()
def listed(request: DeskRequest, public_id: str) -> HttpResponse:
    person = customer_for(public_id)
    found = page_of(request, Message.objects.filter(customer=person), by="at")
    may = request.desk.may("advocate.edit")
    context = {"person": person, "page": found, "lines": [_line(row, may) for row in found.rows]}
    return show(request, "dashboard/person/mails.html", context)


def _line(row: Message, may: bool) -> MailLine:
    tone = TONES.get(Message.State(row.state), "neutral")
    return MailLine(row, mail_title(row), mail_reason(row), tone, may and can_send_again(row))


@change("advocate.edit")
def again(request: DeskRequest, public_id: str) -> HttpResponse:
    message, desk = message_for(public_id), request.desk
    person = message.customer
    assert person is not None, "mails to the team are none of these"
    back = f"/customers/{public(person)}/mails"
    try:
        send_again(message=message, by=desk.by, now=desk.now)
    except NotSent as error:
        return refused(request, back, problem_text(error.code))
    said = _("It is written anew with what holds today, and goes to %(email)s.")
    return done(request, back, said % {"email": person.email})


def problem_text(code: str) -> str:
    texts = {
        "sent_lately": _("It was sent again within the last hour. Ask them to look for it, also among unwanted mail."),
        "still_tried": _("The mail server refused it, and it is tried again by itself. Sent now, it could come twice."),
        "enough_today": _("%(most)s mails were sent again to this person today: try tomorrow.") % {"most": MOST_A_DAY},
    }
    return texts.get(code) or _("This mail cannot be sent again.")
