"""Reviews: held until decided, going by itself, decided, asked to be looked at again, a sample; lists; a breaker."""

from __future__ import annotations

from datetime import datetime

from kit.ids import public_id
from kit.patience import MOST_ATTEMPTS
from merchants.events import SYSTEM, by_advocate
from rewards.actions import breaker
from rewards.actions.reviews import ask_second_look, decide
from rewards.actions.setbacks import Work, note_setback
from rewards.models import Setback
from tests.cast import World, at_work
from tests.dashboard.cases import HER_OWN, buys, review_of_order
from tracking.actions.checks import add_entry
from tracking.models import Review


def doubts_of(world: World) -> dict[str, str]:
    buys(world, "60", HER_OWN)
    for number in ("61", "62", "63", "64", "65"):
        buys(world, number, (f"dana+{number}@advocate.example", f"Eve {number}"))
    refused, appealed, cleared, sample = (review_of_order(world, number) for number in ("61", "62", "63", "64"))
    with at_work(world.merchant) as now:
        told = {"by": SYSTEM, "now": now}
        for review, ok in ((refused, False), (appealed, False), (cleared, True)):
            decide(review=review, advocate_ok=ok, friend_ok=ok, note="Looked at it.", **told)
        by = by_advocate(world.advocate.pk)
        ask_second_look(referral=appealed.referral, text="She is my sister in law.", by=by, now=now)
        Review.objects.filter(pk=sample.pk).update(cause=Review.Cause.SAMPLE, level=Review.Level.PASS, score=0)
        entry = add_entry(to="BLOCK", field="DOMAIN", pattern="cheats.example", note="Only cheats", **told)
        add_entry(to="TRUST", field="EMAIL", pattern="*@family.example", note="", **told)
        breaker.trip(program_id=world.program.pk, counted=300, now=now)
        waiting = Review.objects.get(referral__order__external_id="60")
        stuck = _broken(waiting, now)
        return {
            "review": public_id("rev", waiting.pk),
            "list_entry": public_id("lst", entry.pk),
            "setback": stuck.public_id,
        }


def _broken(review: Review, now: datetime) -> Setback:
    """Set aside after the last try."""
    trouble = RuntimeError("It does not add up.")
    return [note_setback(work=Work.REVIEW, about=review.pk, trouble=trouble, now=now) for _ in range(MOST_ATTEMPTS)][-1]
