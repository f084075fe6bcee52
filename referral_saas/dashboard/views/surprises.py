"""The surprise desk: what was given, giving something, and what everybody may give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from advocates.models import Advocate
from kit.language import language_of_page
from kit.units import amount_text
from merchants.models import Membership
from merchants.selectors import member_by_id, team
from programs.actions.kinds import create_kind
from programs.models import RewardKind
from programs.presets import PRESETS
from referral_saas.dashboard.access import advocate_for, surprise_for
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.money import major_text
from referral_saas.dashboard.forms.surprises import AllowanceForm, SurpriseForm
from referral_saas.dashboard.frame import Desk, DeskRequest, change, form_page, page, show
from referral_saas.dashboard.lists.rewards import SURPRISES
from referral_saas.dashboard.people import search_people
from rewards.actions.blocks import RewardStateError
from rewards.actions.rejection import REFUSABLE
from rewards.actions.surprise import (
    BadSurprise,
    OverAllowance,
    Room,
    give_again,
    give_surprise,
    room_of,
    rooms_of,
    set_allowance,
    take_back,
)
from rewards.models import Reward, Surprise
from rewards.selectors import refused_by

MOST_FOUND = 20


@dataclass(frozen=True)
class Line:
    surprise: Surprise
    can_take_back: bool
    can_give_again: bool


@page()
def listed(request: DeskRequest) -> HttpResponse:
    filters, found = SURPRISES.shown(request)
    by_whom = refused_by([row.reward_id for row in found.rows])
    context = {
        "filters": filters,
        "page": found,
        "lines": [_line(row, request.desk, by_whom.get(row.reward_id, "")) for row in found.rows],
        "room": room_of(request.desk.membership, now=request.desk.now),
    }
    return show(request, "dashboard/surprises/list.html", context | SURPRISES.export(request, filters))


def _line(row: Surprise, desk: Desk, by_whom: str) -> Line:
    reward: Reward = row.reward
    is_refused = reward.rejected_at is not None
    can_take_back = reward.state in REFUSABLE and not is_refused and _is_theirs(row, desk)
    return Line(row, can_take_back, is_refused and _is_theirs(row, desk, by_whom))


def _is_theirs(surprise: Surprise, desk: Desk, refused_by: str = "") -> bool:
    """Whoever gave it takes it back, and gives again what they took back themselves. What somebody else refused, or
    gave from an allowance of their own, is for those who decide such things."""
    return desk.may("review.decide") or (surprise.user_id == desk.user.pk and refused_by in ("", desk.by))


@form_page("reward.give")
def new(request: DeskRequest) -> HttpResponse:
    """Without an advocate in the address: find one."""
    asked = request.GET.get("advocate", "")
    if not asked:
        return _find(request)
    return _give_to(request, advocate_for(asked))


def _find(request: DeskRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:254]
    open_states = [Advocate.State.ACTIVE, Advocate.State.PAUSED]
    rows = Advocate.objects.filter(state__in=open_states).select_related("customer", "program")
    found = search_people(rows, text, prefix="customer__").order_by("-enrolled_at")[:MOST_FOUND]
    return show(request, "dashboard/surprises/find.html", {"q": text, "found": list(found)})


def _give_to(request: DeskRequest, advocate: Advocate) -> HttpResponse:
    desk = request.desk
    currency = desk.workspace.currency
    form = SurpriseForm(request.POST if request.method == "POST" else None, currency=currency)
    if form.is_valid() and _given(desk, advocate, form):
        return done(request, "/surprises", _("%(name)s gets it. A mail tells them.") % {"name": advocate})
    context = {"form": form, "advocate": advocate, "room": room_of(desk.membership, now=desk.now)}
    return show(request, "dashboard/surprises/new.html", context, status=422 if form.errors else 200)


def _given(desk: Desk, advocate: Advocate, form: SurpriseForm) -> Reward | None:
    given = {name: form.cleaned_data[name] for name in ("amount_minor", "reason", "message", "at_once")}
    kind = _made_of_idea(desk, form.idea) if form.idea else form.kind
    told: dict[str, Any] = {"advocate": advocate, "giver": desk.membership, "by": desk.by, "now": desk.now}
    try:
        return give_surprise(kind=kind, money_by=form.money_by, **given, **told)
    except BadSurprise as error:
        point_out(form, error.field, surprise_problem_text(error.code))
    except OverAllowance as error:
        form.add_error("amount", _over(desk, error.left_minor))
    return None


def _made_of_idea(desk: Desk, key: str) -> RewardKind:
    """An idea given for the first time becomes a kind of the catalogue."""
    gives = PRESETS[key].gives_in(desk.workspace.currency)
    known = RewardKind.objects.filter(name=gives.name, archived_at=None).first()
    return known or create_kind(gives=gives, by=desk.by, now=desk.now)


def _over(desk: Desk, left_minor: int) -> str:
    left = amount_text(left_minor, desk.workspace.currency, language_of_page())
    return _("This is more than you may still give this month: %(left)s are left.") % {"left": left}


def surprise_problem_text(code: str) -> str:
    texts = {
        "not_taking_part": _("This person has not accepted to take part yet, or is banned."),
        "kind_archived": _("This one was put away: choose another."),
        "must_be_positive": _("Choose an amount above zero."),
        "required": _("This is needed."),
        "too_long": _("Use 500 characters at most."),
        "worth_unknown": _("Nobody said what one is worth, so no allowance can count it: make a new one that says so."),
    }
    return texts.get(code) or _("Choose one of those on the list.")


@change("reward.give")
def move(request: DeskRequest, public_id: str, verb: str) -> HttpResponse:
    """Take it back while it is not paid, or give it after all."""
    found = surprise_for(public_id)
    told: dict[str, Any] = {"by": request.desk.by, "now": request.desk.now}
    by_whom = refused_by([found.reward_id]).get(found.reward_id, "") if verb == "give-again" else ""
    if not _is_theirs(found, request.desk, by_whom):
        return refused(request, "/surprises", _("Somebody else gave or refused this: only a reviewer may change that."))
    try:
        if verb == "take-back":
            take_back(surprise=found, **told)
            return done(request, "/surprises", _("Taken back. The allowance has it again."))
        give_again(surprise=found, giver=_seat_of(found), **told)
    except RewardStateError:
        return refused(request, "/surprises", _("That cannot be done any more: it was paid or changed meanwhile."))
    except OverAllowance as error:
        return refused(request, "/surprises", _over(request.desk, error.left_minor))
    return done(request, "/surprises", _("They get it after all."))


def _seat_of(surprise: Surprise) -> Membership | None:
    return team().filter(user_id=surprise.user_id).first()


# --- allowances ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seat:
    member: Membership
    room: Room
    form: AllowanceForm


@page("team.manage")
def allowances(request: DeskRequest) -> HttpResponse:
    return _allowances(request)


def _allowances(request: DeskRequest, *, status: int = 200, **bound: Any) -> HttpResponse:
    desk, members = request.desk, list(team())
    rooms = rooms_of(members, now=desk.now)
    seats = [_seat(desk, member, rooms[member.user_id], bound.get(str(member.pk))) for member in members]
    return show(request, "dashboard/surprises/allowances.html", {"seats": seats}, status=status)


def _seat(desk: Desk, member: Membership, room: Room, form: AllowanceForm | None) -> Seat:
    currency = desk.workspace.currency
    initial = {"monthly": major_text(room.monthly_minor, currency)}
    return Seat(member, room, form or AllowanceForm(currency=currency, initial=initial, auto_id=f"a-{member.pk}-%s"))


@change("team.manage")
def allow(request: DeskRequest, member_id: UUID) -> HttpResponse:
    member = member_by_id(member_id)
    if member is None:
        raise Http404
    form = AllowanceForm(request.POST, currency=request.desk.workspace.currency, auto_id=f"a-{member.pk}-%s")
    if not form.is_valid():
        return _allowances(request, status=422, **{str(member.pk): form})
    monthly = form.cleaned_data["monthly"]
    set_allowance(member=member, monthly_minor=monthly, by=request.desk.by, now=request.desk.now)
    return done(request, "/surprises/allowances", _("Saved for %(name)s.") % {"name": member.user})
