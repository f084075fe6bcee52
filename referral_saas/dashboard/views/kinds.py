"""The catalogue of what can be given: the list, a new kind in two steps, a page each with its stock and codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.language import language_of_page
from kit.units import MONTHS, PIECES, POINTS
from programs.actions.kinds import (
    BadKind,
    archive_kind,
    create_kind,
    is_low,
    rename_kind,
    restore_kind,
    set_stock,
)
from programs.kind_wording import (
    FORM_WORDS,
    FULFILMENT_WORDS,
    MECHANISM_WORDS,
    form_name,
    fulfilment_name,
    kind_problem_text,
    setting_name,
)
from programs.models import KindStock, RewardKind
from programs.presets import PRESETS, Preset
from programs.rules import FORMS, Form, Fulfilment, Mechanism
from programs.selectors import archived_kinds, codes_of_kind, kinds, programs_giving, stock_of_kind
from referral_saas.dashboard.access import kind_for
from referral_saas.dashboard.account_words import simulated_mark
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.kinds import KindForm, RenameForm, StockForm, preset_initial, worth_text
from referral_saas.dashboard.frame import Desk, DeskRequest, change, form_page, page, show
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.stock_words import Supply, supplies, supply_of
from rewards.models import Reward


@dataclass(frozen=True)
class KindLine:
    kind: RewardKind
    form: str
    by: str
    supply: Supply | None


@page()
def listed(request: DeskRequest) -> HttpResponse:
    found = list(kinds())
    stock = supplies(found)
    lines = [KindLine(one, form_name(one.form), _deliverer(one), stock.get(one.pk)) for one in found]
    context = {"lines": lines, "archived": list(archived_kinds()), "presets": list(PRESETS.values())}
    return show(request, "dashboard/kinds/list.html", context)


def _deliverer(kind: RewardKind) -> str:
    return fulfilment_name(kind.fulfilment) + simulated_mark(kind.fulfilment)


@form_page("program.edit")
def new(request: DeskRequest) -> HttpResponse:
    """Without a form in the address: choose one. With it: what that form needs."""
    preset = PRESETS.get(request.GET.get("preset", ""))
    chosen = preset.form.value if preset else request.GET.get("form", "")
    if chosen not in Form.__members__:
        return show(request, "dashboard/kinds/choose.html", {"groups": _groups(), "presets": list(PRESETS.values())})
    return _new_of(request, Form(chosen), preset)


def _new_of(request: DeskRequest, chosen: Form, preset: Preset | None) -> HttpResponse:
    currency = request.desk.workspace.currency
    initial = preset_initial(preset, currency) if preset else None
    data = request.POST if request.method == "POST" else None
    form = KindForm(data, form=chosen, currency=currency, initial=initial)
    if form.is_valid() and (made := _made(request, form)):
        return done(request, f"/kinds/{public(made)}", _("%(name)s is in your catalogue.") % {"name": made.name})
    name, description = FORM_WORDS[chosen]
    context = {"form": form, "form_name": name, "description": description, "currency": currency}
    return show(request, "dashboard/kinds/new.html", context, status=422 if form.errors else 200)


def _made(request: DeskRequest, form: KindForm) -> RewardKind | None:
    desk = request.desk
    try:
        return create_kind(gives=form.gives(), sizes=form.cleaned_data.get("sizes"), by=desk.by, now=desk.now)
    except BadKind as error:
        for problem in error.problems:
            point_out(form, problem.field, kind_problem_text(problem))
        return None


def _groups() -> list[tuple[str, list[tuple[str, ...]]]]:
    """The forms by mechanism: key, name and what it is."""
    return [
        (
            str(words),
            [(form.value, *map(str, FORM_WORDS[form])) for form, row in FORMS.items() if row.mechanism == mechanism],
        )
        for mechanism, words in MECHANISM_WORDS.items()
    ]


@page()
def one(request: DeskRequest, public_id: str) -> HttpResponse:
    return _page(request, kind_for(public_id))


def _page(request: DeskRequest, kind: RewardKind, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "kind": kind,
        "facts": _facts(request.desk, kind),
        "programs": programs_giving(kind),
        "supply": supply_of(kind),
        "stock": [_shelf(row) for row in stock_of_kind(kind)],
        "is_thing": kind.as_gives().mechanism == Mechanism.THING,
        "is_pool": kind.fulfilment == Fulfilment.COUPON_POOL,
        "codes": codes_of_kind(kind),
        "rename_form": RenameForm(initial={"name": kind.name}, auto_id="rename-%s"),
        "stock_form": StockForm(auto_id="stock-%s"),
    }
    return show(request, "dashboard/kinds/page.html", context | more, status=status)


def _shelf(row: KindStock) -> tuple[KindStock, bool]:
    return row, is_low(row)


def _facts(desk: Desk, kind: RewardKind) -> list[tuple[str, object]]:
    gives, form = kind.as_gives(), FORM_WORDS[Form(kind.form)]
    after = ngettext("%(days)s day after they get it", "%(days)s days after they get it", kind.valid_days or 0)
    days = after % {"days": kind.valid_days} if kind.valid_days else _("for ever")
    given = Reward.objects.filter(kind=kind, fulfilled_at__isnull=False).count()
    rows = [
        (_("What it is"), form[1]),
        (_("Who delivers it"), f"{_deliverer(kind)}. {FULFILMENT_WORDS[gives.fulfilment][1]}"),
        (_("Counted in"), _unit_words(kind.unit)),
        (_("What one is worth"), worth_text(gives, desk.workspace.currency, language_of_page())),
        (_("Can be used"), days),
        *((setting_name(name), value) for name, value in kind.setting.items()),
        (_("Delivered so far"), str(given)),
    ]
    return [row for row in rows if row[1]]


def _unit_words(unit: str) -> str:
    return {PIECES: _("pieces"), MONTHS: _("months"), POINTS: _("points")}.get(unit, unit)


@change("program.edit")
def rename(request: DeskRequest, public_id: str) -> HttpResponse:
    kind, form = kind_for(public_id), RenameForm(request.POST, auto_id="rename-%s")
    if not form.is_valid():
        return _page(request, kind, status=422, rename_form=form)
    name = form.cleaned_data["name"]
    return _tried(request, kind, _("Renamed."), lambda told: rename_kind(kind=kind, name=name, **told))


@change("program.edit")
def count(request: DeskRequest, public_id: str) -> HttpResponse:
    """How many of a size are on the shelf."""
    kind, form = kind_for(public_id), StockForm(request.POST, auto_id="stock-%s")
    if not form.is_valid():
        return _page(request, kind, status=422, stock_form=form)
    return _tried(request, kind, _("Counted."), lambda told: set_stock(kind=kind, **form.cleaned_data, **told))


@change("program.edit")
def move(request: DeskRequest, public_id: str, verb: str) -> HttpResponse:
    kind = kind_for(public_id)
    act = {"archive": archive_kind, "restore": restore_kind}[verb]
    said = {"archive": _("Put away. What was promised with it is given all the same."), "restore": _("It is back.")}
    return _tried(request, kind, said[verb], lambda told: act(kind=kind, **told))


def _tried(request: DeskRequest, kind: RewardKind, said: str, act: Callable[[dict[str, Any]], object]) -> HttpResponse:
    path = f"/kinds/{public(kind)}"
    try:
        act({"by": request.desk.by, "now": request.desk.now})
    except BadKind as error:
        return refused(request, path, " ".join(kind_problem_text(problem) for problem in error.problems))
    return done(request, path, said)
