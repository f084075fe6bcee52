"""Leads, by stage, by who looks after them, and those whose next step is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from advocates.models import Customer
from kit.clock import now_for
from kit.days import local_date
from kit.many import any_key_of
from kit.money import to_major_text
from leads.models import OPEN_STAGES, Lead
from leads.selectors import is_late
from merchants.models import Membership
from merchants.permissions import can
from merchants.selectors import team
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.listing import Asks, Filters, Sort, by_moment
from referral_saas.dashboard.lists.listed import Listing, each, moment
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.people import LAST, search_people
from referral_saas.dashboard.reader import Reader

_SORTS = (
    *by_moment("created_at"),
    Sort("moved", _("Moved last"), "moved_at", down=True),
    Sort("company", _("Company, A to Z"), "company_key"),
)
OVERDUE, NOT_PLANNED = "late", "open"


class LeadFilters(Filters):
    LABELS = {"stage": _("Stage"), "owner": _("Who looks after it"), "due": _("Next step"), "source": _("Source")}

    def _field(self, name: str, search: object, options: dict[str, Any]) -> forms.Field:
        if name in self.LABELS:
            named = [("", _("All")), *options[name]]
            return forms.ChoiceField(label=self.LABELS[name], required=False, choices=named)
        return super()._field(name, search, options)


def owners() -> list[Membership]:
    """Who may look after leads."""
    return [member for member in team() if can(member.role, "lead.edit")]


def lead_filters(asks: Asks, reader: Reader, *, show: Sequence[str], sorts: Sequence[Sort] = ()) -> LeadFilters:
    me = reader.membership.user_id
    named = [(str(member.user_id), str(member.user)) for member in owners() if member.user_id != me]
    return LeadFilters(
        asks,
        show=show,
        search=_("Company, name or e-mail"),
        sorts=sorts,
        stage=Lead.Stage.choices,
        source=Lead.Source.choices,
        owner=[("mine", _("Yours")), ("nobody", _("Nobody's")), *named],
        due=[(OVERDUE, _("Overdue")), (NOT_PLANNED, _("Open, and none planned"))],
    )


def today_for(reader: Reader) -> date:
    now = reader.now if isinstance(reader, Desk) else now_for(reader.workspace.merchant)
    return local_date(now, reader.workspace.time_zone)


def narrowed(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    asked = filters.asked
    groups = {"mine": Q(owner=reader.membership.user_id), "nobody": Q(owner=None)}
    groups |= {OVERDUE: is_late(today_for(reader)), NOT_PLANNED: Q(due_date=None, stage__in=OPEN_STAGES)}
    rows = filters.by_program(filters.by_choice(rows, groups))
    rows = filters.by_days(rows, zone=reader.workspace.time_zone, at="created_at")
    return _found(rows, asked.get("q", "").strip())


def _found(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    if not text:
        return rows
    company = Q(company_key__gte=Lower(Value(text)), company_key__lt=Lower(Value(text + LAST)))
    return rows.filter(company | any_key_of("customer", search_people(Customer.objects.all(), text)))


def _filters(asks: Asks, reader: Reader) -> Filters:
    shown = ("q", "program", "stage", "owner", "due", "source", "from", "to", "advocate")
    return lead_filters(asks, reader, show=shown, sorts=_SORTS)


def _line(row: Lead) -> list[object]:
    who = [row.company, row.name, row.customer.email, row.phone]
    whose = [row.program.name, row.advocate.customer.email if row.advocate else "", row.source]
    minor = row.value_minor if row.won_minor is None else row.won_minor
    worth = [row.currency, "" if minor is None else to_major_text(minor, row.currency), "" if minor is None else minor]
    plan = [row.owner.email if row.owner else "", row.due_date.isoformat() if row.due_date else ""]
    return [
        public(row),
        row.stage,
        *who,
        *whose,
        *plan,
        *worth,
        row.lost_reason,
        *map(moment, (row.created_at, row.moved_at)),
    ]


LEADS = Listing(
    name="leads",
    path="/leads/list",
    filters=_filters,
    every=lambda: Lead.objects.select_related("program", "customer", "advocate__customer", "owner"),
    narrowed=narrowed,
    columns=[
        "id",
        "stage",
        "company",
        "name",
        "email",
        "phone",
        "program",
        "advocate",
        "source",
        "owner",
        "next_step_until",
        "currency",
        "worth",
        "worth_minor",
        "lost_reason",
        "created_at",
        "moved_at",
    ],
    lines=each(_line),
)
