"""Reads of programs, their terms and their codes that more than one caller needs."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from kit.asked import asked_often
from kit.days import local_date
from programs.models import CodePool, Drive, KindStock, PoolCode, Program, RewardKind, Setup, TermsVersion
from programs.rules import CodeSource, Fulfilment, Gives, Terms


class Closed(StrEnum):
    """Why a program takes no new claims."""

    DRAFT = "draft"
    NOT_STARTED = "not_started"
    PAUSED = "paused"
    ENDED = "ended"
    OUT_OF_BUDGET = "out_of_budget"


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
    if program.out_of_budget_at:
        return Closed.OUT_OF_BUDGET
    if terms.starts_on and today < date.fromisoformat(terms.starts_on):
        return Closed.NOT_STARTED
    return None


# --- the way to the first live program ----------------------------------------------------------------------------


def setup() -> Setup | None:
    """Where this merchant's set-up stands; None before it was begun."""
    return next(iter(_setups()), None)


@asked_often
def _setups() -> QuerySet[Setup]:
    """One at most, as the constraint says."""
    rows: QuerySet[Setup] = Setup.objects.select_related("program__terms", "program__merchant")
    return rows


def was_published() -> bool:
    """Whether any program of this merchant ever went live."""
    return bool(_published())


@asked_often
def _published() -> QuerySet[Any]:
    return Program.objects.exclude(state=Program.State.DRAFT).order_by().values_list("pk")[:1]


def draft_to_set_up() -> Program | None:
    """A draft that was made elsewhere: the oldest, so that it stays the same one when another is made."""
    found: Program | None = programs().filter(state=Program.State.DRAFT).order_by("created_at", "pk").first()
    return found


def terms_digest(terms: Terms) -> str:
    """The same for equal terms, another one for any others."""
    return sha256(json.dumps(terms.to_json(), sort_keys=True).encode()).hexdigest()


def drive_of(program: Program) -> Drive | None:
    """The newest test drive of this program, with its stage."""
    drives = Drive.objects.filter(program=program).select_related("stage")
    found: Drive | None = drives.order_by("-number").first()
    return found


def driven_drafts(program: Program) -> set[str]:
    """Fingerprints (terms_digest) of the drafts in whose test drive the order was attributed."""
    proofs = Drive.objects.filter(program=program, attributed_at__isnull=False)
    return set(proofs.values_list("terms_digest", flat=True))


def is_open(program: Program, now: datetime, zone: str) -> bool:
    return closed_because(program, now, zone) is None


def is_over(terms: Terms, today: date) -> bool:
    """``ends_on`` is the last day on which the program runs."""
    return bool(terms.ends_on) and today > date.fromisoformat(str(terms.ends_on))


def has_unpublished_changes(program: Program) -> bool:
    return program.terms is None or program.terms.as_terms() != program.draft_terms


# --- codes ------------------------------------------------------------------------------------------------------


def pool_of(program: Program | None, purpose: str, kind: RewardKind | None = None) -> CodePool | None:
    """The kind's own pool, else the program's for this purpose."""
    pools = _pools_of_kind(kind.pk) if kind else _pools_of_program(program.pk, purpose) if program else []
    return next(iter(pools), None)


@asked_often
def _pools_of_kind(kind_id: UUID) -> QuerySet[CodePool]:
    rows: QuerySet[CodePool] = CodePool.objects.filter(kind=kind_id)
    return rows


@asked_often
def _pools_of_program(program_id: UUID, purpose: str) -> QuerySet[CodePool]:
    rows: QuerySet[CodePool] = CodePool.objects.filter(program=program_id, purpose=purpose)
    return rows


def stock_left(program: Program, purpose: str) -> int:
    return int(PoolCode.objects.filter(pool__program=program, pool__purpose=purpose, taken_for=None).count())


def pools_needed(terms: Terms) -> list[str]:
    """The pools these terms draw codes from."""
    needed = []
    offers = [terms.offer, *(tier.offer for tier in terms.tiers)]
    if any(offer and offer.source == CodeSource.POOL for offer in offers):
        needed.append(CodePool.Purpose.OFFER.value)
    if any(gives is None and fulfilment == Fulfilment.COUPON_POOL for _field, fulfilment, gives in given_by(terms)):
        needed.append(CodePool.Purpose.REWARD.value)
    return needed


# --- kinds --------------------------------------------------------------------------------------------------------


def is_shop_code(code: str) -> bool:
    """Whether the shop itself knows a code, spelled in capitals, small letters or like a name."""
    spelled = [code.upper(), code.lower(), code.title()]
    if PoolCode.objects.filter(code__in=spelled).exists():
        return True
    terms = [part for program in Program.objects.select_related("terms") for part in _both_terms(program)]
    offers = [offer for part in terms for offer in (part.offer, *(tier.offer for tier in part.tiers)) if offer]
    return any(offer.shop_code.upper() == code.upper() for offer in offers if offer.shop_code)


def _both_terms(program: Program) -> list[Terms]:
    return [program.live_terms, program.draft_terms]


def kinds() -> QuerySet[Any]:
    """The merchant's catalogue, the newest first, without what was put away."""
    return RewardKind.objects.filter(archived_at=None).order_by("-created_at", "-pk")


def archived_kinds() -> QuerySet[Any]:
    return RewardKind.objects.filter(archived_at__isnull=False).order_by("-archived_at", "-pk")


def kinds_for_rules() -> list[RewardKind]:
    """What a program's rule may give, by name; ``RewardKind.as_gives()`` is what is frozen into the terms."""
    return list(kinds().order_by("name"))


def stock_of_kind(kind: RewardKind) -> list[KindStock]:
    return list(KindStock.objects.filter(kind=kind).order_by("pk"))


def things_left(kind_id: str | UUID) -> int:
    """Pieces of a thing left, whatever their size."""
    return int(KindStock.objects.filter(kind_id=kind_id).aggregate(left=Sum("left"))["left"] or 0)


def codes_of_kind(kind: RewardKind) -> tuple[int, int]:
    """Codes left, and of how many."""
    codes = PoolCode.objects.filter(pool__kind=kind)
    return int(codes.filter(taken_for=None).count()), int(codes.count())


def given_by(terms: Terms) -> list[tuple[str, Fulfilment, Gives | None]]:
    """Everything these terms can give as a reward: the field that says so, who delivers it, and the kind."""
    sides = [("advocate_reward", terms.advocate_reward), ("friend_reward", terms.friend_reward)]
    rules = [(name, rule) for name, rule in sides if rule] + [("tiers", tier.advocate_reward) for tier in terms.tiers]
    found = []
    for name, rule in rules:
        field = name if name == "tiers" else f"{name}_fulfilment"
        ways = [rule, *(rule.as_chosen(choice.key) for choice in rule.choices)]
        found += [(field, way.gives.fulfilment if way.gives else way.fulfilment, way.gives) for way in ways]
    return found


def programs_giving(kind: RewardKind) -> list[Program]:
    """Programs whose draft or live terms give this kind, those not archived."""
    wanted = str(kind.pk)
    return [
        program
        for program in programs()
        if any(
            gives and gives.id == wanted
            for terms in (program.live_terms, program.draft_terms)
            for _field, _fulfilment, gives in given_by(terms)
        )
    ]
