"""The way to the first live program: its steps, which of them are done, and the checklist at their end.

Nothing of it is kept that can be asked: a step is done when its rows say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.order_values import OrderValues, order_values
from insights.setting_up import Shown, shown_by
from integrations.heartbeats import heartbeats
from integrations.selectors import connections
from merchants.models import ApiKey
from merchants.selectors import api_keys
from programs.actions.setup import AlreadyLive
from programs.models import Program, Setup
from programs.rules.margin import Business
from programs.selectors import draft_to_set_up, setup, terms_digest, was_published
from referral_saas.dashboard.answers import refused
from referral_saas.dashboard.frame import Desk, DeskRequest

P = ParamSpec("P")

STEPS: dict[str, str | Promise] = {
    "sell": gettext_lazy("What you sell"),
    "reward": gettext_lazy("Offer and reward"),
    "brand": gettext_lazy("Your brand"),
    "shop": gettext_lazy("Your shop"),
    "customers": gettext_lazy("Customers"),
    "terms": gettext_lazy("Terms"),
    "launch": gettext_lazy("Launch"),
}
#: Those that cannot be answered before there is a draft.
NEED_DRAFT = ("reward", "terms", "launch")


@dataclass
class Way:
    """Where a workspace stands on its way."""

    desk: Desk
    setup: Setup | None
    program: Program | None

    @cached_property
    def shown(self) -> Shown:
        return shown_by(self.program)

    @cached_property
    def values(self) -> OrderValues:
        return order_values(self.desk.workspace.currency, now=self.desk.now)

    @property
    def said(self) -> Business:
        """What the merchant told of the business. How much its orders differ nobody tells: they say so each time."""
        return replace(Business.from_json(self.setup.figures if self.setup else {}), spread_bp=None)

    @property
    def known(self) -> Business:
        """What the shop's own orders tell of it."""
        own = self.values
        return Business(order_minor=own.average_minor, return_bp=own.return_bp, spread_bp=own.spread_bp)

    @cached_property
    def is_connected(self) -> bool:
        """In one statement: by a connection, a key of its own, or our script in its pages."""
        keys = api_keys().filter(revoked_at=None, kind=ApiKey.Kind.SECRET)
        signs = [rows.order_by().values("pk") for rows in (connections(), keys, heartbeats())]
        return bool(signs[0].union(*signs[1:]).exists())

    @cached_property
    def done(self) -> dict[str, bool]:
        """By the name of the step; a step that was put off counts as done."""
        kept = set(self.setup.kept if self.setup else ())
        return {
            "sell": self.program is not None,
            "reward": self.program is not None and "reward" in kept,
            "brand": "brand" in kept,
            "shop": "shop" in self.put_off or self.is_connected,
            "customers": "customers" in self.put_off or self.shown.has_brought_customers,
            "terms": self.has_read_terms,
            "launch": False,
        }

    @cached_property
    def put_off(self) -> set[str]:
        """Steps that are done for now, and not yet by what they were for."""
        there = {"shop": self.is_connected, "customers": self.shown.has_brought_customers}
        return {step for step in (self.setup.skipped if self.setup else ()) if not there.get(step)}

    @property
    def has_read_terms(self) -> bool:
        read = self.setup.terms_read if self.setup else ""
        return bool(self.program and read and read == terms_digest(self.program.draft_terms))

    @property
    def next_step(self) -> str:
        return next(step for step, is_done in self.done.items() if not is_done)

    @property
    def left(self) -> int:
        return sum(not is_done for is_done in self.done.values())

    @property
    def count(self) -> int:
        return len(STEPS)

    def steps(self, here: str = "") -> list[dict[str, str]]:
        """As the component draws them; where one stands is the one marked."""
        here = here or self.next_step
        return [
            {
                "label": str(label),
                "url": address_of(self.desk, step) if self.program or step not in NEED_DRAFT else "",
                "state": "now" if step == here else self._state(step),
            }
            for step, label in STEPS.items()
        ]

    def _state(self, step: str) -> str:
        if not self.done[step]:
            return "ahead"
        return "later" if step in self.put_off else "done"


def way_of(desk: Desk, *, is_published: bool | None = None) -> Way | None:
    """None once any program was published: from then on programs are changed in their editor. ``is_published`` says so
    where it is known already."""
    if was_published() if is_published is None else is_published:
        return None
    found = setup()
    program = found.program if found else None
    return Way(desk, found, program if program and not program.archived_at else draft_to_set_up())


def address_of(desk: Desk, step: str) -> str:
    return f"/w/{desk.merchant.slug}/setup/{step}"


def after(step: str) -> str:
    names = list(STEPS)
    return names[names.index(step) + 1]


Step = Callable[Concatenate[DeskRequest, Way, P], HttpResponse]


def on_the_way(name: str) -> Callable[[Step[P]], Callable[Concatenate[DeskRequest, P], HttpResponse]]:
    """Gives a step its Way. Who comes too early is led to the first step, who comes too late to what is live."""

    def decorate(view: Step[P]) -> Callable[Concatenate[DeskRequest, P], HttpResponse]:
        @wraps(view)
        def served(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            way = way_of(request.desk)
            if way is None:
                return redirect(f"/w/{request.desk.merchant.slug}/setup/live")
            if name in NEED_DRAFT and way.program is None:
                return redirect(address_of(request.desk, "sell"))
            try:
                return view(request, way, *args, **kwargs)
            except AlreadyLive:  # somebody else published it meanwhile
                return refused(request, "/setup/live", _("Your program went live meanwhile. Nothing was changed."))

        return served

    return decorate
