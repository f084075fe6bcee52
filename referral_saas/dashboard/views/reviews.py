"""The review queue, one review's page, and what people decide there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.ids import parse_public_id, public_id
from kit.tenancy import tenant_transaction
from referral_saas.dashboard.access import review_for
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.forms.reviews import BulkForm, DecisionForm
from referral_saas.dashboard.frame import DeskRequest, change, finished, outside, page, show
from referral_saas.dashboard.listing import LARGEST_PAGE, Filters, Page
from referral_saas.dashboard.lists.listed import Listing
from referral_saas.dashboard.lists.reviews import DECIDED, SAMPLE, WAITING
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.review_list import (
    cases_of,
    money_of_all,
    page_by_number,
    sample_outcome,
    tallies,
)
from referral_saas.dashboard.review_page import review_context
from referral_saas.dashboard.review_preview import preview_of, problem_text
from rewards.actions.reviews import ReviewStateError, decide, undo
from rewards.models import Reward
from rewards.review_selectors import reviews_decided
from rewards.steps.reviews import Done, decide_many, undo_many
from tracking.models import Review

QUEUE = "/reviews"


# --- the queue ------------------------------------------------------------------------------------------------------


@page()
def waiting(request: DeskRequest) -> HttpResponse:
    """What somebody has to decide, the most urgent first."""
    filters, rows = WAITING.chosen(request)
    more = {"money": money_of_all(), "just": _just(request), "may_bulk": request.desk.may("review.decide")}
    return _listed(request, page_by_number(request, rows, WAITING.whole), filters, "waiting", WAITING, **more)


@page()
def sample(request: DeskRequest) -> HttpResponse:
    """A few of those that passed, to see whether the checks are right."""
    filters, rows = SAMPLE.chosen(request)
    more = {"outcome": sample_outcome(), "just": _just(request), "may_bulk": request.desk.may("review.decide")}
    return _listed(request, page_by_number(request, rows, SAMPLE.whole), filters, "sample", SAMPLE, **more)


@page()
def decided(request: DeskRequest) -> HttpResponse:
    filters, found = DECIDED.shown(request)
    return _listed(request, found, filters, "decided", DECIDED)


def _listed(
    request: DeskRequest, found: Page, filters: Filters, shown: str, listing: Listing, **more: Any
) -> HttpResponse:
    cases = cases_of(request.desk, found.rows)
    context = {"page": found, "filters": filters, "cases": cases, "shown": shown, "tabs": _tabs(request, shown)}
    return show(request, "dashboard/reviews/list.html", context | listing.export(request, filters) | more)


def _tabs(request: DeskRequest, shown: str) -> list[dict[str, Any]]:
    base, counts = f"/w/{request.desk.merchant.slug}{QUEUE}", tallies()
    known = [
        ("waiting", "", _("Waiting"), counts.open),
        ("sample", "/sample", _("Sample"), counts.samples),
        ("decided", "/decided", _("Decided"), None),
    ]
    return [
        {"label": label, "url": base + path, "current": name == shown, "count": count}
        for name, path, label, count in known
    ]


def _just(request: DeskRequest) -> list[Review]:
    """What this person has just decided, to be taken back at one press."""
    keys = _keys(request.GET.get("just", "").split(","))
    return list(reviews_decided().filter(pk__in=keys, decided_by=request.desk.by)) if keys else []


def _keys(told: list[str]) -> list[UUID]:
    found = [parse_public_id("rev", one) for one in told[:LARGEST_PAGE]]
    return [key for key in dict.fromkeys(found) if key]


# --- several at once ------------------------------------------------------------------------------------------------


@outside("review.decide")
def several(request: DeskRequest) -> HttpResponse:
    """What pressing would do is shown before it is done. A single case is decided at once, as on its own page."""
    form, keys, ok = BulkForm(request.POST), _keys(request.POST.getlist("review")), request.POST.get("do") != "refuse"
    if len(keys) < 2 or not form.is_valid():
        return _decided(request, ok=ok)
    with tenant_transaction(read_only=True):
        context = preview_of(keys, ok=ok) | {"form": form, "from": request.POST.get("from", "")}
        return finished(show(request, "dashboard/reviews/several.html", context))


@outside("review.decide")
def approve(request: DeskRequest) -> HttpResponse:
    return _decided(request, ok=True)


@outside("review.decide")
def refuse(request: DeskRequest) -> HttpResponse:
    return _decided(request, ok=False)


def _decided(request: DeskRequest, *, ok: bool) -> HttpResponse:
    form, keys = BulkForm(request.POST), _keys(request.POST.getlist("review"))
    if not form.is_valid() or not keys:
        messages.warning(request, _("Tick at least one case.") if form.is_valid() else _("The note is too long."))
        return done(request, _back(request))
    told = {"note": form.cleaned_data["note"], "tell": form.cleaned_data["tell"], "by": request.desk.by}
    ref = request.desk.membership.tenant_ref()
    worked = decide_many(ref, review_ids=keys, advocate_ok=ok, friend_ok=ok, **told)
    _say_late(request, worked)
    just = ",".join(public_id("rev", key) for key in keys if key not in worked.late) if worked.done else ""
    return done(request, f"{_back(request)}?just={just}" if just else _back(request))


def _back(request: DeskRequest) -> str:
    """The list it was pressed on."""
    return f"{QUEUE}/sample" if request.POST.get("from") == "sample" else QUEUE


@outside("review.decide")
def undo_several(request: DeskRequest) -> HttpResponse:
    keys = _keys(request.POST.getlist("review"))
    worked = undo_many(request.desk.membership.tenant_ref(), review_ids=keys, by=request.desk.by)
    _say_late(request, worked)
    said = ngettext("%(count)s case waits again.", "%(count)s cases wait again.", worked.done)
    return done(request, _back(request), said % {"count": worked.done} if worked.done else "")


def _say_late(request: DeskRequest, worked: Done) -> None:
    if count := len(worked.late):
        said = ngettext(
            "%(count)s case stays as it is: somebody was quicker, or it was paid meanwhile.",
            "%(count)s cases stay as they are: somebody was quicker, or they were paid meanwhile.",
            count,
        )
        messages.warning(request, said % {"count": count})


# --- one of them ----------------------------------------------------------------------------------------------------


@page()
def review(request: DeskRequest, public_id: str) -> HttpResponse:
    return review_page(request, review_for(public_id))


def review_page(request: DeskRequest, found: Review, *, status: int = 200, **more: Any) -> HttpResponse:
    context = review_context(request.desk, found)
    choices = [(side.name, side.label) for side in context["sides"]] or [
        (Reward.Side.ADVOCATE.value, str(Reward.Side.ADVOCATE.label))
    ]
    forms = {f"{name}_form": DecisionForm(sides=choices, auto_id=f"{name}-%s") for name in ("give", "refuse", "each")}
    return show(request, "dashboard/reviews/page.html", context | forms | more, status=status)


@change("review.decide")
def decide_one(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = review_for(public_id), request.desk
    sides = [(side.value, str(side.label)) for side in Reward.Side]
    form = DecisionForm(request.POST, sides=sides, auto_id="each-%s")
    if not form.is_valid():
        return review_page(request, found, status=422, each_form=form)
    said = {"note": form.cleaned_data["note"], "tell": form.cleaned_data["tell"], "by": desk.by, "now": desk.now}
    oks = {f"{side.lower()}_ok": form.ok(side) for side, _label in sides}
    return _tried(request, found, lambda: decide(review=found, **oks, **said))  # type: ignore[arg-type]


@change("review.decide")
def undo_one(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = review_for(public_id), request.desk
    return _tried(request, found, lambda: undo(review=found, by=desk.by, now=desk.now))


def _tried(request: DeskRequest, found: Review, act: Callable[[], Review]) -> HttpResponse:
    """On to the next page with a word; where somebody else was first, the page as it stands now, saying so."""
    try:
        after = act()
    except ReviewStateError as error:
        return review_page(request, review_for(public(found)), status=409, problem=problem_text(error.code))
    said = {
        Review.State.CLEARED: _("Approved. What it held back goes on."),
        Review.State.REFUSED: _("Refused. It can be undone while nothing is paid."),
        Review.State.OPEN: _("Saved. It waits for the rest of the decision."),
    }
    return done(request, f"{QUEUE}/{public(found)}", said.get(Review.State(after.state), _("Saved.")))
