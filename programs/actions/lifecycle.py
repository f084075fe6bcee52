"""The states of a program: publish, pause, resume, end, archive. Never delete.

Publishing freezes a terms version. Referrals keep theirs, so whatever happens here never touches what was promised.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils.module_loading import import_string

from kit.clock import real_time
from kit.days import local_date, start_of_day
from kit.tenancy import transaction_required
from merchants import events
from merchants.models import Workspace
from merchants.selectors import workspace
from merchants.wakeups import wake
from programs.locks import program_for_update
from programs.models import CodePool, Program, RewardKind, TermsVersion
from programs.offers import KnowsIfReady
from programs.rules import (
    BY_PEOPLE,
    TRANSITIONS,
    CodeSource,
    Fulfilment,
    Gives,
    Problem,
    Terms,
    Transition,
    allowed_transitions,
    problems,
)
from programs.rules.landing import needs_page
from programs.selectors import codes_of_kind, given_by, is_over, stock_left, terms_digest, things_left


class NotPossible(Exception):
    """Refused, nothing changed. ``problems`` say which field and why (programs.wording.problem_text has the words)."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = problems


@transaction_required
def publish_program(*, program: Program, by: str, now: datetime, seen: str = "") -> Program:
    """Freeze the draft as the next terms version; the first one opens the program. Unchanged terms make no version.

    ``seen``: terms_digest() of the draft that was looked at before. Another draft than that one is not published.
    """
    found = _locked(program, Transition.PUBLISH)
    terms = found.draft_terms
    if seen and seen != terms_digest(terms):
        raise NotPossible([Problem("state", "draft_moved_on")])
    if found.terms and found.terms.as_terms() == terms:
        return found
    _refuse_while_closing()
    if reasons := publishing_problems(found, now=now):
        raise NotPossible(reasons)
    found.terms = _freeze(found, terms, by, now)
    found.state = TRANSITIONS[found.state, Transition.PUBLISH]
    found.published_at = found.published_at or now
    found.save(update_fields=["terms", "state", "published_at"])
    _wake_at_end(found, terms)
    _record("program.published", found, by, now, terms=str(found.terms.pk), number=found.terms.number)
    return found


@transaction_required
def publishing_problems(program: Program, *, now: datetime) -> list[Problem]:
    """All that stands between this draft and publishing: the rules, the workspace, the stock, the connections."""
    terms = program.draft_terms
    own = problems(terms)
    return [*own, *_workspace_problems(terms, workspace(), now, own), *_supply_problems(program, terms)]


@transaction_required
def pause_program(*, program: Program, by: str, now: datetime) -> Program:
    """No new claims. Orders inside their window still count, earned rewards still come."""
    found = _locked(program, Transition.PAUSE)
    return _move(found, Transition.PAUSE, by=by, now=now, paused_at=now)


@transaction_required
def resume_program(*, program: Program, by: str, now: datetime) -> Program:
    found = _locked(program, Transition.RESUME)
    _refuse_while_closing()
    if is_over(found.live_terms, local_date(now, workspace().time_zone)):
        raise NotPossible([Problem("ends_on", "already_over")])
    return _move(found, Transition.RESUME, by=by, now=now, paused_at=None)


@transaction_required
def end_program(*, program: Program, by: str, now: datetime) -> Program:
    """As paused, for good: open windows and holds run out by themselves."""
    found = _locked(program, Transition.END)
    return _move(found, Transition.END, by=by, now=now, ended_at=now)


@transaction_required
def archive_program(*, program: Program, by: str, now: datetime) -> Program:
    """Out of the lists. Only a draft or an ended program; nothing of it is deleted."""
    found = _locked(program, Transition.ARCHIVE)
    return _move(found, Transition.ARCHIVE, by=by, now=now, archived_at=now)


def end_of(terms: Terms, zone: str) -> datetime | None:
    """The business moment from which the program is over: the day after ``ends_on`` begins in the zone."""
    return start_of_day(date.fromisoformat(terms.ends_on) + timedelta(days=1), zone) if terms.ends_on else None


def _refuse_while_closing() -> None:
    if workspace().merchant.closes_at is not None:
        raise NotPossible([Problem("state", "closing")])


def _locked(program: Program, step: Transition) -> Program:
    found = program_for_update(program.pk)
    if step not in allowed_transitions(found.state, archived=found.archived_at is not None):
        raise NotPossible([Problem("state", f"cannot_{step.value}")])
    return found


def _move(program: Program, step: Transition, *, by: str, now: datetime, **times: datetime | None) -> Program:
    before, program.state = program.state, TRANSITIONS[program.state, step]
    for field, value in times.items():
        setattr(program, field, value)
    program.save(update_fields=["state", *times])
    _record(_CODES[step], program, by, now, before=before)
    return program


_CODES = {
    Transition.PAUSE: "program.paused",
    Transition.RESUME: "program.resumed",
    Transition.END: "program.ended",
    Transition.ARCHIVE: "program.archived",
}


def _freeze(program: Program, terms: Terms, by: str, now: datetime) -> TermsVersion:
    last = TermsVersion.objects.filter(program=program).aggregate(last=Max("number"))["last"] or 0
    version: TermsVersion = TermsVersion.objects.create(
        program=program, number=last + 1, terms=terms.to_json(), published_at=now, published_by=by
    )
    return version


def _wake_at_end(program: Program, terms: Terms) -> None:
    end = end_of(terms, workspace().time_zone)
    if end is not None:
        wake("programs", due_at=real_time(end, program.merchant))


def _workspace_problems(terms: Terms, place: Workspace, now: datetime, known: list[Problem]) -> Iterator[Problem]:
    if terms.currency != place.currency:
        yield Problem("currency", "not_workspace_currency")
    has_bad_end = any(problem.field == "ends_on" for problem in known)
    if not has_bad_end and is_over(terms, local_date(now, place.time_zone)):
        yield Problem("ends_on", "already_over")


def _supply_problems(program: Program, terms: Terms) -> Iterator[Problem]:
    """A friend must never be promised a code that cannot come."""
    offers = [("offer_source", terms.offer), *(("tiers", tier.offer) for tier in terms.tiers)]
    for field, offer in offers:
        if offer and offer.source == CodeSource.POOL and not stock_left(program, CodePool.Purpose.OFFER):
            yield Problem(field, "no_codes")
        if offer and offer.source == CodeSource.WEBHOOK and not _ready("CODE_SOURCES", "WEBHOOK", program):
            yield Problem(field, "not_connected")
    for field, fulfilment, gives in given_by(terms):
        yield from _fulfilment_problems(program, field, fulfilment, gives)


def _fulfilment_problems(
    program: Program, field: str, fulfilment: Fulfilment, gives: Gives | None
) -> Iterator[Problem]:
    """People and our own account need nothing outside; pools need codes, and everything else a connection."""
    kind = RewardKind.objects.filter(pk=gives.id).first() if gives else None
    if gives and (kind is None or kind.archived_at):
        yield Problem(field, "kind_archived")
    if fulfilment in BY_PEOPLE or fulfilment == Fulfilment.BALANCE:
        return
    if fulfilment == Fulfilment.COUPON_POOL:
        left = codes_of_kind(kind)[0] if kind else stock_left(program, CodePool.Purpose.REWARD)
        if not left:
            yield Problem(field, "no_codes")
    elif not _ready("REWARD_FULFILLERS", fulfilment.value, program):
        yield Problem(field, "not_connected")


@transaction_required
def publishing_warnings(program: Program) -> list[Problem]:
    """What to see to although it stops nothing: things to be sent of which none are left, and links that would show a
    page although they were to lead straight to the shop."""
    found = []
    if program.landing == Program.Landing.REDIRECT and needs_page(program.draft_terms):
        found.append(Problem("landing", "needs_page"))
    for field, fulfilment, gives in given_by(program.draft_terms):
        if gives and fulfilment == Fulfilment.SHIPMENT and not things_left(gives.id):
            found.append(Problem(field, "no_stock"))
    return found


def _ready(registry: str, kind: str, program: Program) -> bool:
    adapter = import_string(getattr(settings, registry)[kind])()
    return adapter.is_ready(program.pk) if isinstance(adapter, KnowsIfReady) else True


def _record(code: str, program: Program, by: str, now: datetime, **data: str | int) -> None:
    events.record(code, subject=program, by=by, now=now, data=data)
