"""A draft against what is live, and what stands against publishing it, in words with the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.money import format_money
from kit.wording import day, number, percent
from programs.models import Program
from programs.problems import field_name, problem_text
from programs.rules import Problem, Terms, Value
from referral_saas.dashboard.forms.program import ProgramForm
from referral_saas.dashboard.forms.terms import as_typed

_MONEY = {"min_order_minor", "advocate_reward_cap", "friend_reward_cap"}
_DATES = {"starts_on", "ends_on"}
_NOT_GIVEN = {"offer": "offer_", "friend_reward": "friend_reward_"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that publishing changes, as it is and as it would be."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """One problem, where it lies, and the page on which it can be mended."""

    label: str
    text: str
    path: str
    action: str


def changes_of(program: Program, language: str) -> list[Difference]:
    """What publishing changes, rule by rule, in the order of the form. Empty without a published version."""
    if program.terms is None:
        return []
    live, draft = program.terms.as_terms(), program.draft_terms
    before, after = _said(live, language), _said(draft, language)
    form = ProgramForm(program=program)
    return [
        Difference(str(form.fields[name].label), before.get(name, ""), after.get(name, ""))
        for name in form.fields
        if before.get(name, "") != after.get(name, "")
    ]


def ways_out(program: Program, problems: Sequence[Problem]) -> list[WayOut]:
    return [_way_out(program, problem) for problem in problems]


def _way_out(program: Program, problem: Problem) -> WayOut:
    label, text, base = field_name(problem.field), problem_text(problem), f"/programs/{program.slug}"
    if problem.code == "no_codes":
        purpose = "offer" if problem.field == "offer_source" else "reward"
        return WayOut(label, text, f"{base}/codes/{purpose}", _("Upload codes"))
    if problem.code == "not_connected":
        return WayOut(label, text, "/connections/new/webhook", _("Add a webhook"))
    return WayOut(label, text, f"{base}/edit?check=1#id_{problem.field}", _("Change it"))


def _said(terms: Terms, language: str) -> dict[str, str]:
    """Every rule of the form as a person reads it; what belongs to a side that is not given is left out."""
    typed = as_typed(terms)
    absent = tuple(prefix for side, prefix in _NOT_GIVEN.items() if getattr(terms, side) is None)
    return {
        name: _value_words(name, value, typed, terms, language)
        for name, value in typed.items()
        if not (absent and name.startswith(absent))
    }


def _value_words(name: str, value: Any, typed: dict[str, Any], terms: Terms, language: str) -> str:
    if name.endswith("_value"):
        return _amount_words(terms, name.removesuffix("_value"), language)
    if value in ("", None):
        return _("none")
    if name in _MONEY:
        return format_money(_minor(terms, name), terms.currency, language)
    if name in _DATES:
        return day(date.fromisoformat(value), "UTC", language)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _days(value, language) if name.endswith("_days") else number(value, language)
    return _choice_words(name, str(value))


def _days(count: int, language: str) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": number(count, language)}


def _amount_words(terms: Terms, side: str, language: str) -> str:
    rule = getattr(terms, side)
    return (
        percent(rule.value, language)
        if rule.kind == Value.PERCENT
        else format_money(rule.value, terms.currency, language)
    )


def _minor(terms: Terms, name: str) -> int:
    if name == "min_order_minor":
        return terms.min_order_minor
    return int(getattr(terms, name.removesuffix("_cap")).cap_minor)


def _choice_words(name: str, value: str) -> str:
    """The label of a choice; other text as it is."""
    choices = getattr(ProgramForm.base_fields.get(name), "choices", ())
    return str(dict(choices).get(value, value))
