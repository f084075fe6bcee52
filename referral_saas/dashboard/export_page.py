"""What the pages of exports are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from exports.lists import bundles, need_of
from exports.models import Export
from exports.selectors import filter_names, still_may
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.lists.known import LISTS
from referral_saas.dashboard.lists.listed import Listing, Written
from referral_saas.dashboard.lists.titles import filters_text, lines_text
from referral_saas.templatetags.ui import Tone

State = Export.State
_TONES: dict[str, Tone] = {State.READY: "good", State.FAILED: "bad", State.REMOVED: "neutral"}


@dataclass(frozen=True)
class Line:
    """One export as its asker sees it now. ``can_have``: the file is there and theirs."""

    export: Export
    title: str
    state: str
    tone: Tone
    can_have: bool
    lines: str
    filters: str


def line_of(desk: Desk, export: Export) -> Line:
    listing, need = LISTS.get(export.list), need_of(export.list)
    bundle = bundles().get(export.list)
    state = State.REMOVED if is_over(desk, export) else State(export.state)
    may = need is not None and still_may(export, desk.membership, need)
    return Line(
        export=export,
        title=str(listing.title) if listing else bundle.title if bundle else export.list,
        state=str(state.label),
        tone=_TONES.get(state, "info"),
        can_have=may and state == State.READY,
        lines=lines_text(export.lines) if state in (State.READY, State.REMOVED) else "",
        filters=filters_text(filter_names(export.query)),
    )


def is_over(desk: Desk, export: Export) -> bool:
    """Its time is over, whether or not a worker has come by to remove it."""
    return export.state == State.REMOVED or (export.expires_at is not None and export.expires_at <= desk.now)


def export_context(desk: Desk, export: Export) -> dict[str, Any]:
    listing, line = LISTS.get(export.list), line_of(desk, export)
    need = need_of(export.list)
    may_see = need is not None and desk.may(need)
    query = f"?{export.query}" if export.query else ""
    base = f"/w/{desk.merchant.slug}"
    return {
        "export": export,
        "line": line,
        "is_over": is_over(desk, export),
        "is_under_way": export.state in (State.WAITING, State.WRITING),
        "is_bundle": listing is None,
        "may_have": need is not None and still_may(export, desk.membership, need),
        "share": export.rows_done * 10_000 // export.rows if export.rows else 0,
        "filters": _filters_said(listing, desk, export) if listing and may_see else [],
        "list_url": f"{base}{listing.path}{query}" if listing and may_see else "",
        "again_url": (f"{base}/exports/of/{export.list}{query}" if listing else f"{base}/exports/everything")
        if may_see
        else "",
        "why": _why(export.problem),
    }


def _filters_said(listing: Listing, desk: Desk, export: Export) -> list[tuple[str, str]]:
    """What the list was narrowed by, and its order, in the words of its own page."""
    asked = listing.filters(Written(QueryDict(export.query)), desk)
    said = []
    for bound in asked:
        if asked.is_asked(bound.name):
            words = dict(_flat(getattr(bound.field, "choices", ())))
            value = QueryDict(export.query)[bound.name]
            said.append((str(bound.label), str(words.get(value, value))))
    return said


def _flat(choices: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Choices stand alone or in groups."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield value, label


def _why(problem: str) -> str:
    texts = {
        "": "",
        "not_allowed": _("The role of whoever asked changed before the file was written."),
        "list_gone": _("This list is not there any more."),
        "filter_gone": _("Something the list was narrowed by is not there any more, for example a tag."),
    }
    return texts.get(problem, _("Writing it failed five times. If it happens again, tell whoever runs this service."))
