"""The audit: everything that happened, newest first."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse

from kit.ids import public_id
from merchants.models import Event
from programs.models import Program
from referral_saas.dashboard.event_words import lines_of
from referral_saas.dashboard.frame import Desk, DeskRequest, page, show
from referral_saas.dashboard.lists.audit import AUDIT, AUDIT_TABLE, Happened
from referral_saas.dashboard.paths import PLACES

#: Where a subject without a page of its own is looked at.
_ELSEWHERE = {
    "workspace": "/settings",
    "apikey": "/settings/keys",
    "inboundevent": "/connections/deliveries",
    "claim": "/claims",
    "listentry": "/reviews/lists",
    "placeword": "/promote",
    "stafflink": "/promote",
}


@page("audit.view")
def audit(request: DeskRequest) -> HttpResponse:
    filters, shown = AUDIT.shown(request)
    lines = lines_of(shown.rows, zone=request.desk.workspace.time_zone)
    slugs = _program_slugs(shown.rows)
    hidden = _hidden_from(request.desk)
    rows = [
        Happened(event, line, "" if hidden(event) else _path_of(event, slugs))
        for event, line in zip(shown.rows, lines, strict=True)
    ]
    context = {"filters": filters, "page": shown, "rows": rows, "table": AUDIT_TABLE.drawn(request.desk, rows)}
    return show(request, "dashboard/audit.html", context | AUDIT.export(request, filters))


def _program_slugs(events: list[Event]) -> dict[UUID, str]:
    wanted = {key for event in events if (key := _program_id(event))}
    return dict(Program.objects.filter(pk__in=wanted).values_list("pk", "slug"))


def _program_id(event: Event) -> UUID | None:
    """Of a program itself, or of the pool of its codes. A pool of a kind is no program's."""
    if event.subject_kind == "codepool" and "program" in event.data:
        return UUID(event.data["program"])
    return event.subject_id if event.subject_kind == "program" else None


def _hidden_from(desk: Desk) -> Callable[[Event], bool]:
    """Whether the reader may not open the page of what it happened to. An export's is for whoever asked alone."""
    needs = {"apikey": "key.manage", "payout": "reward.pay", "import": "advocate.edit"}
    closed = {kind for kind, need in needs.items() if not desk.may(need)}
    return lambda event: event.subject_kind in closed or (event.subject_kind == "export" and event.by != desk.by)


def _path_of(event: Event, slugs: dict[UUID, str]) -> str:
    """The page of what it happened to, below the workspace's address; empty where there is none."""
    kind = event.subject_kind
    if kind in PLACES:
        folder, prefix = PLACES[kind]
        return f"/{folder}/{public_id(prefix, event.subject_id)}"
    if key := _program_id(event):
        slug = slugs.get(key)
        return f"/programs/{slug}" if slug else ""
    if "kind_id" in event.data:
        return f"/kinds/{public_id('knd', UUID(event.data['kind_id']))}"
    return "/team" if event.code.startswith("team.") else _ELSEWHERE.get(kind, "")
