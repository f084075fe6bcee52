"""Reads about leads that more than one caller needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from advocates.models import Advocate
from advocates.selectors import customer_by_email
from leads.models import OPEN_STAGES, Lead
from programs.models import Program


def lead_of(program: Program, address: str) -> Lead | None:
    """This person's lead in the program."""
    person = customer_by_email(address)
    found: Lead | None = Lead.objects.filter(program=program, customer=person).first() if person else None
    return found


def overdue(today: date) -> QuerySet[Any]:
    """Still talking, and the day of the next step is over."""
    return Lead.objects.filter(is_late(today))


def is_late(today: date) -> Q:
    return Q(stage__in=OPEN_STAGES, due_date__lt=today)


@dataclass(frozen=True, slots=True)
class Total:
    """Of one stage in one currency: what was agreed where it is won, else what the team guesses. A sale whose order was
    cancelled since counts as a lead, and for nothing."""

    stage: str
    currency: str
    count: int
    minor: int


_kept = Sum("won_minor", filter=Q(order__cancelled_at=None))


def totals(rows: QuerySet[Any]) -> list[Total]:
    """One statement, whatever is in the rows."""
    grouped = rows.order_by().values("stage", "currency")
    found = grouped.annotate(n=Count("pk"), guessed=Sum("value_minor"), won=_kept)
    return [
        Total(row["stage"], row["currency"], row["n"], (row["won"] if row["stage"] == "WON" else row["guessed"]) or 0)
        for row in found.order_by("currency")
    ]


def newest_of_each(rows: QuerySet[Any], stages: Iterable[str], *, most: int) -> dict[str, list[Lead]]:
    """Of each stage those that came to it last. Two statements."""
    in_stage = [rows.filter(stage=stage).order_by("-moved_at", "-pk").values_list("pk")[:most] for stage in stages]
    keys = [key for (key,) in in_stage[0].union(*in_stage[1:], all=True)]
    found = Lead.objects.filter(pk__in=keys).select_related(
        "customer", "advocate__customer", "owner", "program", "order"
    )
    columns: dict[str, list[Lead]] = {}
    for lead in found.order_by("-moved_at", "-pk"):
        columns.setdefault(lead.stage, []).append(lead)
    return columns


def leads_of_advocate(advocate: Advocate, *, most: int) -> list[Lead]:
    """The newest first."""
    rows = Lead.objects.filter(advocate=advocate).select_related("customer")
    return list(rows.order_by("-created_at", "-pk")[:most])
