"""A sandbox's mailbox: what its people would have been sent."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse

from engagement import mailbox as box
from engagement.views import body_of, framing
from referral_saas.dashboard.frame import DeskRequest, page, show


@page("clock.advance")
def mails(request: DeskRequest) -> HttpResponse:
    to = request.GET.get("to", "")[:254]
    found = box.mails_of(_sandbox(request), to=to)
    return show(request, "dashboard/mailbox.html", {"mails": found, "to": to})


@page("clock.advance")
def mail(request: DeskRequest, mail_id: UUID) -> HttpResponse:
    return framing(show(request, "dashboard/mail.html", {"mail": _mail(request, mail_id)}))


@page("clock.advance")
def body(request: DeskRequest, mail_id: UUID) -> HttpResponse:
    """The mail's own HTML, for the frame around it."""
    return body_of(_mail(request, mail_id))


def _mail(request: DeskRequest, mail_id: UUID) -> box.Mail:
    found = box.mail_by_id(mail_id, merchant_slug=_sandbox(request))
    if found is None:
        raise Http404
    return found


def _sandbox(request: DeskRequest) -> str:
    if not request.desk.merchant.is_sandbox:
        raise Http404
    return request.desk.merchant.slug
