"""A test drive's row in its own workspace, and what it needs on its stage: a live copy of the draft, with codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from kit.clock import database_now
from kit.ids import new_code
from kit.tenancy import transaction_required
from merchants import events
from merchants.actions.workspaces import furnish_stage, reserve_stage
from merchants.models import Merchant, Workspace
from merchants.selectors import merchant, workspace
from programs.actions.lifecycle import publish_program
from programs.actions.stock import upload_codes
from programs.locks import drive_for_update, program_for_update
from programs.models import CodePool, Drive, Program, RewardKind
from programs.rules import Fulfilment, Problem, RewardRule, Terms, problems
from programs.rules.drive import Step, Turn, on_stage
from programs.selectors import drive_of, pools_needed, terms_digest

#: Of one workspace in 24 hours of real time, for each drive makes a workspace of its own.
MOST_A_DAY = 20
#: More than the number below which a pool is told to run low.
CODES = 40


class NotDrivable(Exception):
    """Nothing was begun. ``problems``: what is to be mended in the rules first; empty: too many were begun today."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems) or "too many today")
        self.problems = problems


@transaction_required
def begin_drive(*, program: Program, after: int, by: str, now: datetime) -> Drive:
    """The next drive of this program, with a stage that is still empty; the one before is over, its stage closed.

    ``after``: the number of the newest drive that the person knew of, 0 for none. Where there is a newer one already
    (a second press, a colleague), that one is given and nothing is written.
    """
    found = program_for_update(program.pk)
    newest = drive_of(found)
    if newest and newest.number != after:
        return newest
    if found.state == Program.State.ENDED or found.archived_at:
        raise NotDrivable([Problem("state", "over")])
    _refuse_to_drive(found)
    if newest:
        Merchant.objects.filter(pk=newest.stage_id).update(status=Merchant.Status.CLOSED)
    drive: Drive = Drive.objects.create(
        program=found,
        number=(newest.number if newest else 0) + 1,
        stage=reserve_stage(home=merchant()),
        terms_digest=terms_digest(found.draft_terms),
        started_at=now,
    )
    events.record("drive.begun", subject=drive, by=by, now=now, data={"program": str(found.pk)}, is_first=True)
    return drive


@transaction_required
def driving_problems(program: Program) -> list[Problem]:
    """What is to be mended before a drive: the rules themselves. Codes and connections are stood in for."""
    terms = program.draft_terms
    other = [] if terms.currency == workspace().currency else [Problem("currency", "not_workspace_currency")]
    return [*problems(terms), *other]


def _refuse_to_drive(program: Program) -> None:
    if found := driving_problems(program):
        raise NotDrivable(found)
    since = database_now() - timedelta(days=1)
    if Drive.objects.filter(stage__created_at__gt=since).count() >= MOST_A_DAY:
        raise NotDrivable([])


@transaction_required
def note_played(*, drive_id: UUID, step: Step, attributed: bool, by: str, now: datetime) -> Drive:
    """This step was played. Told twice, or out of turn, it changes nothing."""
    drive = drive_for_update(drive_id)
    before = drive.course
    if before.turn(step) != Turn.PLAY:
        return drive
    after = before.after(step)
    drive.reached, drive.comes_back = (after.reached or ""), after.comes_back
    if step == Step.ORDER and attributed:
        drive.attributed_at = now
    drive.save(update_fields=["reached", "comes_back", "attributed_at"])
    events.record("drive.played", subject=drive, by=by, now=now, data={"step": step.value})
    return drive


# --- on the stage -------------------------------------------------------------------------------------------------


@transaction_required
def set_stage(*, stage: Merchant, model: Workspace, name: str, terms: Terms, by: str, now: datetime) -> None:
    """In the stage's scope: settings as at home, and a program of these terms that is live, with codes of its own.
    Nobody joins it by themselves, for the stage's address can be guessed. Again, it changes nothing."""
    if furnish_stage(stage=stage, model=model, by=by, now=now) is None:
        return
    played = _with_own_kinds(on_stage(terms), now)
    program = Program(name=name, slug="drive", draft=played.to_json(), self_sign_up=False, created_at=now)
    program.save(force_insert=True)
    events.record("program.created", subject=program, by=by, now=now, data={"template": "drive"})
    _fill_pools(program, played, by, now)
    publish_program(program=program, by=by, now=now)


def _with_own_kinds(terms: Terms, now: datetime) -> Terms:
    friend = _own(terms.friend_reward, now) if terms.friend_reward else None
    return replace(terms, advocate_reward=_own(terms.advocate_reward, now), friend_reward=friend)


def _own(rule: RewardRule, now: datetime) -> RewardRule:
    """Of the kind at home a row on the stage, made once for both sides."""
    if rule.gives is None:
        return rule
    wanted = rule.gives
    same = {name: getattr(wanted, name) for name in ("form", "fulfilment", "unit", "fair_minor", "valid_days")}
    kind, _made = RewardKind.objects.get_or_create(
        name=wanted.name, defaults={**same, "setting": wanted.setting, "created_at": now}
    )
    return replace(rule, gives=kind.as_gives())


def _fill_pools(program: Program, terms: Terms, by: str, now: datetime) -> None:
    for purpose in pools_needed(terms):
        upload_codes(program=program, purpose=purpose, codes=_codes(_WORDS[purpose]), by=by, now=now)
    for rule in (terms.advocate_reward, terms.friend_reward):
        if rule and rule.gives and rule.fulfilment == Fulfilment.COUPON_POOL:
            kind = RewardKind.objects.get(pk=rule.gives.id)
            upload_codes(kind=kind, codes=_codes("GIFT"), by=by, now=now)


_WORDS = {CodePool.Purpose.OFFER.value: "FRIEND", CodePool.Purpose.REWARD.value: "THANKS"}


def _codes(word: str) -> list[str]:
    return [f"TEST-{word}-{new_code(5)}" for _each in range(CODES)]
