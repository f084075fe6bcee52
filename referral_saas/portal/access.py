"""Who is at the portal's door. An advocate of one merchant is nobody at another's."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from advocates.models import Advocate
from kit.clock import now_for
from kit.tenancy import again_after_deadlock, tenant_scope, tenant_transaction
from merchants.models import Door, Merchant, Workspace
from merchants.selectors import door_for, workspace
from programs.models import Program
from referral_saas.advocate_session import signed_in_advocate
from referral_saas.languages import language_at, spoken
from referral_saas.looking import Banner, look_of, viewing_named
from referral_saas.portal.looking import only_reads, refused_page

PageView = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request at one merchant's portal; ``someone`` is None before signing in."""

    workspace: Workspace
    now: datetime
    someone: Advocate | None
    #: Somebody of the team looks at this advocate's portal: whatever is asked only reads.
    banner: Banner | None = None

    @property
    def merchant(self) -> Merchant:
        return self.workspace.merchant

    @property
    def advocate(self) -> Advocate:
        assert self.someone is not None, "only pages for signed-in advocates ask"
        return self.someone

    @property
    def program(self) -> Program:
        program: Program = self.advocate.program
        return program

    @property
    def zone(self) -> str:
        return self.workspace.time_zone


class _Refused(Exception):
    """Carries an answer of 400 or above out of the transaction, so that nothing of it stays."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status_code)
        self.response = response


def open_to_all(view: PageView) -> PageView:
    """GET before signing in. One read-only transaction that also covers rendering."""
    return require_safe(_page(view, read_only=True, signed_in=False))


def open_and_counted(view: PageView) -> PageView:
    """GET before signing in that notes that it was opened, in the transaction of the page. A look (``visit.banner``)
    can only read there, and is nobody to be counted."""
    return require_safe(_page(view, read_only=False, signed_in=False))


def for_advocates(view: PageView) -> PageView:
    """GET for signed-in advocates; everybody else is led to the door."""
    return require_safe(_page(view, read_only=True, signed_in=True))


def open_action(view: PageView) -> PageView:
    """POST before signing in. An answer of 400 or above undoes all of it."""
    return require_POST(_page(view, read_only=False, signed_in=False))


def action(view: PageView) -> PageView:
    """POST of a signed-in advocate. An answer of 400 or above undoes all of it."""
    return require_POST(_page(view, read_only=False, signed_in=True))


def _page(view: PageView, *, read_only: bool, signed_in: bool) -> PageView:
    @functools.wraps(view)
    def answer(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        door = door_for(Door.Kind.PORTAL, slug)
        if door is None:
            raise Http404
        ref, viewing = door.tenant_ref(), viewing_named(request, door.merchant)
        if viewing is not None:
            with tenant_scope(ref), tenant_transaction(read_only=True):
                return private(_looked_at(view, request, kwargs, viewing))

        def once() -> HttpResponse:
            with tenant_scope(ref), tenant_transaction(read_only=read_only):
                return _kept(_answered(view, request, kwargs, signed_in))

        try:
            return again_after_deadlock(once)
        except _Refused as refused:
            return private(refused.response)

    return answer


def _looked_at(view: PageView, request: HttpRequest, kwargs: dict[str, Any], viewing: UUID) -> HttpResponse:
    """The one place where a look is held to looking, before any page is asked."""
    house = workspace()
    look = look_of(request, house.merchant, viewing)
    if look.advocate is None or look.now is None or not only_reads(request):
        return refused_page(request, house, look)
    visit = Visit(house, look.now, look.advocate, look.banner)
    return _spoken(view, request, visit, kwargs)


def _answered(view: PageView, request: HttpRequest, kwargs: dict[str, Any], signed_in: bool) -> HttpResponse:
    settings_of_shop = workspace()
    merchant = settings_of_shop.merchant
    visit = Visit(settings_of_shop, now_for(merchant), signed_in_advocate(request, merchant))
    if signed_in and visit.someone is None:
        return HttpResponseRedirect(reverse("portal:home", args=[merchant.slug]), status=303)
    return _spoken(view, request, visit, kwargs)


def _spoken(view: PageView, request: HttpRequest, visit: Visit, kwargs: dict[str, Any]) -> HttpResponse:
    language = _language_of(request, visit)
    with translation.override(language):
        response = view(request, visit, **kwargs)
    response.headers.setdefault("Content-Language", language)
    return response


def _kept(response: HttpResponse) -> HttpResponse:
    if response.status_code >= 400:
        raise _Refused(response)
    return private(response)


def private(response: HttpResponse) -> HttpResponse:
    """Nobody's page is kept by a cache or found by a search engine. A drawing may stay in the visitor's own browser."""
    response.headers.setdefault("Cache-Control", "no-store, private")
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _language_of(request: HttpRequest, visit: Visit) -> str:
    """The advocate's choice, else the browser's, else the shop's."""
    chosen = visit.someone.customer.language if visit.someone else ""
    return spoken(chosen) or language_at(request, visit.workspace)
