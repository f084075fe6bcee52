"""The audit: everything that happened, newest first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from kit.ids import public_id
from merchants.models import Event
from merchants.selectors import newest_events
from programs.models import Program
from referral_saas.dashboard.event_words import TITLES, lines_of
from referral_saas.dashboard.frame import DeskRequest, page, show
from referral_saas.dashboard.listing import page_of
from referral_saas.dashboard.paths import PLACES

#: Where a subject without a page of its own is looked at.
_ELSEWHERE = {
    "workspace": "/settings",
    "apikey": "/settings/keys",
    "inboundevent": "/connections/deliveries",
    "claim": "/claims",
    "listentry": "/reviews/lists",
}


class AuditFilters(forms.Form):
    code = forms.ChoiceField(label=_("What"), required=False)
    subject = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.GET, auto_id="filter-%s")
        titles = sorted((code, str(title)) for code, title in TITLES.items())
        self.fields["code"].choices = [("", _("Everything")), *titles]  # type: ignore[attr-defined]
        self.is_valid()
        self.asked = {name: value for name, value in self.cleaned_data.items() if value}


@page("audit.view")
def audit(request: DeskRequest) -> HttpResponse:
    filters = AuditFilters(request)
    shown = page_of(request, _narrowed(filters.asked), by="at")
    lines = lines_of(shown.rows, zone=request.desk.workspace.time_zone)
    slugs = _program_slugs(shown.rows)
    sees = {"sees_keys": request.desk.may("key.manage"), "sees_payouts": request.desk.may("reward.pay")}
    rows = [
        {"event": event, "line": line, "path": _path_of(event, slugs, **sees)}
        for event, line in zip(shown.rows, lines, strict=True)
    ]
    return show(request, "dashboard/audit.html", {"filters": filters, "page": shown, "rows": rows})


def _narrowed(asked: dict[str, Any]) -> Any:
    events = newest_events()
    if asked.get("code"):
        events = events.filter(code=asked["code"])
    return events.filter(subject_id=asked["subject"]) if asked.get("subject") else events


def _program_slugs(events: list[Event]) -> dict[UUID, str]:
    wanted = {key for event in events if (key := _program_id(event))}
    return dict(Program.objects.filter(pk__in=wanted).values_list("pk", "slug"))


def _program_id(event: Event) -> UUID | None:
    """Of a program itself, or of the pool of its codes. A pool of a kind is no program's."""
    if event.subject_kind == "codepool" and "program" in event.data:
        return UUID(event.data["program"])
    return event.subject_id if event.subject_kind == "program" else None


def _path_of(event: Event, slugs: dict[UUID, str], *, sees_keys: bool, sees_payouts: bool) -> str:
    """The page of what it happened to, below the workspace's address; empty where there is none for the reader."""
    kind = event.subject_kind
    if (kind == "apikey" and not sees_keys) or (kind == "payout" and not sees_payouts):
        return ""
    if kind in PLACES:
        folder, prefix = PLACES[kind]
        return f"/{folder}/{public_id(prefix, event.subject_id)}"
    if key := _program_id(event):
        slug = slugs.get(key)
        return f"/programs/{slug}" if slug else ""
    if "kind_id" in event.data:
        return f"/kinds/{public_id('knd', UUID(event.data['kind_id']))}"
    return "/team" if event.code.startswith("team.") else _ELSEWHERE.get(kind, "")
