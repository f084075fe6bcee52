"""Around every page of a workspace: who may come in, whose rows are visible, one transaction, and the shell's context.

``@page`` opens one read-only transaction that also covers rendering; ``@change`` opens the write transaction that an
exception leaves through, and rolls back when the answer is an error. ``@outside`` opens none: its buttons run steps.
Where two changes wait for each other, the one that Postgres ends is done again from its beginning.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kit.tenancy import again_after_deadlock, tenant_scope, tenant_transaction
from merchants.events import by_user
from merchants.models import Membership, Merchant, User, Workspace
from merchants.permissions import PERMISSIONS, can
from merchants.selectors import seats_of, workspace
from merchants.staff_selectors import lacks_second_factor
from referral_saas.dashboard.menu import navigation, workspaces_of
from referral_saas.dashboard.setup_strip import way_back

P = ParamSpec("P")


@dataclass
class Desk:
    """What every view of a workspace needs: the person, their seat, the merchant and its now."""

    user: User
    membership: Membership
    merchant: Merchant
    #: Of the person, in every workspace they may enter.
    seats: list[Membership]

    @functools.cached_property
    def workspace(self) -> Workspace:
        return workspace()

    @functools.cached_property
    def now(self) -> datetime:
        """When the request's person was looked up, as this merchant's business lives it: no question of its own."""
        asked_at: datetime = self.membership.asked_at  # type: ignore[attr-defined]  # by seats_of
        return asked_at + self.merchant.clock_offset

    @property
    def by(self) -> str:
        return by_user(self.user.pk)

    def may(self, permission: str) -> bool:
        return can(self.membership.role, permission)


class DeskRequest(HttpRequest):
    """A request behind the frame."""

    user: User
    desk: Desk


View = Callable[Concatenate[DeskRequest, P], HttpResponse]
Served = Callable[..., HttpResponse]


def page(need: str = "view") -> Callable[[View[P]], Served]:
    """GET: one read-only transaction for reading and rendering."""
    return _framed(need, require_GET, lambda: tenant_transaction(read_only=True))


def change(need: str) -> Callable[[View[P]], Served]:
    """POST: one write transaction; an answer of 400 or above rolls it back."""
    return _framed(need, require_POST, tenant_transaction)


def form_page(need: str) -> Callable[[View[P]], Served]:
    """A form at its own address: GET shows it, POST changes. GET writes nothing by its view's own care."""
    return _framed(need, require_http_methods(["GET", "HEAD", "POST"]), tenant_transaction)


def look(need: str) -> Callable[[View[P]], Served]:
    """POST that only looks, such as a preview of what is being typed: the database itself refuses to write."""
    return _framed(need, require_POST, lambda: tenant_transaction(read_only=True))


def outside(need: str) -> Callable[[View[P]], Served]:
    """POST that runs a step: the tenant is in scope, no transaction is open."""
    return _framed(need, require_POST, None)


def across(need: str) -> Callable[[View[P]], Served]:
    """GET that reads in another workspace too (the stage of a test drive): the view opens each of its transactions."""
    return _framed(need, require_GET, None)


def _framed(
    need: str, methods: Callable[[Served], Served], opener: Callable[[], Any] | None
) -> Callable[[View[P]], Served]:
    def decorate(view: View[P]) -> Served:
        @login_required
        @methods
        @functools.wraps(view)
        def served(request: Any, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            request.desk = _desk(request, slug, need)
            if lacks_second_factor(request.desk.membership):
                return _to_set_up(request)
            with tenant_scope(request.desk.membership.tenant_ref()), _local_time():
                if opener is None:
                    return view(request, *args, **kwargs)

                def once() -> HttpResponse:
                    with opener():
                        return finished(view(request, *args, **kwargs))

                return again_after_deadlock(once)

        served.needs = need  # type: ignore[attr-defined]  # the access matrix test is generated from it
        return served

    return decorate


def _to_set_up(request: DeskRequest) -> HttpResponse:
    """And then on to the page that was asked for; a button's address is none."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else f"/w/{request.desk.merchant.slug}"
    return redirect(f"{reverse('set-up-second-factor')}?{urlencode({'next': back})}")


@contextmanager
def _local_time() -> Iterator[None]:
    """``show`` activates the merchant's zone; none is left behind on the thread."""
    try:
        yield
    finally:
        timezone.deactivate()


def _desk(request: Any, slug: str, need: str) -> Desk:
    """A workspace one has no seat in does not exist for one; nor does a page one's role may not open."""
    seats = seats_of(request.user)
    membership = next((seat for seat in seats if seat.merchant.slug == slug), None)
    if membership is None or not can(membership.role, need):
        raise Http404
    return Desk(request.user, membership, membership.merchant, seats)


def finished(response: HttpResponse) -> HttpResponse:
    """Render inside the transaction; forget everything when the answer is an error. For views of ``@outside`` too."""
    if isinstance(response, TemplateResponse):
        response.render()
    if response.status_code >= 400:
        transaction.set_rollback(True)
    return response


def show(
    request: DeskRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page in the shell. ``zone`` and ``can_<permission>`` are there for every template."""
    desk = request.desk
    timezone.activate(ZoneInfo(desk.workspace.time_zone))
    shell = {
        "merchant": Shell(desk),
        "membership": desk.membership,
        "workspace": desk.workspace,
        "workspace_now": desk.now,
        "zone": desk.workspace.time_zone,
        "may": {permission.replace(".", "_"): True for permission in _granted(desk)},
        "nav": navigation(desk.merchant.slug, desk.membership.role, request.path),
        "workspaces": workspaces_of(desk.seats, current=desk.merchant.slug),
        "clock_url": f"/w/{desk.merchant.slug}/clock" if desk.merchant.is_sandbox and desk.may("clock.advance") else "",
        "setup_url": SimpleLazyObject(lambda: way_back(desk.merchant.slug, desk.membership.role, request.path)),
        "account_url": "/account/email/",
        "new_workspace_url": "/workspaces/new",
        "base_url": f"/w/{desk.merchant.slug}",
    }
    return TemplateResponse(request, template, shell | (context or {}), status=status)


@dataclass(frozen=True)
class Shell:
    """The merchant as templates know it."""

    desk: Desk

    @property
    def name(self) -> str:
        return self.desk.merchant.name

    @property
    def slug(self) -> str:
        return self.desk.merchant.slug

    @property
    def is_sandbox(self) -> bool:
        return self.desk.merchant.is_sandbox

    @property
    def closes_at(self) -> datetime | None:
        """When it is deleted, real time; None for nearly all."""
        return self.desk.merchant.closes_at

    @property
    def currency(self) -> str:
        return self.desk.workspace.currency

    @property
    def time_zone(self) -> str:
        return self.desk.workspace.time_zone


def _granted(desk: Desk) -> list[str]:
    return [permission for permission in PERMISSIONS if desk.may(permission)]
