"""The editor of a program's rules as its page shows it: its parts with what is to be mended in each and what differs
from what is published, and how the rules read while they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programs.models import Program
from programs.problems import field_name, problem_text
from programs.rules import Terms, problems
from programs.wording import friend_headline, plain_summary
from programs.wording.changes import Difference, differences
from referral_saas.dashboard.forms.program import ProgramForm
from referral_saas.dashboard.forms.program.editor import STANDS_AT
from referral_saas.form_fields import ErrorLine, error_lines

#: Anchor -> its heading, and the beginnings of the names of its fields.
PARTS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "name": (_("Name"), ("name",)),
    "friend": (_("For the friend"), ("friend_", "offer_")),
    "advocate": (
        _("For the advocate"),
        ("advocate_reward_", "choice_", "tier_", "advocate_cap", "cap_period"),
    ),
    "orders": (
        _("Which orders count"),
        (
            "new_customers", "min_order", "count_", "attribution_", "qualification_", "touch_rule", "code_rule",
            "starts_on", "ends_on", "scope", "countries",
        ),
    ),
    "hold": (_("How long rewards are held"), ("return_window", "hold_", "holiday_", "trust_")),
    "joining": (_("Joining"), ("self_sign_up", "auto_enrol", "advocates_must", "advocate_min")),
    "asked": (_("Who sent you?"), ("introduction_",)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One section. ``wrong``: how many things in it are to be mended; ``differs``: from what is published."""

    key: str
    label: str
    wrong: int
    differs: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rules read that are typed now; without lines while something is to be mended first."""

    headline: str
    lines: list[str]
    #: What stands against publishing as far as the rules alone can say.
    to_mend: list[ErrorLine]
    changes: list[Difference]
    parts: list[Part]


def reading_of(program: Program, form: ProgramForm, language: str) -> Reading:
    """A form that came back says what is typed in it; a fresh one the stored draft."""
    if form.is_bound and not form.is_valid():
        return Reading("", [], error_lines(form), [], _parts(form, []))
    terms = form.terms() if form.is_bound else program.draft_terms
    changes = differences(program.terms.as_terms(), terms, program, language) if program.terms else []
    return Reading(
        friend_headline(terms, program, language),
        plain_summary(terms, program, language),
        _against_publishing(terms, form),
        changes,
        _parts(form, changes),
    )


def _parts(form: ProgramForm, changes: Sequence[Difference]) -> list[Part]:
    wrong = list(form.errors) if form.is_bound else []
    differing = {change.section.value for change in changes}
    return [
        Part(key, str(label), sum(name.startswith(starts) for name in wrong), key in differing)
        for key, (label, starts) in PARTS.items()
    ]


def _against_publishing(terms: Terms, form: ProgramForm) -> list[ErrorLine]:
    found = []
    for problem in problems(terms):
        field = STANDS_AT.get(problem.field, problem.field)
        anchor = f"id_{field}" if field in form.fields else None
        found.append(ErrorLine(field_name(problem.field), anchor, problem_text(problem)))
    return found


def editor_context(program: Program, form: ProgramForm, language: str) -> dict[str, Any]:
    return {
        "program": program,
        "form": form,
        "currency": form.before.currency,
        "groups": form.groups(),
        "opens": form.open_folds(),
        "reading": reading_of(program, form, language),
    }
