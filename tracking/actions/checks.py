"""What a merchant sets about checks: a program's lines and weights, and who is blocked or trusted."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from kit.clock import database_now
from kit.rows import values_of
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants.events import record
from merchants.wakeups import wake
from programs.locks import program_for_update
from programs.models import Program
from tracking.models import FraudPolicy, ListEntry
from tracking.rules.fraud import WEIGHTS, BadPattern, clean_pattern, may_stand

#: What judging an order reads at most: more would not count.
MOST_ENTRIES = 1000
LONGEST_NOTE = 200
#: What the form may change. Weights are all of them; those that are as we ship them are not stored.
SETTINGS = ("medium_at", "high_at", "medium_releases", "remind_days", "void_days", "breaker_per_hour", "sample_percent")


class BadEntry(ValueError):
    """``code``: known, too_many, not_to_be_trusted, or what BadPattern says about the pattern."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def save_policy(
    *,
    program: Program,
    medium_at: int,
    high_at: int,
    weights: dict[str, int],
    medium_releases: bool,
    remind_days: int,
    void_days: int,
    breaker_per_hour: int | None,
    sample_percent: int,
    by: str,
    now: datetime,
) -> FraudPolicy:
    """How the program judges from the next order on. Reviews that wait follow its days at once."""
    program_for_update(program.pk)
    policy = FraudPolicy.objects.filter(program=program).first() or FraudPolicy(program=program)
    before = values_of(policy)
    policy.medium_at, policy.high_at = medium_at, high_at
    policy.weights = {code: points for code, points in weights.items() if WEIGHTS.get(code) not in (None, points)}
    policy.medium_releases, policy.breaker_per_hour = medium_releases, breaker_per_hour
    policy.remind_days, policy.void_days, policy.sample_percent = remind_days, void_days, sample_percent
    changed = [name for name in (*SETTINGS, "weights") if getattr(policy, name) != before[name]]
    if changed:
        policy.save()
        record("program.checks_changed", subject=program, by=by, now=now, data={"changed": changed})
        wake("review", due_at=database_now())
    return policy


@transaction_required
def add_entry(*, to: str, field: str, pattern: str, note: str, by: str, now: datetime) -> ListEntry:
    """Block or trust whoever fits. BadEntry: what is wrong with it. It counts for orders judged from now on."""
    if not may_stand(to, field):
        raise BadEntry("not_to_be_trusted")
    try:
        cleaned = clean_pattern(field, pattern)
    except BadPattern as error:
        raise BadEntry(error.code) from error
    if ListEntry.objects.count() >= MOST_ENTRIES:
        raise BadEntry("too_many")
    told = {"note": clean_text(note.strip(), max_length=LONGEST_NOTE), "by": by, "at": now}
    try:
        with transaction.atomic():
            entry: ListEntry = ListEntry.objects.create(list=to, field=field, pattern=cleaned, **told)
    except IntegrityError as error:
        raise BadEntry("known") from error
    record("list.added", subject=entry, by=by, now=now, data={"list": to, "field": field})
    return entry


@transaction_required
def remove_entry(*, entry: ListEntry, by: str, now: datetime) -> None:
    """What was decided because of it stays decided."""
    deleted, _rows = ListEntry.objects.filter(pk=entry.pk).delete()
    if deleted:
        record("list.removed", subject=entry, by=by, now=now, data={"list": entry.list, "field": entry.field})
