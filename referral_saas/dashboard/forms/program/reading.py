"""What the groups of a form say: levels, choices, holds. Whatever is wrong stands beside its field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from programs.rules import (
    Choice,
    CodeSource,
    Fulfilment,
    HoldOverride,
    Offer,
    RewardRule,
    Terms,
    Tier,
    TierMetric,
    Value,
)
from referral_saas.dashboard.forms.money import minor_of
from referral_saas.dashboard.forms.program.conditions import ids_of
from referral_saas.dashboard.forms.program.groups import CHOICES, FRIEND, HOLDS, LEVELS, SAME, Group, is_filled
from referral_saas.dashboard.forms.program.shelf import Shelf, unit_words, value_of


class Groups:
    """Reads the groups of one form whose plain fields are clean; errors go to the form."""

    def __init__(self, form: forms.Form, before: Terms, shelf: Shelf) -> None:
        self.form, self.before, self.shelf = form, before, shelf
        self.data: dict[str, Any] = form.cleaned_data

    def choices(self, rule: RewardRule) -> tuple[Choice, ...]:
        found: list[Choice] = []
        for number, typed in self._filled(CHOICES):
            choice = self._tried(CHOICES, number, "value", lambda typed=typed: self._choice(typed, rule))
            if choice and choice.key in {other.key for other in found}:
                self._wrong(CHOICES, number, "gives", _("This choice is there already."))
            elif choice:
                found.append(choice)
        return tuple(found)

    def levels(self, rule: RewardRule) -> tuple[Tier, ...]:
        """Every N-th, further orders and choices are those of the ground level: they are asked for once."""
        found: list[Tier] = []
        for number, typed in self._filled(LEVELS):
            threshold = self._tried(LEVELS, number, "threshold", lambda typed=typed: self._threshold(typed))
            reward = self._tried(LEVELS, number, "value", lambda typed=typed: self._level_reward(typed, rule))
            offer = self._level_offer(number, typed)
            if threshold is None or reward is None:
                continue
            if found and threshold <= found[-1].threshold:
                self._wrong(LEVELS, number, "threshold", _("Each level must be reached later than the one before it."))
            found.append(Tier(typed["name"].strip(), threshold, reward, offer))
        return tuple(found)

    def holds(self) -> tuple[HoldOverride, ...]:
        found = []
        for number, typed in self._filled(HOLDS):
            ids = self._tried(HOLDS, number, "ids", lambda typed=typed: ids_of(typed["ids"]))
            if typed.get("days") is None:
                if HOLDS.name_of(number, "days") not in self.form.errors:
                    self._wrong(HOLDS, number, "days", _("Write how many days."))
            elif ids:
                found.append(HoldOverride(ids, typed["days"]))
        return tuple(found)

    # --- one of each ----------------------------------------------------------------------------------------------

    def _choice(self, typed: dict[str, Any], rule: RewardRule) -> Choice:
        currency, to_friend = self.before.currency, typed.get("to") == FRIEND
        is_same, gives = typed["gives"] == SAME, self.shelf.gives(typed["gives"])
        if rule.gives and not is_same and not gives:
            raise ValidationError(_("The reward itself is of your catalogue: choose something of it here as well."))
        unit = gives.unit if gives else rule.unit_in(currency)
        kind, value = value_of(typed["value"], unit) if typed.get("value") else (Value.FIXED, 0)
        if not value and unit != rule.unit_in(currency):
            raise ValidationError(_("Write how much: a number of %(unit)s.") % {"unit": unit_words(unit)})
        if is_same and not value and not to_friend:
            raise ValidationError(_("That is the reward itself: choose something else, or pass it on to the friend."))
        fulfilment = gives.fulfilment if gives else rule.fulfilment if is_same else Fulfilment(typed["gives"])
        return self._keyed(Choice("", kind, value, gives, fulfilment, to_friend))

    def _keyed(self, choice: Choice) -> Choice:
        """The same choice keeps its key, so that who took it is still understood."""
        for known in self.before.advocate_reward.choices:
            if replace(known, key="") == choice:
                return known
        name = choice.gives.id if choice.gives else choice.fulfilment.value.lower()
        parts = [name, str(choice.value or ""), "friend" if choice.to_friend else ""]
        return replace(choice, key="-".join(part for part in parts if part))

    def _threshold(self, typed: dict[str, Any]) -> int:
        text = typed.get("threshold") or ""
        if self.data.get("tier_metric") == TierMetric.REVENUE:
            value = minor_of(text, self.before.currency) if text else 0
        else:
            value = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
        if not value > 0:
            raise ValidationError(_("Write from how many friends, or from how much, this level is reached."))
        return value

    def _level_reward(self, typed: dict[str, Any], rule: RewardRule) -> RewardRule:
        gives = self.shelf.gives(typed.get("gives") or "")
        if not typed.get("value"):
            raise ValidationError(_("Write what advocates get at this level."))
        kind, value = value_of(typed["value"], gives.unit if gives else self.before.currency)
        fulfilment = gives.fulfilment if gives else Fulfilment(typed.get("gives") or rule.fulfilment)
        cap = typed.get("cap") if kind == Value.PERCENT else None
        return replace(rule, kind=kind, value=value, cap_minor=cap, gives=gives, fulfilment=fulfilment)

    def _level_offer(self, number: int, typed: dict[str, Any]) -> Offer | None:
        if not typed.get("offer"):
            return None
        read = self._tried(LEVELS, number, "offer", lambda: value_of(typed["offer"], self.before.currency))
        if read is None:
            return None
        standing = self._standing_offer(number)
        if standing and (standing.kind, standing.value, standing.shop_code) == (*read, typed.get("code", "")):
            return standing  # of codes that were uploaded for it
        by_webhook = self.data.get("offer_source") == CodeSource.WEBHOOK
        if not typed.get("code") and not by_webhook:
            text = _("Write the code that gives this discount in your shop: your other codes give another one.")
            self._wrong(LEVELS, number, "code", text)
        source = CodeSource.SHOP_CODE if typed.get("code") else CodeSource.WEBHOOK
        days = self.data.get("offer_valid_days") or Offer().valid_days
        kind, value = read
        return Offer(kind, value, source=source, shop_code=typed.get("code", ""), valid_days=days)

    def _standing_offer(self, number: int) -> Offer | None:
        offer = self.before.tiers[number - 1].offer if number <= len(self.before.tiers) else None
        return offer if offer and offer.source == CodeSource.POOL else None

    # --- going through them ---------------------------------------------------------------------------------------

    def _filled(self, group: Group) -> Iterator[tuple[int, dict[str, Any]]]:
        """The groups that are there. In an empty one whatever is typed without its first field is pointed out."""
        standing = {LEVELS: len(self.before.tiers), HOLDS: len(self.before.hold_overrides)}.get(group)
        for number in range(1, group.most + 1):
            typed = group.typed(number, self.data)
            if (typed.get(group.first) or "").strip():
                yield number, typed
            elif standing is not None and number > standing and is_filled(typed, _TELLING[group.name]):
                self._wrong(group, number, group.first, _("Fill this in too, or clear the rest."))

    def _tried(self, group: Group, number: int, field: str, read: Any) -> Any:
        try:
            return read()
        except ValidationError as error:
            self._wrong(group, number, field, error)
            return None

    def _wrong(self, group: Group, number: int, field: str, error: Any) -> None:
        self.form.add_error(group.name_of(number, field), error)


#: Fields that somebody must have typed; the others have a value by themselves.
_TELLING = {LEVELS.name: ("threshold", "value", "offer", "code"), HOLDS.name: ("days",)}
