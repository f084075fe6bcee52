"""A draft against what is live, and what stands against publishing it, in words with the way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.ids import public_id
from kit.money import format_money
from kit.units import amount_text
from kit.wording import day, number, percent
from programs.kind_wording import fulfilment_name
from programs.models import Program
from programs.problems import field_name, problem_text
from programs.rules import Fulfilment, Gives, Offer, Problem, Terms, Value
from programs.selectors import given_by
from programs.wording import grouped_rules, reward_value
from referral_saas.dashboard.forms.program import ProgramForm, as_typed
from referral_saas.dashboard.forms.program.editor import STANDS_AT

_MONEY = {"min_order_minor", "advocate_reward_cap", "friend_reward_cap"}
_DATES = {"starts_on", "ends_on", "holiday_from", "holiday_to", "holiday_until"}
_DAYS = ("_days", "trust_1", "trust_2", "trust_3")
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
    plain = [
        Difference(str(field.label), before.get(name, ""), after.get(name, ""))
        for name, field in ProgramForm.base_fields.items()
        if before.get(name, "") != after.get(name, "")
    ]
    return [*plain, *_grouped_changes(program, live, draft, language)]


def _grouped_changes(program: Program, live: Terms, draft: Terms, language: str) -> Iterator[Difference]:
    """Levels, choices and holds of certain products, each as its sentences."""
    before, after = grouped_rules(live, program, language), grouped_rules(draft, program, language)
    for field, sentences in after.items():
        if before[field] != sentences:
            yield Difference(field_name(field), " ".join(before[field]) or _("none"), " ".join(sentences) or _("none"))


def ways_out(program: Program, problems: Sequence[Problem]) -> list[WayOut]:
    """A side that gives several things has one problem for each: they are told apart by their order."""
    given = given_by(program.draft_terms)
    return [_way_out(program, problem, given) for problem in problems]


def _way_out(program: Program, problem: Problem, given: Sequence[tuple[str, Fulfilment, Gives | None]]) -> WayOut:
    label, text, base = field_name(problem.field), problem_text(problem), f"/programs/{program.slug}"
    edit = f"{base}/edit?check=1#id_{STANDS_AT.get(problem.field, problem.field)}"
    if problem.code == "no_codes":
        return _codes_way(label, text, base, problem, given)
    if problem.code == "no_stock":
        things = [gives for field, way, gives in given if field == problem.field and way == Fulfilment.SHIPMENT]
        kind = next(gives for gives in things if gives)
        return WayOut(f"{label}: {kind.name}", text, f"/kinds/{public_id('knd', UUID(kind.id))}", _("Count the stock"))
    if problem.code == "needs_page":
        return WayOut(label, text, f"{base}/links", _("See the links"))
    if problem.code == "not_connected":
        ways = [fulfilment for field, fulfilment, _gives in given if field == problem.field]
        return _connection_way(label, text, ways)
    return WayOut(label, text, edit, _("Change it"))


def _codes_way(label: str, text: str, base: str, problem: Problem, given: Sequence[Any]) -> WayOut:
    pools = [gives for field, way, gives in given if field == problem.field and way == Fulfilment.COUPON_POOL]
    if not pools:
        return WayOut(label, text, f"{base}/codes/offer", _("Upload codes"))
    kind = next((gives for gives in pools if gives), None)
    if kind and None not in pools:
        return WayOut(f"{label}: {kind.name}", text, f"/kinds/{public_id('knd', UUID(kind.id))}", _("Upload codes"))
    return WayOut(label, text, f"{base}/codes/reward", _("Upload codes"))


#: Where what delivers a reward is connected.
_CONNECT = {
    Fulfilment.SHOPIFY_DISCOUNT: "/connections/new/shopify",
    Fulfilment.WOOCOMMERCE_COUPON: "/connections/new/woocommerce",
    Fulfilment.STRIPE_PROMOTION: "/connections/new/stripe",
    Fulfilment.STRIPE_BALANCE: "/connections/new/stripe",
    Fulfilment.GIFT_CARD: "/connections/new/gift-cards",
}


def _connection_way(label: str, text: str, ways: Sequence[Fulfilment]) -> WayOut:
    """To the one service that is missing; with several of them to the list of connections."""
    services = {way for way in ways if way in _CONNECT}
    if len(services) == 1:
        [way] = services
        return WayOut(f"{label}: {fulfilment_name(way)}", text, _CONNECT[way], _("Connect it"))
    if services:
        return WayOut(label, text, "/connections", _("See the connections"))
    return WayOut(label, text, "/connections/new/webhook", _("Add a webhook"))


def _said(terms: Terms, language: str) -> dict[str, str]:
    """Every rule of the form as a person reads it; what belongs to a side that is not given is left out."""
    typed = {name: value for name, value in as_typed(terms).items() if name in ProgramForm.base_fields}
    absent = tuple(prefix for side, prefix in _NOT_GIVEN.items() if getattr(terms, side) is None)
    return {
        name: _value_words(name, value, terms, language)
        for name, value in typed.items()
        if not (absent and name.startswith(absent))
    }


def _value_words(name: str, value: Any, terms: Terms, language: str) -> str:
    if name.endswith("_value"):
        return _amount_words(terms, name.removesuffix("_value"), language)
    if name.endswith("_fulfilment") and (gives := getattr(terms, name.removesuffix("_fulfilment")).gives):
        return str(gives.name)
    if value in ("", None):
        return _("none")
    if name == "advocate_cap_minor":
        unit = terms.advocate_reward.unit_in(terms.currency)
        return amount_text(terms.advocate_cap_minor or 0, unit, language)
    if name in _MONEY:
        return format_money(_minor(terms, name), terms.currency, language)
    if name in _DATES:
        return day(date.fromisoformat(value), "UTC", language)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _days(value, language) if name.endswith(_DAYS) else number(value, language)
    return _choice_words(name, str(value))


def _days(count: int, language: str) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": number(count, language)}


def _amount_words(terms: Terms, side: str, language: str) -> str:
    rule = getattr(terms, side)
    if not isinstance(rule, Offer):
        return reward_value(rule, terms, language)
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
