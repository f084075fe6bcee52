"""A draft against what is live, and what stands against publishing it, in words with the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kit.ids import public_id
from programs.kind_wording import fulfilment_name
from programs.models import Program
from programs.problems import field_name, problem_text
from programs.rules import Fulfilment, Gives, Problem
from programs.selectors import given_by
from programs.wording.changes import Difference, differences
from referral_saas.dashboard.forms.program.editor import STANDS_AT


@dataclass(frozen=True, slots=True)
class WayOut:
    """One problem, where it lies, and the page on which it can be mended."""

    label: str
    text: str
    path: str
    action: str


def changes_of(program: Program, language: str) -> list[Difference]:
    """What publishing changes, rule by rule, in the order of the editor. Empty without a published version."""
    if program.terms is None:
        return []
    return differences(program.terms.as_terms(), program.draft_terms, program, language)


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
