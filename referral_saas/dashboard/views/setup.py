"""The guided set-up: from a new workspace to a live program, step by step. Can be left and taken up at any time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from engagement import addresses
from engagement.views import framing
from integrations.heartbeats import last_days_seen
from integrations.selectors import connections
from integrations.steps.test_shop import ShopSilent, connect_test_shop
from kit.language import language_of_page
from merchants.actions.workspaces import BadSetting, change_workspace
from merchants.selectors import publishable_key
from programs.actions.edit import BadProgram, save_draft
from programs.actions.lifecycle import NotPossible, publish_program
from programs.actions.setup import MAY_WAIT, agree_to_terms, choose_preset, keep_answers, put_off
from programs.models import Program, Setup
from programs.rules.margin import guard
from programs.selectors import kinds_for_rules, programs, setup, terms_digest
from programs.wording import plain_summary, problem_text, terms_page
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.setup import (
    BrandForm,
    BusinessForm,
    PartForm,
    PresetForm,
    RewardStepForm,
    TermsStepForm,
)
from referral_saas.dashboard.frame import DeskRequest, change, form_page, look, outside, page, show
from referral_saas.dashboard.margin_words import Told, told
from referral_saas.dashboard.setup_checklist import checklist, in_the_way, still_to_do
from referral_saas.dashboard.setup_look import frames, standing
from referral_saas.dashboard.setup_page import STEPS, Way, address_of, after, on_the_way
from referral_saas.dashboard.views.keys import snippet_of
from referral_saas.dashboard.views.settings import swatch


@page("program.edit")
@on_the_way("")
def begin(request: DeskRequest, way: Way) -> HttpResponse:
    """To where one stopped."""
    return redirect(address_of(request.desk, way.next_step))


@form_page("program.edit")
@on_the_way("sell")
def sell(request: DeskRequest, way: Way) -> HttpResponse:
    form = PresetForm(
        request.POST if request.method == "POST" else None,
        chosen=way.setup.preset if way.setup else "",
        draft=way.program.name if way.program else "",
    )
    if form.is_valid():
        if preset := form.wanted():
            choose_preset(preset=preset, by=request.desk.by, now=request.desk.now)
        return _on(request, "sell")
    return _step(request, way, "sell", {"form": form})


@form_page("program.edit")
@on_the_way("reward")
def reward(request: DeskRequest, way: Way) -> HttpResponse:
    form, business = _reward_forms(request, way)
    if request.method == "POST" and form.is_valid() and business.is_valid() and _saved(request, form):
        figures = business.business().to_json()
        keep_answers(step="reward", figures=figures, by=request.desk.by, now=request.desk.now)
        return _on(request, "reward")
    return _step(request, way, "reward", _reward_context(way, form, business))


@look("program.edit")
@on_the_way("reward")
def look_at_reward(request: DeskRequest, way: Way) -> HttpResponse:
    """The guard and the previews of what is being typed. Nothing is kept."""
    return _look(request, way, "reward", _reward_context(way, *_reward_forms(request, way)))


@form_page("program.edit")
@on_the_way("brand")
def brand(request: DeskRequest, way: Way) -> HttpResponse:
    if request.method == "POST" and not request.desk.may("workspace.manage"):
        raise Http404
    form = BrandForm(request.POST if request.method == "POST" else None, place=request.desk.workspace)
    if request.method == "POST" and form.is_valid() and _brand_saved(request, form):
        keep_answers(step="brand", by=request.desk.by, now=request.desk.now)
        return _on(request, "brand")
    return _step(request, way, "brand", _brand_context(way, form))


@look("workspace.manage")
@on_the_way("brand")
def look_at_brand(request: DeskRequest, way: Way) -> HttpResponse:
    form = BrandForm(request.POST, place=request.desk.workspace)
    return _look(request, way, "brand", _brand_context(way, form))


@page("program.edit")
@on_the_way("shop")
def shop(request: DeskRequest, way: Way) -> HttpResponse:
    key = publishable_key()
    context = {
        "connections": list(connections()),
        "snippet": snippet_of(key) if key else "",
        "seen": last_days_seen(),
        "is_connected": way.is_connected,
        "test_shop": settings.SHOP_URL,
    }
    return _step(request, way, "shop", context)


@outside("connection.manage")
def test_shop(request: DeskRequest) -> HttpResponse:
    """Only the demo has one. Its side is filled in as well, so it listens to this workspace from then on."""
    if not settings.SHOP_URL:
        raise Http404
    try:
        codes = connect_test_shop(request.desk.membership.tenant_ref(), by=request.desk.by)
    except ShopSilent as silent:
        messages.error(request, str(silent))
        return done(request, "/setup/shop")
    said = _("The test shop is connected, and codes for your friends exist in it.") if codes else _("Connected.")
    return done(request, "/setup/shop", said)


@page("program.edit")
@on_the_way("customers")
def customers(request: DeskRequest, way: Way) -> HttpResponse:
    return _step(request, way, "customers", {"has_brought_customers": way.shown.has_brought_customers})


@change("program.edit")
@on_the_way("later")
def later(request: DeskRequest, way: Way, step: str) -> HttpResponse:
    if step not in MAY_WAIT:
        raise Http404
    put_off(step=step, by=request.desk.by, now=request.desk.now)
    return _on(request, step)


@form_page("program.edit")
@on_the_way("terms")
def terms(request: DeskRequest, way: Way) -> HttpResponse:
    form = _part(request, way, TermsStepForm)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        agree_to_terms(by=request.desk.by, now=request.desk.now)
        return _on(request, "terms")
    return _step(request, way, "terms", _terms_context(way, form))


@look("program.edit")
@on_the_way("terms")
def look_at_terms(request: DeskRequest, way: Way) -> HttpResponse:
    return _look(request, way, "terms", _terms_context(way, _part(request, way, TermsStepForm)))


@page("program.edit")
@on_the_way("launch")
def launch(request: DeskRequest, way: Way) -> HttpResponse:
    return _launch_page(request, way)


@change("program.edit")
@on_the_way("launch")
def publish(request: DeskRequest, way: Way) -> HttpResponse:
    seen = request.POST.get("seen", "")
    try:
        publish_program(program=_program(way), seen=seen, by=request.desk.by, now=request.desk.now)
    except NotPossible as error:
        if said := " ".join(problem_text(problem) for problem in error.problems if problem.field == "state"):
            return refused(request, "/setup/launch", said)
        return _launch_page(request, way, status=422)
    return done(request, "/setup/live")


@page("program.edit")
def live(request: DeskRequest) -> HttpResponse:
    """After publishing: what still can be done, and what to do first."""
    found = setup()
    program = _published(found)
    if program is None:
        return redirect(f"/w/{request.desk.merchant.slug}/setup")
    if program.state != Program.State.ACTIVE:
        return redirect(f"/w/{request.desk.merchant.slug}/programs/{program.slug}")
    way = Way(request.desk, found, program)
    context = {
        "program": program,
        "lines": still_to_do(way, program),
        "portal_url": addresses.portal(request.desk.merchant.slug),
        "shop_url": request.desk.workspace.shop_url,
    }
    return show(request, "dashboard/setup/live.html", context)


# --- the frame of a step ------------------------------------------------------------------------------------------


def _step(request: DeskRequest, way: Way, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    names = list(STEPS)
    wrong = any(form.is_bound and form.errors for form in (context.get("form"), context.get("business")) if form)
    frame = {
        "way": way,
        "program": way.program,
        "step": name,
        "title": STEPS[name],
        "steps": way.steps(name),
        "number": names.index(name) + 1,
        "count": len(names),
        "here": address_of(request.desk, name),
        "back": address_of(request.desk, names[names.index(name) - 1]) if name != names[0] else "",
    }
    status = 422 if wrong and not request.path.endswith("/look") else status
    return framing(show(request, f"dashboard/setup/{name}.html", frame | context, status=status))


def _look(request: DeskRequest, way: Way, name: str, context: dict[str, Any]) -> HttpResponse:
    """Scripts put in what stands beside the form; without them the whole step comes again, with what was typed."""
    if request.headers.get("HX-Request"):
        return show(request, f"dashboard/setup/{name}_look.html", context)
    return _step(request, way, name, context)


def _on(request: DeskRequest, step: str) -> HttpResponse:
    return done(request, f"/setup/{after(step)}")


def _program(way: Way) -> Program:
    assert way.program is not None, "on_the_way leads everybody else to the first step"
    return way.program


def _published(found: Setup | None) -> Program | None:
    """The one that was set up; where another went live before it, the newest of those."""
    own = found.program if found else None
    if own and own.state != Program.State.DRAFT:
        return own
    other: Program | None = programs().exclude(state=Program.State.DRAFT).first()
    return other


def _launch_page(request: DeskRequest, way: Way, status: int = 200) -> HttpResponse:
    program = _program(way)
    context = {
        "problems": in_the_way(way, program),
        "lines": checklist(way, program),
        "seen": terms_digest(program.draft_terms),
        "promises": plain_summary(program.draft_terms, program, language_of_page()),
        "open_steps": [str(STEPS[step]) for step, is_done in way.done.items() if not is_done and step != "launch"],
    }
    return _step(request, way, "launch", context, status)


# --- forms --------------------------------------------------------------------------------------------------------


def _part(request: DeskRequest, way: Way, form: type[PartForm]) -> PartForm:
    data = request.POST if request.method == "POST" else None
    return form(data, program=_program(way), kinds=kinds_for_rules())


def _reward_forms(request: DeskRequest, way: Way) -> tuple[PartForm, BusinessForm]:
    data, currency = request.POST if request.method == "POST" else None, request.desk.workspace.currency
    return _part(request, way, RewardStepForm), BusinessForm(data, said=way.said, known=way.known, currency=currency)


def _reward_context(way: Way, form: PartForm, business: BusinessForm) -> dict[str, Any]:
    terms, program = _terms_as_typed(form), _program(way)
    return {
        "form": form,
        "business": business,
        "orders": way.values.orders,
        "currency": form.before.currency,
        "told": _told(way, terms, business),
        "lines": plain_summary(terms, program, language_of_page()),
        "frames": frames(way.desk, replace(standing(way.desk, program), terms=terms)),
    }


def _told(way: Way, terms: Any, form: BusinessForm) -> Told:
    business = way.said.or_else(way.known)
    if form.is_bound:
        form.full_clean()
        business = form.business()
    return told(guard(terms, business), terms, business, orders=way.values.orders, language=language_of_page())


def _terms_as_typed(form: PartForm) -> Any:
    """What is typed, or the draft while something of it is wrong."""
    return form.terms() if form.is_bound and form.is_valid() else form.before


def _brand_context(way: Way, form: BrandForm) -> dict[str, Any]:
    colour = str(form["brand_colour"].value() or way.desk.workspace.brand_colour)
    return {"form": form, "swatch": swatch(colour), "frames": _brand_frames(way, str(form["name"].value()), colour)}


def _brand_frames(way: Way, shop: str, colour: str) -> list[dict[str, str]]:
    """Nothing to show before there is a draft."""
    if way.program is None:
        return []
    return frames(way.desk, replace(standing(way.desk, way.program), shop=shop.strip(), colour=colour))


def _terms_context(way: Way, form: PartForm) -> dict[str, Any]:
    read = _terms_as_typed(form)
    clauses = terms_page(read, form.program, language_of_page())
    look = replace(standing(way.desk, form.program), terms=read, program=str(form["name"].value()))
    return {"form": form, "clauses": clauses, "frames": frames(way.desk, look)}


def _saved(request: DeskRequest, form: PartForm) -> bool:
    data, program = form.cleaned_data, form.program
    ways = {name: data[name] for name in ("name", "auto_enrol", "self_sign_up")}
    try:
        save_draft(program=program, terms=form.terms(), **ways, by=request.desk.by, now=request.desk.now)
    except BadProgram as error:
        point_out(form, error.field, str(error))
    return not form.errors


def _brand_saved(request: DeskRequest, form: BrandForm) -> bool:
    try:
        change_workspace(**form.settings(), by=request.desk.by, now=request.desk.now)
    except BadSetting as error:
        point_out(form, error.field, str(error))
    return not form.errors
