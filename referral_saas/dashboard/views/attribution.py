"""Give an order to an advocate by hand, take that back, and say what an order in another currency is worth."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from referral_saas.dashboard.access import order_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.attribution_page import found_advocates, may_be_given, said_of
from referral_saas.dashboard.forms.attribution import AttributeForm, WorthForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, show
from rewards.actions.by_hand import NotAttributable, attribute_by_hand, undo_by_hand
from rewards.actions.worth import NotValued, state_worth
from rewards.selectors import was_released
from tracking.models import Order, Referral
from tracking.wording import decision_text


@form_page("order.record")
def attribute(request: DeskRequest, public_id: str) -> HttpResponse:
    """Look for the advocate, choose, say why."""
    found, desk = order_for(public_id), request.desk
    candidates = found_advocates(request.GET.get("q", ""), found)
    form = AttributeForm(request.POST if request.method == "POST" else None, found=candidates)
    if request.method != "POST":
        return _page(request, found, form)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    given = form.cleaned_data
    try:
        settled = attribute_by_hand(order=found, **given, by=desk.by, now=desk.now)
    except NotAttributable as error:
        return _page(request, order_for(public_id), form, status=409, problem=problem_text(error.code))
    return done(request, f"/orders/{public_id}", decision_text(settled.order))


def _page(
    request: DeskRequest, found: Order, form: AttributeForm, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    referral = Referral.objects.filter(order=found).select_related("advocate__customer").first()
    context = {
        "order": found,
        "form": form,
        "problem": problem,
        "asked": request.GET.get("q", ""),
        "said": said_of(found),
        "can_attribute": may_be_given(found, was_released=bool(referral and was_released(referral))),
    }
    return show(request, "dashboard/orders/attribute.html", context, status=status)


@change("order.record")
def undo(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = order_for(public_id), request.desk
    try:
        settled = undo_by_hand(order=found, by=desk.by, now=desk.now)
    except NotAttributable as error:
        return refused(request, f"/orders/{public_id}", problem_text(error.code))
    said = _("Taken back. What is known about the order decides again: %(decision)s")
    return done(request, f"/orders/{public_id}", said % {"decision": decision_text(settled.order)})


@change("order.record")
def worth(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = order_for(public_id), request.desk
    referral = Referral.objects.filter(order=found).select_related("terms").first()
    currency = referral.terms.as_terms().currency if referral else desk.workspace.currency
    form = WorthForm(request.POST, currency=currency)
    if not form.is_valid():
        return refused(request, f"/orders/{public_id}", " ".join(map(str, form.errors["worth"])))
    try:
        state_worth(order=found, worth_minor=form.cleaned_data["worth"] or 0, by=desk.by, now=desk.now)
    except NotValued as error:
        return refused(request, f"/orders/{public_id}", problem_text(error.code))
    return done(request, f"/orders/{public_id}", _("Saved. The rewards of this order follow what you said."))


def problem_text(code: str) -> str:
    texts = {
        "order_not_seen_yet": _("The order itself has not come yet. Wait for your shop to tell us about it."),
        "already_theirs": _("This order is this advocate's already."),
        "already_released": _("A reward for this order was released already, so its advocate stays."),
        "program_never_published": _("The advocate's program is not published."),
        "advocate_not_active": _("The advocate is not active. Resume them first, or choose somebody else."),
        "reason_needed": _("Say why: whoever looks at it later has to understand it."),
        "not_by_hand": _("Nobody has decided this by hand, or somebody has taken it back already."),
        "not_in_another_currency": _("This order is not in another currency than its program."),
    }
    return texts.get(code) or _("This cannot be done any more.")
