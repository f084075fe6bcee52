"""A test drive under way, so that its pages have something to show."""

from __future__ import annotations

from engagement.mailbox import mails_of
from merchants.events import SYSTEM
from programs.rules.drive import Step
from programs.steps.drives import begin
from rewards.steps.drive import play
from tests.cast import World


def drive_of(world: World) -> dict[str, str]:
    """Its advocate has joined; gives the id of her mail."""
    ref = world.merchant.tenant_ref()
    drive = begin(ref, program_id=world.program.pk, after=0, by=SYSTEM)
    play(ref, drive_id=drive.pk, step=Step.JOIN, usual_minor=6000, by=SYSTEM)
    return {"drive_mail": mails_of(drive.stage.slug)[0].id}
