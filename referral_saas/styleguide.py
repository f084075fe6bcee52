"""Every component on one page, /styleguide, with sample values written here: it reads nothing from the database.

Names of people and shops are the ones of the demo; a 40-letter word and right-to-left names are there on purpose.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit import charts, flow
from kit.money import format_money
from merchants.models import Role
from referral_saas.dashboard.menu import Item, navigation

NOW = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)
CLICKS = [40 + 3 * index + 7 * (index * index % 5) - 4 * (index % 3) for index in range(30)]
CLICKS_BEFORE = [36 + 2 * index + 3 * (index * index % 4) for index in range(30)]
SWATCHES = {
    "Ground": ["canvas", "surface", "sunken", "raised", "hover", "line", "line-strong", "line-control"],
    "Text": ["text", "text-muted", "accent-text", "good-text", "warn-text", "bad-text", "info-text"],
    "Fill": ["accent", "good", "warn", "bad", "info"],
    "Soft": ["accent-soft", "good-soft", "warn-soft", "bad-soft", "info-soft"],
}


class SampleForm(forms.Form):
    """One of each kind of field."""

    name = forms.CharField(
        label=gettext_lazy("Program name"),
        help_text=gettext_lazy("Only your team sees it."),
        initial="Freunde werben Freunde",
    )
    amount = forms.CharField(
        label=gettext_lazy("Reward per order"), initial="15.00", help_text=gettext_lazy("Before tax.")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Who may take part"),
        choices=[("customers", gettext_lazy("Customers only")), ("all", gettext_lazy("Everybody with the link"))],
        widget=forms.RadioSelect,
        initial="customers",
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        choices=[("", gettext_lazy("All countries")), ("DE", "Deutschland"), ("JP", "日本")],
        required=False,
    )
    note = forms.CharField(label=gettext_lazy("Note for the team"), widget=forms.Textarea, required=False)
    upload = forms.FileField(
        label=gettext_lazy("Customers as CSV"),
        required=False,
        help_text=gettext_lazy("Up to 5 MB, first line holds the names."),
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("Invite customers after their first paid order"),
        required=False,
        help_text=gettext_lazy("At most once each."),
    )


def styleguide(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Saved. The new amount counts for referrals from now on."))
    return render(request, "styleguide.html", sample_context())


def sample_context() -> dict[str, Any]:
    wrong = SampleForm({"name": "", "amount": "fifteen", "kind": "customers"}, auto_id="wrong_%s")
    wrong.add_error("amount", _("Write the amount as a number, for example 15.00."))
    return {
        "now": NOW,
        "workspace_now": NOW,
        "form": SampleForm(),
        "wrong": wrong,
        "swatches": SWATCHES,
        "nav": sample_nav(),
        "merchant": {
            "name": "Nordlicht Kaffee",
            "slug": "nordlicht",
            "is_sandbox": True,
            "currency": "EUR",
            "time_zone": "Europe/Berlin",
        },
        "workspaces": sample_workspaces(),
        "clock_url": "#main",
        "account_url": "#main",
        "events": sample_events(),
        "earlier": NOW - timedelta(hours=3),
        "later": NOW + timedelta(days=13),
        "rows": sample_rows(),
        **sample_charts(),
        **sample_flow(),
        "tabs": sample_tabs(),
        "crumbs": sample_crumbs(),
        "steps": sample_steps(),
        "facts": sample_facts(),
    }


def sample_charts() -> dict[str, Any]:
    days = [(NOW - timedelta(days=29 - index)).strftime("%-d %b") for index in range(30)]
    series = [charts.Point(label, value) for label, value in zip(days, CLICKS, strict=True)]
    before = [charts.Point(label, value) for label, value in zip(days, CLICKS_BEFORE, strict=True)]
    loop = [(_("Shares"), 230), (_("Clicks"), 3100), (_("Claims"), 520), (_("Orders"), 216)]
    channels = [
        ("WhatsApp", 1240),
        (_("Copied link"), 980),
        (_("E-mail"), 611),
        (_("Empfehlungsprogrammteilnahmebestätigung"), 64),
    ]
    return {
        "spark": charts.sparkline(CLICKS),
        "total_clicks": sum(CLICKS),
        "total_before": sum(CLICKS_BEFORE),
        "clicks": charts.area(series, previous=before, title=_("Clicks per day"), value_label=_("Clicks")),
        "clicks_table": charts.chart_table(
            series, previous=before, caption=_("Clicks per day"), label=_("Day"), value_label=_("Clicks")
        ),
        "funnel": charts.funnel(
            [charts.Point(label, value, href="#figures") for label, value in loop], title=_("From share to order")
        ),
        "bars": charts.bars([charts.Point(label, value) for label, value in channels], title=_("Clicks by channel")),
    }


def sample_flow() -> dict[str, Any]:
    states = [
        flow.State("held", _("Held"), "38", "#figures", 0, tone="info", note=_("3 stopped")),
        flow.State("due", _("Released"), "4", "#figures", 1, tone="info"),
        flow.State("done", _("Empfehlungsprogrammteilnahmebestätigung"), "1,204", "#figures", 2, tone="good"),
        flow.State("off", _("Cancelled"), "16", "#figures", 0, "aside"),
        flow.State("failed", _("Failed"), "0", "#figures", 1, "aside", tone="bad", is_empty=True),
    ]
    arrows = [("held", "due"), ("due", "done"), ("held", "off"), ("due", "off"), ("due", "failed")]
    rows = [(state.label, state.number, _("How often it is so.")) for state in states]
    return {
        "flow": flow.flow(states, arrows, [flow.Group(_("Rewards"), 0, 2)], title=_("Where rewards stand")),
        "flow_table": {"caption": _("Where rewards stand"), "head": [_("State"), "#", _("Meaning")], "rows": rows},
    }


def sample_rows() -> list[dict[str, Any]]:
    people = [
        ("Maximiliane Schwarzenberger-Oberhuber-Lindt", "good", _("Fulfilled"), 1500, 2),
        ("陈美玲", "info", _("Held until 14 December"), 3980, 5),
        ("ليلى حداد", "warn", _("In review"), 1500, 26),
        ("Tom Becker", "bad", _("Failed: the shop refused the code"), 1500, 49),
        ("Ana Souza", "neutral", _("Cancelled: order refunded"), 0, 300),
    ]
    return [
        {"name": name, "tone": tone, "word": word, "amount": amount, "at": NOW - timedelta(hours=hours)}
        for name, tone, word, amount, hours in people
    ]


def sample_events() -> list[dict[str, Any]]:
    return [
        {
            "title": _("Order #1042 paid"),
            "at": NOW - timedelta(days=9),
            "text": format_money(39800, "EUR") + ", " + _("attributed by link"),
            "tone": "good",
        },
        {"title": _("Delivered"), "at": NOW - timedelta(days=5), "tone": "good"},
        {"title": _("Held while the return period runs"), "at": NOW - timedelta(days=5), "state": "now"},
        {"title": _("Reward comes"), "at": NOW + timedelta(days=25), "state": "ahead"},
    ]


def sample_nav() -> list[Item]:
    """The real menu, as it looks on the list of rewards."""
    return [_sample_item(item) for item in navigation("nordlicht", Role.OWNER, "/w/nordlicht/rewards")]


def _sample_item(item: Item) -> Item:
    places = tuple(replace(place, url="#main") for place in item.places)
    return replace(item, url="#main", places=places, badge="12" if item.icon == "shield-check" else "")


def sample_workspaces() -> list[dict[str, Any]]:
    return [
        {"name": "Nordlicht Kaffee", "url": "#main", "current": False, "is_sandbox": False},
        {"name": "Nordlicht Sandbox", "url": "#main", "current": True, "is_sandbox": True},
    ]


def sample_tabs() -> list[dict[str, Any]]:
    return [
        {"label": _("All"), "url": "#lists", "current": True, "count": 197},
        {"label": _("Held"), "url": "#lists", "current": False, "count": 38},
        {"label": _("In review"), "url": "#lists", "current": False, "count": 12},
        {"label": _("Failed"), "url": "#lists", "current": False, "count": 3},
    ]


def sample_crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Programs"), "url": "#main"},
        {"label": "Freunde", "url": "#main"},
        {"label": _("Terms version 3"), "url": ""},
    ]


def sample_steps() -> list[dict[str, str]]:
    return [
        {"label": _("Template"), "state": "done", "url": "#main"},
        {"label": _("Offer"), "state": "done", "url": "#main"},
        {"label": _("Reward"), "state": "now", "url": ""},
        {"label": _("Publish"), "state": "ahead", "url": ""},
    ]


def sample_facts() -> list[tuple[str, str]]:
    return [
        (_("Advocate"), "Maximiliane Schwarzenberger-Oberhuber-Lindt"),
        (_("Order"), "#1042, " + format_money(39800, "EUR")),
        (_("Decision"), _("Counts: the friend is a new customer and came by this link.")),
    ]
