"""The whole form: its sections, the repeated groups of the draft, and the terms it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kit.money import is_currency
from programs.models import Program, RewardKind
from programs.problems import problem_text
from programs.rules import CapPeriod, Problem, RewardRule, Terms, Value
from referral_saas.dashboard.forms.money import AmountField, basis_points_of
from referral_saas.dashboard.forms.program.conditions import (
    HoldFields,
    IntroductionFields,
    JoiningFields,
    LimitFields,
    OrderFields,
)
from referral_saas.dashboard.forms.program.groups import CHOICES, GROUPS, HOLDS, LEVELS, Group
from referral_saas.dashboard.forms.program.reading import Groups
from referral_saas.dashboard.forms.program.shelf import Shelf, amount_of, picked, unit_words
from referral_saas.dashboard.forms.program.sides import AdvocateFields, FriendFields
from referral_saas.dashboard.forms.program.terms import advocate_reward_of, as_typed, reward_of, terms_of

#: Where a problem of the rules stands that is about a group as a whole.
STANDS_AT = {
    "tiers": "tier_1_name",
    "tiers_kind": "tier_1_value",
    "tiers_every": "advocate_reward_every",
    "tiers_recurring_months": "advocate_reward_recurring_months",
    "tiers_choices": "choice_1_gives",
    "advocate_reward_choices": "choice_1_gives",
    "hold_overrides": "hold_1_ids",
    "holiday": "holiday_from",
    "trust_hold_days": "trust_1",
}
#: The folded sections: the beginnings of the names of their fields.
FOLDS = {
    "more": ("advocate_reward_every", "advocate_reward_recurring_months", "choice_"),
    "levels": ("tier_",),
    "limits": ("advocate_cap", "cap_period"),
    "holds": ("hold_", "holiday_", "trust_"),
    "orders": (
        "count_", "attribution_", "qualification_", "touch_rule", "code_rule", "starts_on", "ends_on", "scope",
        "countries",
    ),
    "joining": ("advocates_must_be_customers", "advocate_min_orders"),
}  # fmt: skip


def typed_of(program: Program) -> dict[str, Any]:
    """The stored draft and ways of joining as the form would be sent back unchanged."""
    return as_typed(program.draft_terms) | {
        "name": program.name,
        "auto_enrol": program.auto_enrol,
        "self_sign_up": program.self_sign_up,
        "introduction_days": program.introduction_days,
        "introduction_mail": program.introduction_mail,
    }


class ProgramForm(
    FriendFields, AdvocateFields, OrderFields, HoldFields, LimitFields, JoiningFields, IntroductionFields
):
    """What a side needs is demanded only where that side is given (``clean``), so browsers must not demand it."""

    use_required_attribute = False

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Advocates see it. It counts at once."))

    def __init__(self, data: Any = None, *, program: Program, kinds: Sequence[RewardKind] = (), **kwargs: Any) -> None:
        """``kinds``: the catalogue to choose from; what the draft gives already is always there."""
        self.program, self.before = program, program.draft_terms
        self.shelf = Shelf(kinds, self.before)
        self.typed = typed_of(program)
        super().__init__(data, initial=self.typed, **kwargs)
        self._lay_out(data)
        self._in_currency(self.before.currency)

    @classmethod
    def checked(cls, program: Program, problems: list[Problem], kinds: Sequence[RewardKind] = ()) -> ProgramForm:
        """The stored draft with what stands against publishing beside its fields."""
        form = cls(program=program, kinds=kinds)
        form = cls(form.typed, program=program, kinds=kinds)
        for problem in problems:
            field = STANDS_AT.get(problem.field, problem.field)
            form.add_error(field if field in form.fields else None, problem_text(problem))
        return form

    def groups(self) -> dict[str, list[dict[str, Any]]]:
        """The repeated groups as templates draw them."""
        return {group.name: list(self._drawn(group)) for group in GROUPS}

    def open_folds(self) -> dict[str, bool]:
        """Open where something is to be mended, or where the draft uses it."""
        used = self._used()
        return {
            fold: used[fold] or any(name.startswith(starts) for name in self.errors) for fold, starts in FOLDS.items()
        }

    def terms(self) -> Terms:
        """The draft as typed; only for a valid form."""
        return terms_of(self.cleaned_data, before=self.before, shelf=self.shelf)

    # --- cleaning -------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for side in ("offer", "friend_reward", "advocate_reward"):
            if self._is_given(side):
                self._read_value(side)
            else:
                self._forget_errors(side)
        self.check_holiday()
        self.check_trust()
        self._read_groups(cleaned)
        return cleaned

    def _read_groups(self, cleaned: dict[str, Any]) -> None:
        groups = Groups(self, self.before, self.shelf)
        cleaned |= {"choices": (), "tiers": ()}
        rule = self._advocate_rule()
        cleaned["choices"] = groups.choices(rule)
        if not self._has_errors("advocate_reward_"):
            rule = advocate_reward_of(cleaned, before=self.before, shelf=self.shelf)
        cleaned["tiers"] = groups.levels(rule)
        cleaned["hold_overrides"] = groups.holds()
        cleaned["advocate_cap_minor"] = self._read_cap(cleaned.get("advocate_cap_minor"), rule)

    def _advocate_rule(self) -> RewardRule:
        """What choices and levels are compared with: the reward as typed, or the standing one while it is wrong."""
        if self._has_errors("advocate_reward_"):
            return self.before.advocate_reward
        return reward_of("advocate_reward", self.cleaned_data, self.shelf, self.before.advocate_reward)

    def _has_errors(self, start: str) -> bool:
        return any(name.startswith(start) for name in self.errors)

    def _read_cap(self, text: str | None, rule: RewardRule) -> int | None:
        try:
            return amount_of(text, rule.unit_in(self.before.currency)) if text else None
        except ValidationError as error:
            self.add_error("advocate_cap_minor", error)
            return None

    def _is_given(self, side: str) -> bool:
        data = self.cleaned_data
        wanted = {"offer": "offer", "friend_reward": "reward"}.get(side)
        return wanted is None or bool(data.get("friend_both")) or data.get("friend_side") == wanted

    def _forget_errors(self, side: str) -> None:
        """What is typed for a side that is not given counts for nothing, its mistakes included."""
        for name in [name for name in self.errors if name.startswith(f"{side}_")]:
            del self.errors[name]
            self.cleaned_data[name] = None

    def _read_value(self, side: str) -> None:
        """Percent becomes basis points, money minor units; which of the two is said by the kind beside it."""
        name, gives = f"{side}_value", self.shelf.gives(self.cleaned_data.get(f"{side}_fulfilment") or "")
        unit = gives.unit if gives else self.before.currency
        text = self.cleaned_data.get(name)
        if not text:
            return  # a required field: it has its error already
        is_percent = self.cleaned_data.get(f"{side}_kind") == Value.PERCENT
        if is_percent and not is_currency(unit):
            words = _t("A percentage of an order is money: choose a fixed number of %(unit)s.")
            self.add_error(f"{side}_kind", words % {"unit": unit_words(unit)})
            return
        try:
            self.cleaned_data[name] = basis_points_of(text) if is_percent else amount_of(text, unit)
        except ValidationError as error:
            self.add_error(name, error)

    # --- drawing --------------------------------------------------------------------------------------------------

    def _lay_out(self, data: Any) -> None:
        shelf = self.shelf.choices()
        for name in ("friend_reward_fulfilment", "advocate_reward_fulfilment"):
            self.fields[name].choices = shelf  # type: ignore[attr-defined]
        rule = self.before.advocate_reward
        standing = {LEVELS: self.before.tiers, CHOICES: rule.choices, HOLDS: self.before.hold_overrides}
        self.counts = {group: group.wanted(len(standing[group]), data) for group in GROUPS}
        for group, count in self.counts.items():
            for number in range(1, count + 1):
                self.fields |= group.fields_of(number, shelf, self.before.currency)
                self.initial.setdefault(group.name_of(number, "gives"), self._first_pick(group, rule))

    def _first_pick(self, group: Group, rule: RewardRule) -> str:
        return "" if group is CHOICES else picked(rule.gives, rule.fulfilment)

    def _drawn(self, group: Group) -> Iterator[dict[str, Any]]:
        for number in range(1, self.counts[group] + 1):
            start = f"{group.name}_{number}_"
            bound: list[BoundField] = [self[name] for name in self.fields if name.startswith(start)]
            yield {"title": str(group.title) % {"number": number}, "fields": bound}

    def _used(self) -> dict[str, bool]:
        terms, rule = self.before, self.before.advocate_reward
        return {
            "more": bool(rule.every > 1 or rule.recurring_months or rule.choices),
            "levels": bool(terms.tiers),
            "limits": bool(terms.advocate_cap or terms.advocate_cap_minor or terms.cap_period != CapPeriod.EVER),
            "holds": bool(terms.hold_overrides or terms.holiday or terms.trust_hold_days),
            "orders": False,
            "joining": bool(terms.advocates_must_be_customers or terms.advocate_min_orders),
        }

    def _in_currency(self, currency: str) -> None:
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.currency = currency
        said = _t("Percent, or an amount in %(currency)s: as chosen above.") % {"currency": currency}
        self.fields["offer_value"].help_text = said
        said = _t("Percent, or an amount: in %(currency)s, or in what is chosen above.") % {"currency": currency}
        for name in ("friend_reward_value", "advocate_reward_value"):
            self.fields[name].help_text = said
