"""How the merchant's links behave: landing and destination of a program, consent, and hosts of the merchant's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from kit.ids import parse_public_id, public_id
from merchants.actions.consent import change_consent
from merchants.actions.hosts import BadHost, add_host, remove_host
from merchants.actions.workspaces import BadSetting
from merchants.models import Host
from merchants.rules.hosts import GRACE_DAYS, record_name, record_value
from merchants.selectors import hosts
from merchants.steps.hosts import check_host
from programs.actions.links import change_links
from programs.destinations import BadWay
from programs.models import Program
from programs.rules.landing import needs_page
from referral_saas.dashboard.access import host_for, program_for
from referral_saas.dashboard.answers import done, point_out
from referral_saas.dashboard.forms.links import ConsentForm, HostForm, ProgramLinksForm, ShopHostForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, outside, page, show
from referral_saas.dashboard.host_words import found_words, missing_words, our_host, tone_of
from referral_saas.limits import within_limit

#: Looks at the DNS by one person's button.
LOOKS, SPAN_SECONDS = 20, 600
#: Where the hosts of each use are seen to.
PAGES = {Host.Use.PAGES: "/settings/hosts", Host.Use.SHOP: "/settings/shops"}


@form_page("program.edit")
def program_links(request: DeskRequest, program_slug: str) -> HttpResponse:
    program, desk = program_for(program_slug), request.desk
    if program.state == Program.State.ENDED or program.archived_at:
        raise Http404
    kept = {name: getattr(program, name) for name in ("landing", "own_codes", "takes_leads")}
    known = {**ProgramLinksForm.values_of(program), **kept}
    form = ProgramLinksForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("landing", "destination", "own_codes", "takes_leads")}
        try:
            change_links(program=program, **told, utm=form.utm(), by=desk.by, now=desk.now)
            return done(request, f"/programs/{program.slug}", _("Saved. All links of the program do so from now on."))
        except BadWay as problem:
            point_out(form, problem.field, str(problem))
    context = {
        "program": program,
        "form": form,
        "hosts": desk.workspace.verified_hosts,
        "needs_page": must_show(program),
    }
    return show(request, "dashboard/program_links.html", context, status=422 if form.errors else 200)


def must_show(program: Program) -> bool:
    return needs_page(program.live_terms) or needs_page(program.draft_terms)


@form_page("workspace.manage")
def consent(request: DeskRequest) -> HttpResponse:
    desk = request.desk
    form = ConsentForm(request.POST if request.method == "POST" else None, initial={"consent": desk.workspace.consent})
    if form.is_valid():
        try:
            change_consent(consent=form.cleaned_data["consent"], by=desk.by, now=desk.now)
            return done(request, "/settings", _("Saved. It counts for every visit from now on."))
        except BadSetting as error:
            point_out(form, error.field, str(error))
    return show(request, "dashboard/settings_consent.html", {"form": form}, status=422 if form.errors else 200)


@page("workspace.manage")
def own_hosts(request: DeskRequest) -> HttpResponse:
    return show(request, "dashboard/hosts.html", _hosts_context(HostForm(), Host.Use.PAGES))


@page("workspace.manage")
def shop_hosts(request: DeskRequest) -> HttpResponse:
    context = _hosts_context(ShopHostForm(), Host.Use.SHOP) | {"place": request.desk.workspace}
    return show(request, "dashboard/shop_hosts.html", context)


@change("workspace.manage")
def new_host(request: DeskRequest) -> HttpResponse:
    form = HostForm(request.POST)
    said = _("Added. Set the two records below, then press “Check now”.")
    return _added(request, form, Host.Use.PAGES, said) or show(
        request, "dashboard/hosts.html", _hosts_context(form, Host.Use.PAGES), status=422
    )


@change("workspace.manage")
def new_shop_host(request: DeskRequest) -> HttpResponse:
    form = ShopHostForm(request.POST)
    said = _("Added. Set the record below, then press “Check now”.")
    context = _hosts_context(form, Host.Use.SHOP) | {"place": request.desk.workspace}
    return _added(request, form, Host.Use.SHOP, said) or show(request, "dashboard/shop_hosts.html", context, status=422)


def _added(request: DeskRequest, form: HostForm, use: Host.Use, said: str) -> HttpResponse | None:
    if not form.is_valid():
        return None
    try:
        add_host(host=form.cleaned_data["host"], use=use, by=request.desk.by, now=request.desk.now)
    except BadHost as problem:
        form.add_error("host", str(problem))
        return None
    return done(request, PAGES[use], said)


@outside("workspace.manage")
def check(request: DeskRequest, public_id: str) -> HttpResponse:
    """Ask the DNS now. No transaction is open meanwhile."""
    key, desk = parse_public_id("hst", public_id), request.desk
    if not within_limit(request, "host check", desk.merchant.pk, most=LOOKS, seconds=SPAN_SECONDS):
        messages.error(request, _("That was often. Please wait ten minutes: records take a while to spread."))
        return done(request, "/settings")
    found = check_host(desk.membership.tenant_ref(), host_id=key, by=desk.by) if key else None
    if found is None:
        raise Http404
    if found.missing:
        messages.warning(request, missing_words(found))
    else:
        messages.success(request, found_words(found))
    return done(request, PAGES[Host.Use(found.use)])


@change("workspace.manage")
def drop_host(request: DeskRequest, public_id: str) -> HttpResponse:
    host = host_for(public_id)
    remove_host(host=host, by=request.desk.by, now=request.desk.now)
    return done(request, PAGES[Host.Use(host.use)], _("%(host)s was removed.") % {"host": host.host})


def _hosts_context(form: HostForm, use: Host.Use) -> dict[str, Any]:
    return {"rows": [_row(host) for host in hosts().filter(use=use)], "form": form, "target": our_host()}


def _row(host: Host) -> dict[str, Any]:
    return {
        "host": host,
        "public": public_id("hst", host.pk),
        "tone": tone_of(host),
        "record": record_name(host.host),
        "value": record_value(host.challenge),
        "missing": missing_words(host) if host.missing else "",
        "stops_at": host.lost_at and host.lost_at + timedelta(days=GRACE_DAYS),
    }
