"""The components as template tags: `{% load ui %}`. The page /styleguide shows each with its markup.

Tags draw partials from templates/components/. Tones are always good, warn, bad, info or neutral, and always stand
beside a word. Money is minor units plus currency; moments are aware datetimes plus the zone to read them in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import cache
from html import escape
from typing import Any, Literal

from django import template
from django.forms import BoundField
from django.forms.forms import BaseForm
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from heroicons.templatetags.heroicons import heroicon_outline

from kit import wording
from kit.language import language_of_page
from kit.units import amount_text
from referral_saas import form_fields, form_widgets

register = template.Library()

Tone = Literal["good", "warn", "bad", "info", "neutral"]
Item = Mapping[str, Any]


# Words and numbers


@register.filter
def money(minor: int | None, unit: str) -> str:
    """`{{ reward.amount_minor|money:reward.unit }}`: as the reader's language writes it; nothing for None."""
    return "" if minor is None else amount_text(minor, unit, language_of_page())


@register.filter
def number(value: int | float | None) -> str:
    """`{{ clicks|number }}`: grouped as the reader's language groups digits."""
    return "" if value is None else wording.number(value, language_of_page())


@register.filter
def day(moment: datetime | date | None, zone: str | tzinfo = "UTC") -> str:
    """`{{ reward.release_at|day:merchant.time_zone }}`: the day in that zone, month written out."""
    return "" if moment is None else wording.day(moment, zone, language_of_page())


@register.simple_tag(takes_context=True)
def when(context: Context, moment: datetime | None, zone: str | tzinfo = "UTC") -> SafeString | str:
    """`{% when order.paid_at merchant.time_zone %}`: "2 days ago", the exact time on hover and on focus.

    Relative to `workspace_now` where the view gives it (a sandbox has its own clock), else to real time.
    """
    if moment is None:
        return ""
    now = context.get("workspace_now") or timezone.now()
    return moment_drawn(moment, now, wording.zone_of(zone), language_of_page())


def moment_drawn(moment: datetime, now: datetime, zone: tzinfo, language: str) -> SafeString:
    """What ``when`` draws, where the language is known already."""
    exact, words = escape(wording.exact(moment, zone, language)), escape(wording.relative(moment, now, zone, language))
    drawn = f'datetime="{moment.isoformat()}" title="{exact}" data-exact="{exact}" tabindex="0">{words}'
    return SafeString(f'<time class="when" {drawn}</time>')


# Small parts


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """`{% icon "gift" %}`: a heroicon, hidden from screen readers; the word stands beside it."""
    return _drawn(str(name), size)


@cache
def _drawn(name: str, size: int) -> SafeString:
    """Every page has dozens, and each is written anew from a tree of XML: a twentieth of a page's time."""
    classes = "icon icon-16" if size == 16 else "icon"
    return SafeString(heroicon_outline(name, size=size, **{"class": classes, "aria-hidden": "true"}))


@register.simple_tag
def status(tone: Tone, word: str) -> SafeString:
    """`{% status "good" _("Fulfilled") %}`: a dot and its word."""
    return format_html('<span class="status status-{} tone-{}">{}</span>', tone, tone, word)


@register.simple_tag
def badge(word: str, tone: Tone = "neutral") -> SafeString:
    """`{% badge _("Sandbox") "warn" %}`"""
    return format_html('<span class="badge tone-{}">{}</span>', tone, word)


@register.simple_tag
def avatar(name: str, shape: Literal["", "square", "large"] = "") -> SafeString:
    """`{% avatar person.name %}`: initials, as decoration; write the name beside it."""
    classes = f"avatar avatar-{shape}" if shape else "avatar"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, initials(name))


def initials(name: str) -> str:
    """Two letters of a Western name, one sign of a name without spaces."""
    words = name.split()
    if len(words) >= 2:
        return words[0][0] + words[-1][0]
    return name.strip()[:1] or "?"


@register.inclusion_tag("components/button.html")
def button(
    label: str, href: str = "", kind: str = "", icon: str = "", small: bool = False, wide: bool = False, **attrs: object
) -> dict[str, object]:
    """`{% button _("Publish") kind="primary" %}` submits; with `href` it is a link that looks the same.

    Kinds: primary, quiet, danger, or "danger primary" for the last press before something is gone.
    Other keywords become attributes (`name="do" value="publish"`, `hx_post="/..."`: underscores turn to dashes).
    """
    named = {key.replace("_", "-"): value for key, value in attrs.items()}
    named.setdefault("type", "submit")
    return {
        "label": label,
        "href": href,
        "kinds": str(kind).split(),
        "icon": icon,
        "small": small,
        "wide": wide,
        "attrs": named,
    }


@register.inclusion_tag("components/figure.html")
def figure(
    label: str,
    number: str,
    current: int | None = None,
    previous: int | None = None,
    up_is: Literal["good", "bad", ""] = "good",
    change: str = "",
    href: str = "",
    help: str = "",
    spark: SafeString | str = "",
) -> dict[str, object]:
    """`{% figure _("Clicks") clicks|number current=clicks previous=before href=rows help=_("...") spark=svg %}`

    `number` is text, already formatted. The change is said in words, from current and previous or as `change`.
    `up_is` says whether more is good news; "" leaves the change uncoloured. `help` names the denominator.
    """
    said = None if change or current is None else wording.change_in_words(current, previous, language_of_page())
    return {
        "label": label, "number": number, "href": href, "help": help, "spark": spark,
        "change": change or (said.text if said else ""), "trend": said.trend if said else "",
        "mood": _mood(said, up_is),
    }  # fmt: skip


def _mood(change: wording.Change | None, up_is: str) -> str:
    if change is None or change.trend == "flat" or not up_is:
        return ""
    return "good" if (change.trend == "up") == (up_is == "good") else "bad"


# Forms


@register.simple_tag
def field(bound: BoundField, currency: str = "", look: Literal["", "cards"] = "") -> SafeString:
    """`{% field form.email %}`: label, control, help and error of one form field, tied together for screen readers.

    `currency` puts the code behind a money input; `look="cards"` draws radio choices as cards.
    """
    return form_fields.render(bound, currency=currency, look=look)


@register.simple_tag
def fields(form: BaseForm) -> SafeString:
    """`{% fields form %}`: hidden fields and every visible one in order, under the summary of errors."""
    drawn = [form_errors(form), *(str(bound) for bound in form.hidden_fields())]
    drawn += [form_fields.render(bound) for bound in form.visible_fields()]
    return SafeString("".join(drawn))


@register.simple_tag
def form_errors(form: BaseForm) -> SafeString:
    """`{% form_errors form %}`: above the form, what went wrong, each line a link to its field; or nothing."""
    if not form.is_bound or not form.errors:
        return SafeString("")
    return render_to_string("components/form_errors.html", {"form": form, "lines": form_fields.error_lines(form)})


# Blocks


@register.simple_block_tag
def callout(content: str, tone: Tone = "info", title: str = "") -> SafeString:
    """`{% callout "warn" title=_("...") %}...{% endcallout %}`"""
    return render_to_string("components/callout.html", {"content": content, "tone": tone, "title": title})


@register.simple_block_tag
def drawer(content: str, id: str, title: str) -> SafeString:
    """`{% drawer "filters" _("Filters") %}...{% enddrawer %}`; opened by `<button data-opens="filters">`."""
    return render_to_string("components/drawer.html", {"content": content, "id": id, "title": title})


@register.simple_block_tag
def confirm(content: str, label: str, small: bool = False) -> SafeString:
    """`{% confirm _("End program") %}what will happen, and its form{% endconfirm %}`; works without scripts."""
    return render_to_string("components/confirm.html", {"content": content, "label": label, "small": small})


@register.simple_block_tag
def fold(content: str, label: str, open: bool = False) -> SafeString:
    """`{% fold _("Advanced") %}...{% endfold %}`: folded until asked for."""
    return render_to_string("components/fold.html", {"content": content, "label": label, "open": open})


# Lists and navigation


@register.inclusion_tag("components/empty.html")
def empty(title: str, why: str, action: str = "", href: str = "", drawing: str = "list") -> dict[str, object]:
    """What will appear here, why it is good, the one next step. Drawings: list, people, gift, link, chart, inbox."""
    return {"title": title, "why": why, "action": action, "href": href, "drawing": f"components/art/{drawing}.html"}


@register.inclusion_tag("components/timeline.html", takes_context=True)
def timeline(context: Context, events: Sequence[Item], zone: str | tzinfo = "UTC") -> dict[str, object]:
    """Events are {title, at?, text?, tone?, state?}; state is done (default), now or ahead."""
    return {"events": events, "zone": zone, "workspace_now": context.get("workspace_now")}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Sequence[Item], label: str) -> dict[str, object]:
    """Items are {label, url, current, count?}; `label` names the group for screen readers."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/pager.html")
def pager(previous_url: str = "", next_url: str = "", summary: str = "") -> dict[str, object]:
    """Keyset paging: only back and on; nothing when neither exists and there is nothing to say."""
    return {"previous_url": previous_url, "next_url": next_url, "summary": summary}


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(items: Sequence[Item]) -> dict[str, object]:
    """Items are {label, url}; the last is the page itself and has no url."""
    return {"items": items}


@register.inclusion_tag("components/steps.html")
def steps(items: Sequence[Item]) -> dict[str, object]:
    """Items are {label, state: done | later | now | ahead, url?}."""
    return {"items": items}


@register.inclusion_tag("components/facts.html")
def facts(rows: Sequence[tuple[str, object]]) -> dict[str, object]:
    """`{% facts rows %}`: (label, value) pairs; values may be safe markup."""
    return {"rows": [(label, breakable(value)) for label, value in rows]}


def breakable(value: object) -> object:
    """An e-mail address breaks before its domain where the line is too short, not in the middle of a word."""
    if isinstance(value, SafeString) or not isinstance(value, str) or " " in value or "@" not in value:
        return value
    person, _sign, domain = value.rpartition("@")
    return format_html("{}<wbr>@{}", person, domain)


@register.inclusion_tag("components/copy.html")
def copy_field(label: str, value: str, hint: str = "", hide_label: bool = False, rows: int = 0) -> dict[str, object]:
    """A value to take along: read-only input and a button that copies and says so. ``rows``: a text of more lines."""
    named = f"copy-{slugify(label)}"
    return {"label": label, "value": value, "hint": hint, "hide_label": hide_label, "rows": rows, "id": named}


@register.inclusion_tag("components/code.html")
def code(text: str, label: str = "") -> dict[str, object]:
    """Code to read and copy; `label` names it for screen readers."""
    return {"text": text, "label": label}


@register.inclusion_tag("components/meter.html")
def meter(label: str, basis_points: int, tone: str = "", text: str = "") -> dict[str, object]:
    """A share of a whole as a bar: `{% meter _("Budget used") 8200 tone="warn" text="..." %}`; over 100% it is full."""
    shown = max(0, min(basis_points, 10_000)) / 100
    return {"label": label, "width": f"{shown:.2f}", "shown": round(shown), "tone": tone, "text": text}


@register.inclusion_tag("components/chart.html")
def chart(drawing: SafeString, table: Item, previous: str = "", current: str = "") -> dict[str, object]:
    """An SVG of kit.charts with its legend and the same values as a table (`kit.charts.chart_table`)."""
    rows = SafeString("".join([_table_row(row) for row in table["rows"]]))
    return {"drawing": drawing, "table": table, "rows": rows, "previous": previous, "current": current}


def _table_row(cells: Sequence[object]) -> str:
    """Written straight: three months of days are ninety."""
    name, *values = map(form_widgets.said, cells)
    numbers = "".join([f'<td class="number">{value}</td>' for value in values])
    return f'<tr><th scope="row">{name}</th>{numbers}</tr>'


@register.inclusion_tag("components/flow.html")
def flow(drawing: SafeString, table: Item) -> dict[str, object]:
    """`{% flow map.drawing map.table %}`: states and their numbers (kit.flow), and the same as a table.

    The table is {caption, head (three), rows of (name, number, meaning)}.
    """
    return {"drawing": drawing, "table": table}
