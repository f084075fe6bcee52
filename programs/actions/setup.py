"""The way to the first live program: its answers are the draft itself; only what cannot be computed is kept beside it.

Nothing here publishes (programs.actions.lifecycle does), and nothing here touches a program that was published.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kit.tenancy import transaction_required
from merchants import events
from merchants.selectors import merchant, workspace
from programs.actions.edit import BadProgram, create_program, save_draft
from programs.actions.preset_kinds import own_kinds
from programs.locks import setup_for_update
from programs.models import Program, Setup
from programs.selectors import draft_to_set_up, terms_digest
from programs.templates import TEMPLATES

#: Steps that may be put off until after publishing.
MAY_WAIT = ("shop", "customers")


class AlreadyLive(ValueError):
    """The program was published meanwhile: it is changed in its editor now. Nothing was changed."""


@transaction_required
def choose_preset(*, preset: str, by: str, now: datetime) -> Setup:
    """What is sold. Makes the draft; another answer later writes the draft anew, the same one leaves it alone."""
    if preset not in TEMPLATES:
        raise BadProgram("preset", _("Choose one of the kinds of business on the list."))
    setup = _setup(by, now)
    kept = setup.kept
    if setup.program is None:
        setup.program = create_program(name=_first_name(), template=preset, by=by, now=now)
    elif setup.preset != preset:
        _write_anew(setup.program, preset, by, now)
        kept = [step for step in kept if step != "reward"]
    return _keep(setup, "sell", by, now, preset=preset, kept=kept)


@transaction_required
def keep_answers(*, step: str, by: str, now: datetime, figures: Mapping[str, Any] | None = None) -> Setup:
    """Somebody looked at this step and wants it so. ``figures``: what they said of the business, where it asks."""
    setup = _setup(by, now)
    said = setup.figures if figures is None else dict(figures)
    return _keep(setup, step, by, now, figures=said, kept=sorted({*setup.kept, step}))


@transaction_required
def put_off(*, step: str, by: str, now: datetime) -> Setup:
    """Go on without this step; it stays on the list and can be done at any time."""
    if step not in MAY_WAIT:
        raise BadProgram("step", _("This step cannot be left out."))
    setup = _setup(by, now)
    return _keep(setup, step, by, now, skipped=sorted({*setup.skipped, step}))


@transaction_required
def agree_to_terms(*, by: str, now: datetime) -> Setup:
    """Somebody read the terms as the draft says them now; another draft is to be read anew."""
    setup = _setup(by, now)
    if setup.program is None:
        raise BadProgram("preset", _("Say first what you sell."))
    return _keep(setup, "terms", by, now, terms_read=terms_digest(setup.program.draft_terms))


def _setup(by: str, now: datetime) -> Setup:
    """The one row of this merchant, locked; a draft made elsewhere is taken up. Two at once make one."""
    Setup.objects.bulk_create([Setup(created_at=now)], ignore_conflicts=True)
    setup = setup_for_update()
    if setup.program is None or setup.program.archived_at:
        setup.program = draft_to_set_up()
    if setup.program and setup.program.state != Program.State.DRAFT:
        raise AlreadyLive
    return setup


def _keep(setup: Setup, step: str, by: str, now: datetime, **values: Any) -> Setup:
    """Told once, however often the same answer is sent."""
    standing = Setup.objects.get(pk=setup.pk)
    for field, value in values.items():
        setattr(setup, field, value)
    changed = [field for field in ("program_id", *values) if getattr(standing, field) != getattr(setup, field)]
    if changed:
        setup.save(update_fields=[field.removesuffix("_id") for field in changed])
        events.record("setup.changed", subject=setup, by=by, now=now, data={"step": step})
    return setup


def _first_name() -> str:
    return _("Friends of %(shop)s") % {"shop": merchant().name[:80]}


def _write_anew(program: Program, preset: str, by: str, now: datetime) -> None:
    terms = own_kinds(terms=TEMPLATES[preset].terms_in(workspace().currency), by=by, now=now)
    ways: dict[str, Any] = {"auto_enrol": program.auto_enrol, "self_sign_up": program.self_sign_up}
    save_draft(program=program, terms=terms, name=program.name, **ways, by=by, now=now)
    program.refresh_from_db()
    program.takes_leads = TEMPLATES[preset].takes_leads
    program.save(update_fields=["takes_leads"])
