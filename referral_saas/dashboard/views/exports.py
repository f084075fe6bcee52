"""Lists as files: asking for one, how far it is, what somebody asked for, and the file itself."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from exports.actions import MOST_OPEN, TooManyExports, ask_for_export
from exports.archive import archive_of
from exports.lists import bundles, need_of
from exports.models import Export
from exports.selectors import exports_of, file_of, still_may
from kit.days import local_date
from kit.language import language_of_page
from privacy.actions.takeout import ask_for_everything
from referral_saas.dashboard.access import export_for
from referral_saas.dashboard.answers import done, refused, secret_page
from referral_saas.dashboard.export_page import export_context, is_over, line_of
from referral_saas.dashboard.frame import DeskRequest, change, page, show
from referral_saas.dashboard.listing import page_of
from referral_saas.dashboard.lists.known import listing_for
from referral_saas.dashboard.lists.shelf import query_of
from referral_saas.dashboard.paths import public


@change("view")
def ask(request: DeskRequest, list_name: str) -> HttpResponse:
    """The address says what is shown, just as the list's own."""
    listing, desk = listing_for(request.desk, list_name), request.desk
    query = query_of(request, listing.filters(request, desk))
    told = {"list": list_name, "query": query, "language": language_of_page()}
    try:
        asked = ask_for_export(**told, seat=desk.membership, now=desk.now)
    except TooManyExports:
        why = _("%(most)s files are being written for this workspace already. Wait until one of them is ready.")
        return refused(request, "/exports", why % {"most": MOST_OPEN})
    return done(request, f"/exports/{public(asked)}")


@change("workspace.export")
def everything(request: DeskRequest) -> HttpResponse:
    desk = request.desk
    try:
        asked = ask_for_everything(seat=desk.membership, language=language_of_page(), now=desk.now)
    except TooManyExports:
        return refused(request, "/exports", _("Wait until one of the files that are being written is ready."))
    return done(request, f"/exports/{public(asked)}")


@page()
def listed(request: DeskRequest) -> HttpResponse:
    found = page_of(request, exports_of(request.desk.membership), by="asked_at")
    lines = [line_of(request.desk, one) for one in found.rows]
    return show(request, "dashboard/exports/list.html", {"page": found, "lines": lines})


@page()
def one(request: DeskRequest, public_id: str) -> HttpResponse:
    return _page(request, export_for(public_id, request.desk.membership))


def _page(request: DeskRequest, found: Export, *, status: int = 200) -> HttpResponse:
    return show(request, "dashboard/exports/page.html", export_context(request.desk, found), status=status)


@page()
def file(request: DeskRequest, public_id: str) -> HttpResponse:
    """For whoever asked, while their role is what it was and the file is kept."""
    found, desk = export_for(public_id, request.desk.membership), request.desk
    need = need_of(found.list)
    if need is None or not still_may(found, desk.membership, need):
        raise Http404
    if is_over(desk, found):
        return _page(request, found, status=410)
    if found.state != Export.State.READY:
        return _page(request, found, status=409)
    return _download(request, found)


def _download(request: DeskRequest, found: Export) -> HttpResponse:
    desk, bundle = request.desk, bundles().get(found.list)
    ref = desk.membership.tenant_ref()
    day = local_date(found.listed_at or found.asked_at, desk.workspace.time_zone)
    if bundle:
        kind, name = "application/zip", f"{desk.merchant.slug}-{day}.zip"
        parts = archive_of(ref, found, readme=bundle.readme())
    else:
        kind, name = "text/csv; charset=utf-8", f"{found.list}-{day}.csv"
        parts = file_of(ref, found)
    response: Any = StreamingHttpResponse(parts, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return secret_page(cast(HttpResponse, response))
