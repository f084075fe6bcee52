"""The mailbox (demo and tests alone) and unsubscribing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from engagement import addresses
from engagement import mailbox as box
from engagement.actions.notices import switch_notice
from engagement.actions.subscriptions import set_subscribed
from engagement.mailbox import Mail
from kit.clock import now_for
from kit.tenancy import in_tenant_transaction
from merchants.models import Merchant

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

#: A mail's HTML, shown in a frame of ours: no scripts, nothing fetched, its links open a new page.
BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def demo_only(view: View[P]) -> View[P]:
    """Everybody's mail lies open there, so an installation for real has no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if settings.MODE not in {"demo", "test"}:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@demo_only
def mailbox(request: HttpRequest) -> HttpResponse:
    to = request.GET.get("to", "")
    return render(request, "mail/pages/mailbox.html", {"mails": box.mails(to=to), "to": to})


@require_GET
@demo_only
def mailbox_json(request: HttpRequest) -> HttpResponse:
    """For the loop's driver and browser tests: newest first, with the links of the text part."""
    found = box.mails(to=request.GET.get("to", ""))
    return JsonResponse({"mails": [mail.as_json() for mail in found]})


@require_GET
@demo_only
def mail(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    response = render(request, "mail/pages/mail.html", {"mail": _mail_or_404(mail_id)})
    return framing(response)


@require_GET
@demo_only
def mail_body(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    return body_of(_mail_or_404(mail_id))


def _mail_or_404(mail_id: UUID) -> Mail:
    found = box.mail_by_id(mail_id)
    if found is None:
        raise Http404
    return found


def framing(response: HttpResponse) -> HttpResponse:
    """The page around a mail may frame our own addresses."""
    response.__dict__.setdefault("csp_extra", {}).setdefault("frame-src", []).append("'self'")
    return response


def body_of(mail: Mail) -> HttpResponse:
    """A mail's HTML part under a policy of its own; links leave the frame."""
    html = mail.html.replace("<head>", '<head><base target="_blank">', 1)
    headers = {"Content-Security-Policy": BODY_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HttpResponse(html, headers=headers)


@csrf_exempt  # mail programs post to it without ever having seen a page; the signed token is the permission
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, so that a scanner that follows links changes nothing; POST acts, also in one click (RFC 8058)."""
    merchant, customer_id = _whose(token)
    context: dict[str, Any] = {"shop": merchant.name, "token": token}
    if request.method == "POST":
        context["subscribed"] = request.POST.get("do") == "subscribe"
        _set_subscribed(merchant, customer_id, context["subscribed"])
        context["is_done"] = True
    return render(request, "mail/pages/unsubscribe.html", context)


@csrf_exempt  # as above
@require_http_methods(["GET", "POST"])
def no_more_notices(request: HttpRequest, token: str) -> HttpResponse:
    """For somebody of the team: out of one kind of mail, and back into it."""
    found = addresses.read_no_more_notices(token)
    merchant = Merchant.objects.filter(pk=found[0], status=Merchant.Status.ACTIVE).first() if found else None
    if found is None or merchant is None:
        raise Http404
    context: dict[str, Any] = {"shop": merchant.name, "slug": merchant.slug, "token": token}
    if request.method == "POST":
        is_on = request.POST.get("do") == "subscribe"
        context |= {"subscribed": is_on, "is_done": _switched(merchant, found[1], found[2], is_on)}
    return render(request, "mail/pages/no_more_notices.html", context)


def _switched(merchant: Merchant, user_id: UUID, kind: str, is_on: bool) -> bool:
    now = now_for(merchant)
    return in_tenant_transaction(
        merchant.tenant_ref(), lambda: switch_notice(user_id=user_id, kind=kind, is_on=is_on, now=now)
    )


def _whose(token: str) -> tuple[Merchant, UUID]:
    found = addresses.read_unsubscribe(token)
    merchant = Merchant.objects.filter(pk=found[0]).first() if found else None
    if found is None or merchant is None:
        raise Http404
    return merchant, found[1]


def _set_subscribed(merchant: Merchant, customer_id: UUID, subscribed: bool) -> None:
    now = now_for(merchant)
    in_tenant_transaction(
        merchant.tenant_ref(), lambda: set_subscribed(customer_id=customer_id, subscribed=subscribed, now=now)
    )
