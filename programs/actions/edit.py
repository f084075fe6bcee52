"""Make a program and change what publishing would freeze next. A draft may be incomplete; publishing judges it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kit.ids import new_code
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.selectors import workspace
from programs.actions.preset_kinds import own_kinds
from programs.locks import program_for_update
from programs.models import Program
from programs.rules import Terms
from programs.templates import TEMPLATES

LONGEST_NAME = 120
LONGEST_SLUG = 60
SLUG_TRIES = 5


class BadProgram(ValueError):
    """Refused, nothing changed: ``field`` says where, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction_required
def create_program(*, name: str, template: str, by: str, now: datetime) -> Program:
    """A draft from a template (a key of TEMPLATES), in the workspace's currency."""
    if template not in TEMPLATES:
        raise BadProgram("template", _("Choose one of the templates on the list."))
    wanted = _name(name)
    terms = own_kinds(terms=TEMPLATES[template].terms_in(workspace().currency), by=by, now=now)
    program = Program(name=wanted, draft=terms.to_json(), created_at=now)
    _save_under_free_slug(program)
    events.record("program.created", subject=program, by=by, now=now, data={"template": template})
    return program


@transaction_required
def save_draft(
    *,
    program: Program,
    terms: Terms,
    name: str,
    auto_enrol: str,
    self_sign_up: bool,
    by: str,
    now: datetime,
    introduction_days: int | None = None,
    introduction_mail: bool | None = None,
) -> Program:
    """Keep changes for the next publishing. Name and ways of joining count at once; the terms only when published.

    ``introduction_days`` and ``introduction_mail`` stay as they are where they are not given.
    """
    found = program_for_update(program.pk)
    if found.state == Program.State.ENDED or found.archived_at:
        raise BadProgram("state", _("This program is over and can no longer be changed."))
    if auto_enrol not in Program.AutoEnrol.values:
        raise BadProgram("auto_enrol", _("Choose one of the ways to join on the list."))
    wanted: dict[str, Any] = {
        "name": _name(name),
        "draft": terms.to_json(),
        "auto_enrol": auto_enrol,
        "self_sign_up": self_sign_up,
        "introduction_days": found.introduction_days if introduction_days is None else introduction_days,
        "introduction_mail": found.introduction_mail if introduction_mail is None else introduction_mail,
    }
    changed = _changed(found, wanted)
    for field, value in wanted.items():
        setattr(found, field, value)
    if changed:
        found.save(update_fields=list(wanted))
        events.record("program.edited", subject=found, by=by, now=now, data={"fields": changed})
    return found


def _changed(program: Program, wanted: dict[str, Any]) -> list[str]:
    """Names of what differs; of the draft the single terms, so that the audit says what was touched."""
    plain = [field for field, value in wanted.items() if field != "draft" and getattr(program, field) != value]
    before, after = program.draft_terms.to_json(), Terms.from_json(wanted["draft"]).to_json()
    return plain + [field for field in after if before[field] != after[field]]


def _save_under_free_slug(program: Program) -> None:
    base = slugify(program.name)[: LONGEST_SLUG - 7].strip("-") or "program"
    base = "new-program" if base == "new" else base  # the dashboard's form for new ones lives there
    for attempt in range(SLUG_TRIES):
        program.slug = base if attempt == 0 else f"{base}-{new_code(6).lower()}"
        try:
            with transaction.atomic():
                program.save(force_insert=True)
            return
        except IntegrityError:
            if attempt == SLUG_TRIES - 1:
                raise


def _name(text: str) -> str:
    name = clean_text(text).replace("\n", " ").strip()
    if not name:
        raise BadProgram("name", _("Give the program a name."))
    if len(name) > LONGEST_NAME:
        raise BadProgram("name", _("The name is too long: use %(limit)s characters at most.") % {"limit": LONGEST_NAME})
    return name
