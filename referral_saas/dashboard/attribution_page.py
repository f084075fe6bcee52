"""Whose an order is and why, for its own page and its referral's: decisions by hand, what the buyer said, both clocks,
and whom a search for an advocate finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.models import Advocate
from advocates.selectors import advocate_by_link_code, advocates
from kit.days import add_days
from kit.ids import public_id
from kit.language import language_of_page
from kit.text import clean_text
from kit.wording import day
from programs.models import Program
from referral_saas.dashboard.event_words import names_of
from referral_saas.dashboard.people import search_people
from rewards.actions.worth import may_be_valued
from tracking.models import Assignment, Introduction, Order, Referral
from tracking.rules import MatchedBy
from tracking.selectors import introduction_of

#: As many as one looks through; more are found by writing more.
MOST_FOUND = 10


@dataclass(frozen=True, slots=True)
class ByHand:
    """One decision by hand, with the names of whoever made it and undid it."""

    row: Assignment
    who: str
    undone_by: str


def decisions_by_hand(order: Order) -> list[ByHand]:
    """The newest first. Two statements, however many."""
    rows = list(Assignment.objects.filter(order=order).select_related("advocate__customer").order_by("-pk"))
    names = names_of(name for row in rows for name in (row.by, row.undone_by) if name)
    return [ByHand(row, names[row.by], names.get(row.undone_by, "")) for row in rows]


@dataclass(frozen=True, slots=True)
class Said:
    """What the buyer said about who sent them. Only the team sees the words."""

    row: Introduction

    @property
    def words(self) -> str:
        return self.row.said_code or self.row.said_name

    @property
    def is_open_question(self) -> bool:
        """They named somebody, and nobody was found by it: a person may know better."""
        return self.row.advocate_id is None and bool(self.words)


def said_of(order: Order) -> Said | None:
    row = introduction_of(order)
    return Said(row) if row and row.tries else None


def named_nobody() -> Q:
    """Orders whose buyer named somebody whom nobody found."""
    asked = Introduction.objects.filter(order=OuterRef("pk"), advocate=None, tries__gt=0)
    return Q(Exists(asked), outcome=Order.Outcome.NOT_REFERRED)


def may_be_given(order: Order, *, was_released: bool) -> bool:
    """To an advocate, by hand: once it has come, and while none of its rewards was released."""
    return order.placed_at is not None and not was_released


def may_be_undone(referral: Referral | None, by_hand: list[ByHand], *, was_released: bool) -> bool:
    stands = bool(by_hand) and by_hand[0].row.undone_at is None
    return referral is not None and stands and not was_released


def asks_for_worth(order: Order, referral: Referral, *, was_released: bool) -> bool:
    """In another currency than its program's, and still open to what somebody says."""
    return may_be_valued(order, referral) and not was_released


def clocks(referral: Referral, zone: str) -> list[tuple[str, object]]:
    """The two spans that began with the touch: to order in, and to pay in. By hand and for further orders none runs."""
    if referral.matched_by in (MatchedBy.MANUAL, MatchedBy.BOUND):
        return []
    terms, order = referral.terms.as_terms(), referral.order
    return [
        (_("Time to order"), _span(referral.touched_at, terms.attribution_window_days, order.placed_at, zone)),
        (_("Time to pay"), _span(referral.touched_at, terms.qualification_window_days, order.paid_at, zone)),
    ]


def _span(since: datetime, days: int, came_at: datetime | None, zone: str) -> str:
    until, language = add_days(since, days, zone), language_of_page()
    values = {"days": days, "until": day(until, zone, language), "at": came_at and day(came_at, zone, language)}
    if came_at is None:
        said = ngettext("%(days)s day, until %(until)s", "%(days)s days, until %(until)s", days)
    elif came_at <= until:
        said = ngettext(
            "%(days)s day, until %(until)s: in time, on %(at)s",
            "%(days)s days, until %(until)s: in time, on %(at)s",
            days,
        )
    else:
        said = ngettext(
            "%(days)s day, until %(until)s: too late, on %(at)s",
            "%(days)s days, until %(until)s: too late, on %(at)s",
            days,
        )
    return said % values


def found_advocates(text: str, order: Order) -> list[tuple[str, str]]:
    """Whom a code, an e-mail address or the beginning of a name finds, to choose from: active ones of published
    programs, never the buyer."""
    text = clean_text(text).strip()
    if not text:
        return []
    by_code = advocate_by_link_code(text)
    rows = advocates().filter(pk=by_code.pk) if by_code else search_people(advocates(), text, prefix="customer__")
    return [(public_id("adv", row.pk), _choice(row)) for row in _able(rows, order)[:MOST_FOUND]]


def _choice(advocate: Advocate) -> str:
    person = advocate.customer
    return " · ".join(filter(None, [person.name, person.email, advocate.program.name]))


def _able(rows: QuerySet[Advocate], order: Order) -> QuerySet[Advocate]:
    able = rows.filter(state=Advocate.State.ACTIVE, program__terms__isnull=False)
    able = able.exclude(program__state=Program.State.DRAFT)
    return able.exclude(customer=order.customer_id) if order.customer_id else able
