"""Make a program, or another one like it, and change what publishing would freeze next.

A draft may be incomplete; publishing judges it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

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
from programs.models import Program, TermsVersion
from programs.rules import Terms
from programs.selectors import terms_digest
from programs.templates import TEMPLATES

LONGEST_NAME = 120
LONGEST_SLUG = 60
SLUG_TRIES = 5


class BadProgram(ValueError):
    """Refused, nothing changed: ``field`` says where, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class MovedOn(BadProgram):
    """Somebody else saved other rules since these were begun; nothing changed."""

    def __init__(self) -> None:
        super().__init__("seen", _("Somebody else saved other rules since you opened this page."))


@transaction_required
def create_program(*, name: str, template: str, by: str, now: datetime) -> Program:
    """A draft from a template (a key of TEMPLATES), in the workspace's currency."""
    if template not in TEMPLATES:
        raise BadProgram("template", _("Choose one of the templates on the list."))
    wanted = _name(name)
    terms = own_kinds(terms=TEMPLATES[template].terms_in(workspace().currency), by=by, now=now)
    chosen = TEMPLATES[template]
    program = Program(name=wanted, draft=terms.to_json(), takes_leads=chosen.takes_leads, created_at=now)
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
    seen: str = "",
) -> Program:
    """Keep changes for the next publishing. Name and ways of joining count at once; the terms only when published.

    ``introduction_days`` and ``introduction_mail`` stay as they are where they are not given. ``seen``: terms_digest()
    of the draft that the changes were made of; raises MovedOn where somebody else changed it meanwhile.
    """
    found = program_for_update(program.pk)
    _refuse_if_over(found)
    if seen and terms_digest(found.draft_terms) not in (seen, terms_digest(terms)):
        raise MovedOn
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


@transaction_required
def duplicate_program(*, program: Program, asked: UUID, by: str, now: datetime) -> Program:
    """A draft with the same rules, ways of joining and way of its links; of any program, also one that is over.

    Codes, links, people, budget and bonuses stay where they are. ``asked`` names the wish: asked again, the same copy
    is given and nothing is written. The original's lock keeps two at once from making two.
    """
    found = program_for_update(program.pk)
    key = uuid5(found.pk, str(asked))
    made: Program | None = Program.objects.select_related("terms", "merchant").filter(pk=key).first()
    if made:
        return made
    copy = Program(
        pk=key,
        name=_("Copy of %(name)s") % {"name": found.name},
        draft=found.draft,
        created_at=now,
        **{field: getattr(found, field) for field in _COPIED},
    )
    copy.name = copy.name[:LONGEST_NAME]
    _save_under_free_slug(copy)
    events.record("program.copied", subject=copy, by=by, now=now, data={"from": str(found.pk)}, is_first=True)
    return copy


_COPIED = (
    "auto_enrol", "self_sign_up", "introduction_days", "introduction_mail",
    "landing", "destination", "utm", "own_codes", "takes_leads",
)  # fmt: skip


@transaction_required
def take_up_version(*, program: Program, number: int, by: str, now: datetime) -> Program:
    """What was published as that version becomes the draft; what stood in the draft is gone. Nothing is published."""
    found = program_for_update(program.pk)
    _refuse_if_over(found)
    version = TermsVersion.objects.filter(program=found, number=number).first()
    if version is None:
        raise BadProgram("number", _("There is no such version."))
    changed = _terms_changed(found.draft_terms, version.as_terms())
    if changed:
        found.draft = version.as_terms().to_json()
        found.save(update_fields=["draft"])
        data = {"number": number, "fields": changed}
        events.record("program.version_taken_up", subject=found, by=by, now=now, data=data)
    return found


def _refuse_if_over(program: Program) -> None:
    if program.state == Program.State.ENDED or program.archived_at:
        raise BadProgram("state", _("This program is over and can no longer be changed."))


def _changed(program: Program, wanted: dict[str, Any]) -> list[str]:
    """Names of what differs; of the draft the single terms, so that the audit says what was touched."""
    plain = [field for field, value in wanted.items() if field != "draft" and getattr(program, field) != value]
    return plain + _terms_changed(program.draft_terms, Terms.from_json(wanted["draft"]))


def _terms_changed(before: Terms, after: Terms) -> list[str]:
    one, other = before.to_json(), after.to_json()
    return [field for field in other if one[field] != other[field]]


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
