"""Views of lists, kept under a name: keeping one, changing it, taking it away."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from merchants.actions.saved import ViewRefused, change_view, drop_view, keep_view
from merchants.models import SavedView
from referral_saas.dashboard.access import view_for
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.saved import ViewForm
from referral_saas.dashboard.frame import Desk, DeskRequest, change, form_page, show
from referral_saas.dashboard.lists.known import listing_for
from referral_saas.dashboard.lists.listed import Listing
from referral_saas.dashboard.lists.shelf import filters_told, path_to, public_view


@change("view")
def keep(request: DeskRequest, list_name: str) -> HttpResponse:
    """What the list's address asks for comes along; the list itself says what of it can be kept."""
    desk, listing = request.desk, listing_for(request.desk, list_name)
    form = ViewForm(request.POST, may_share=desk.may("view.share"))
    query = ""
    if form.is_valid():
        query = listing.kept(form.cleaned_data["query"], desk)
        try:
            view = keep_view(list=list_name, query=query, **({"is_shared": False} | _wanted(form)), **_told(desk))
            said = _("Kept as “%(name)s”: it stands above this list from now on.") % {"name": view.name}
            return done(request, path_to(listing.path, view), said)
        except ViewRefused as error:
            point_out(form, error.field, str(error))
    return _page(request, listing, form, query, status=422)


@form_page("view")
def one(request: DeskRequest, public_id: str) -> HttpResponse:
    view, desk = view_for(public_id, request.desk.membership), request.desk
    listing = listing_for(desk, view.list)
    may_share = desk.may("view.share") and view.owner_id == desk.user.pk
    known = {"name": view.name, "is_shared": view.is_shared}
    form = ViewForm(request.POST if request.method == "POST" else None, may_share=may_share, initial=known)
    if form.is_valid():
        try:
            changed = change_view(view=view, **({"is_shared": view.is_shared} | _wanted(form)), **_told(desk))
            return done(request, path_to(listing.path, changed), _("Saved."))
        except ViewRefused as error:
            point_out(form, error.field, str(error))
    return _page(request, listing, form, view.query, view, status=422 if form.errors else 200)


@change("view")
def drop(request: DeskRequest, public_id: str) -> HttpResponse:
    view, desk = view_for(public_id, request.desk.membership), request.desk
    path = listing_for(desk, view.list).path
    try:
        drop_view(view=view, **_told(desk))
    except ViewRefused as error:
        return refused(request, path, str(error))
    return done(request, path, _("The view “%(name)s” is removed.") % {"name": view.name})


def _wanted(form: ViewForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {"name": given["name"]} | ({"is_shared": given["is_shared"]} if "is_shared" in given else {})


def _told(desk: Desk) -> dict[str, Any]:
    return {"seat": desk.membership, "now": desk.now}


def _page(
    request: DeskRequest, listing: Listing, form: ViewForm, query: str, view: SavedView | None = None, *, status: int
) -> HttpResponse:
    base = f"/w/{request.desk.merchant.slug}"
    context = {
        "form": form,
        "view": view,
        "list_title": listing.title,
        "list_url": f"{base}{path_to(listing.path, view) if view else listing.path}",
        "list_query": query,
        "told": filters_told(query),
        "form_url": f"{base}/views/{public_view(view)}" if view else f"{base}/views/of/{listing.name}",
    }
    return show(request, "dashboard/saved/view.html", context, status=status)
