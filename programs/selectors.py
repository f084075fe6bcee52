"""Reads of programs, their terms and their codes that more than one caller needs."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kit.days import local_date
from programs.models import CodePool, PoolCode, Program, TermsVersion
from programs.rules import CodeSource, Fulfilment, Terms


class Closed(StrEnum):
    """Why a program takes no new claims."""

    DRAFT = "draft"
    NOT_STARTED = "not_started"
    PAUSED = "paused"
    ENDED = "ended"


def programs() -> QuerySet[Any]:
    """All that are not archived, newest first."""
    return Program.objects.select_related("terms", "merchant").filter(archived_at=None).order_by("-created_at", "-pk")


def archived_programs() -> QuerySet[Any]:
    archived = Program.objects.select_related("terms", "merchant").filter(archived_at__isnull=False)
    return archived.order_by("-archived_at", "-pk")


def live_programs() -> QuerySet[Any]:
    """The active ones, oldest first: where there is a choice, the older program comes first."""
    return programs().filter(state=Program.State.ACTIVE).order_by("published_at", "pk")


def program_by_slug(slug: str) -> Program | None:
    found: Program | None = Program.objects.select_related("terms", "merchant").filter(slug=slug).first()
    return found


def program_by_id(program_id: UUID) -> Program | None:
    found: Program | None = Program.objects.select_related("terms", "merchant").filter(pk=program_id).first()
    return found


def terms_versions(program: Program) -> QuerySet[Any]:
    return TermsVersion.objects.filter(program=program).order_by("-number")


def closed_because(program: Program, now: datetime, zone: str) -> Closed | None:
    """Why the program takes no new claims at ``now``; None while it does. Its days are those of the zone."""
    if program.state == Program.State.DRAFT:
        return Closed.DRAFT
    terms, today = program.live_terms, local_date(now, zone)
    if program.state == Program.State.ENDED or program.archived_at or is_over(terms, today):
        return Closed.ENDED
    if program.state == Program.State.PAUSED:
        return Closed.PAUSED
    if terms.starts_on and today < date.fromisoformat(terms.starts_on):
        return Closed.NOT_STARTED
    return None


def is_open(program: Program, now: datetime, zone: str) -> bool:
    return closed_because(program, now, zone) is None


def is_over(terms: Terms, today: date) -> bool:
    """``ends_on`` is the last day on which the program runs."""
    return bool(terms.ends_on) and today > date.fromisoformat(str(terms.ends_on))


def has_unpublished_changes(program: Program) -> bool:
    return program.terms is None or program.terms.as_terms() != program.draft_terms


# --- codes ------------------------------------------------------------------------------------------------------


def pool_of(program: Program, purpose: str) -> CodePool | None:
    found: CodePool | None = CodePool.objects.filter(program=program, purpose=purpose).first()
    return found


def stock_left(program: Program, purpose: str) -> int:
    return int(PoolCode.objects.filter(pool__program=program, pool__purpose=purpose, taken_for=None).count())


def stock_total(program: Program, purpose: str) -> int:
    return int(PoolCode.objects.filter(pool__program=program, pool__purpose=purpose).count())


def pools_needed(terms: Terms) -> list[str]:
    """The pools these terms draw codes from."""
    needed = []
    if terms.offer and terms.offer.source == CodeSource.POOL:
        needed.append(CodePool.Purpose.OFFER.value)
    rules = [terms.advocate_reward, terms.friend_reward]
    if any(rule and rule.fulfilment == Fulfilment.COUPON_POOL for rule in rules):
        needed.append(CodePool.Purpose.REWARD.value)
    return needed
