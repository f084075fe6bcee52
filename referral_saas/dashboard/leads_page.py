"""The board of leads, and the page of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from advocates.desk_selectors import notes_on
from kit.language import language_of_page
from kit.money import format_money
from leads.models import Lead
from leads.rules import ENDED, OPEN, Stage, is_overdue, next_stage
from leads.selectors import newest_of_each, totals
from leads.wording import decision_text
from merchants.models import Event, Membership
from referral_saas.dashboard.event_words import lines_of
from referral_saas.dashboard.forms.leads import DetailsForm, LoseForm, MoveForm, PlanForm, WinForm
from referral_saas.dashboard.frame import Desk, DeskRequest
from referral_saas.dashboard.listing import address
from referral_saas.dashboard.lists.leads import lead_filters, narrowed, owners, today_for
from referral_saas.dashboard.paths import link_to, path_of, public
from referral_saas.templatetags.ui import Tone, breakable, day

#: Cards of one column; the list has the rest.
MOST_CARDS, MOST_ENDED = 50, 10
EVENTS_SHOWN, NOTES_SHOWN = 100, 3
_TONES: dict[str, Tone] = {"NEW": "info", "WON": "good", "LOST": "neutral"}


@dataclass(frozen=True)
class Card:
    lead: Lead
    owner: str
    is_overdue: bool
    #: The stage that usually follows; empty where an end does.
    next: str
    next_label: str

    @property
    def is_open(self) -> bool:
        return self.lead.stage in OPEN

    @property
    def tone(self) -> Tone:
        return _TONES.get(self.lead.stage, "info")


@dataclass(frozen=True)
class Column:
    stage: str
    label: str
    #: Of all leads of this stage, whether a card shows them or not.
    count: int
    sums: list[str]
    cards: list[Card] = field(default_factory=list)
    more_url: str = ""


def board_context(request: DeskRequest) -> dict[str, Any]:
    """Seven statements, however many leads there are."""
    desk = request.desk
    filters = lead_filters(request, desk, show=("program", "owner", "due"))
    rows = narrowed(Lead.objects.all(), filters, desk)
    found, counted = newest_of_each(rows, Lead.Stage.values, most=MOST_CARDS), totals(rows)
    seats, today = {member.user_id for member in owners()}, today_for(desk)
    columns = []
    for stage in (*OPEN, *ENDED):
        cards = [card_of(lead, today, seats) for lead in found.get(stage, [])]
        shown = cards[: MOST_ENDED if stage in ENDED else MOST_CARDS]
        count = sum(total.count for total in counted if total.stage == stage)
        sums = [_money(total.minor, total.currency) for total in counted if total.stage == stage and total.minor]
        more = _list_url(request, stage) if count > len(shown) else ""
        columns.append(Column(stage, str(Lead.Stage(stage).label), count, sums, shown, more))
    return {
        "filters": filters,
        "columns": columns,
        "has_any": any(column.count for column in columns),
        "list_url": _list_url(request),
    }


def card_of(lead: Lead, today: date, seats: Collection[UUID]) -> Card:
    following = next_stage(Stage(lead.stage))
    label = str(Lead.Stage(following).label) if following else ""
    late = is_overdue(Stage(lead.stage), lead.due_date, today)
    return Card(lead, owner_text(lead, seats), late, following or "", label)


def owner_text(lead: Lead, seats: Collection[UUID]) -> str:
    if lead.owner is None:
        return _("Nobody yet")
    return str(lead.owner) if lead.owner_id in seats else _("%(name)s, who has left") % {"name": lead.owner}


def _list_url(request: DeskRequest, stage: str = "") -> str:
    """The list of what the board shows."""
    asked = address(request, stage=stage).partition("?")[2]
    path = f"/w/{request.desk.merchant.slug}/leads/list"
    return f"{path}?{asked}" if asked else path


def lead_context(desk: Desk, lead: Lead, **bound: Any) -> dict[str, Any]:
    """``bound`` holds a form that was filled in wrongly, by the name it has in the template."""
    members, today, zone = owners(), today_for(desk), desk.workspace.time_zone
    seats, base = {member.user_id for member in members}, f"/w/{desk.merchant.slug}"
    events = Event.objects.filter(subject_id=lead.pk).order_by("-seq")[:EVENTS_SHOWN]
    return {
        "lead": lead,
        "card": (card := card_of(lead, today, seats)),
        "tone": card.tone,
        "steps": _steps(lead),
        "is_open": lead.stage in OPEN,
        "is_erased": lead.customer.erased_at is not None,
        "can_win": desk.may("order.record") and lead.customer.erased_at is None,
        "is_closing": lead.stage == Stage.NEGOTIATION or "win_form" in bound,
        "why": decision_text(lead),
        "facts": _facts(desk, lead, seats),
        "history": lines_of(events, zone=zone),
        "notes": notes_on(lead.customer)[:NOTES_SHOWN],
        "notes_url": f"{path_of(base, lead.customer)}#notes",
        "order_url": path_of(base, lead.order) if lead.order else "",
        **_forms(desk, lead, members),
        **bound,
    }


def _forms(desk: Desk, lead: Lead, members: list[Membership]) -> dict[str, Any]:
    return {
        "move_form": MoveForm(lead),
        "plan_form": PlanForm.of(lead, members),
        "win_form": WinForm(lead, now=desk.now, zone=desk.workspace.time_zone),
        "lose_form": LoseForm(lead),
        "details_form": DetailsForm.of(lead),
    }


def _steps(lead: Lead) -> list[dict[str, str]]:
    """The way up to where it stands; of a lost one only that it was."""
    if lead.stage == Stage.LOST:
        return []
    way = [*OPEN, Stage.WON]
    here = way.index(Stage(lead.stage))
    told = ["done" if place < here else "now" if place == here else "ahead" for place in range(len(way))]
    return [{"label": str(Lead.Stage(stage).label), "state": state} for stage, state in zip(way, told, strict=True)]


def _facts(desk: Desk, lead: Lead, seats: Collection[UUID]) -> list[tuple[str, object]]:
    zone, base = desk.workspace.time_zone, f"/w/{desk.merchant.slug}"
    advocate = link_to(base, lead.advocate) if lead.advocate else _("Nobody")
    rows: list[tuple[str, object]] = [
        (_("Company"), lead.company),
        (pgettext("person", "Name"), lead.name),
        (_("E-mail"), link_to(base, lead.customer, breakable(lead.customer.email))),
        (_("Phone"), lead.phone),
        (_("Advocate"), advocate),
        (_("Program"), link_to(base, lead.program)),
        (_("Came in"), f"{day(lead.created_at, zone)}, {lead.get_source_display()}"),
        (_("Asked again"), day(lead.asked_again_at, zone) if lead.asked_again_at else ""),
        (_("Looked after by"), owner_text(lead, seats)),
        (_("May be worth"), _money(lead.value_minor, lead.currency) if lead.value_minor is not None else ""),
        (_("Agreed"), _money(lead.won_minor, lead.currency) if lead.won_minor is not None else ""),
        (_("Lost because"), lead.get_lost_reason_display() if lead.lost_reason else ""),
        (_("In your words"), lead.lost_words),
    ]
    return [(label, value) for label, value in rows if value]


def _money(minor: int, currency: str) -> str:
    return format_money(minor, currency, language_of_page())


def path_to(lead: Lead) -> str:
    return f"/leads/{public(lead)}"
