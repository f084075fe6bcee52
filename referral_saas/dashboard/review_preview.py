"""What deciding several reviews at once would do, before it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from rewards.actions.reviews import why_not
from rewards.review_selectors import Waiting, every_review, money_waiting_of
from tracking.models import Review


@dataclass(frozen=True)
class Line:
    """One of the ticked cases. ``why_not``: in words, empty where it can be decided so."""

    review: Review
    money: list[Waiting]
    why_not: str


def preview_of(keys: Sequence[UUID], *, ok: bool) -> dict[str, Any]:
    """Those that can be decided so and those that cannot, in the order in which they were ticked."""
    found = every_review().in_bulk(keys)
    reviews = [found[key] for key in keys if key in found]
    money = money_waiting_of(reviews)
    lines = [Line(review, money[review.pk], _words(why_not(review, ok=ok))) for review in reviews]
    can = [line for line in lines if not line.why_not]
    return {"is_approval": ok, "lines": lines, "can": can, "cannot": len(lines) - len(can), "money": _together(can)}


def _words(code: str) -> str:
    return problem_text(code) if code else ""


def _together(lines: Sequence[Line]) -> list[Waiting]:
    sums = Counter[str]()
    for one in (one for line in lines for one in line.money):
        sums[one.unit] += one.amount_minor
    return [Waiting(unit, total) for unit, total in sorted(sums.items())]


def problem_text(code: str) -> str:
    texts = {
        "already_decided": _("Somebody decided this already. Here is how it stands now."),
        "nothing_decided": _("Choose for at least one side."),
        "blocked_for_certain": _("This is blocked for certain: no reward can be given, whatever the review says."),
        "already_paid": _("What was given is paid or on its way, so the decision stays."),
        "not_decided": _("Nobody has decided this, so there is nothing to undo."),
    }
    return texts.get(code) or _("This cannot be done any more. Here is how it stands now.")
