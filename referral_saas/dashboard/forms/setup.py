"""The steps of the guided set-up as forms. Those about the program are parts of its editor's form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from merchants.models import Workspace
from programs.models import Program, RewardKind
from programs.rules.margin import Business
from programs.templates import TEMPLATES
from referral_saas.dashboard.forms.choices import with_words
from referral_saas.dashboard.forms.money import AmountField, basis_points_of, major_text, percent_text
from referral_saas.dashboard.forms.program.editor import ProgramForm, typed_of
from referral_saas.dashboard.forms.workspace import WorkspaceForm

#: What most shops are; every template is there for a program made by hand.
KEEP = "keep"
PRESETS = ("shop", "subscription", "services", "b2b", "local", "space")


class PresetForm(forms.Form):
    preset = forms.ChoiceField(
        label=_("What is closest to your business?"),
        widget=forms.RadioSelect,
        choices=lambda: [(key, with_words(TEMPLATES[key].name, TEMPLATES[key].description)) for key in PRESETS],
        help_text=_("It fills in the next steps. You can change every word and number of it."),
    )

    def __init__(self, data: Any = None, *, chosen: str, draft: str) -> None:
        """``draft``: the name of one that is there. Made elsewhere, its rules stay unless another choice is taken."""
        super().__init__(data, initial={"preset": chosen or (KEEP if draft else PRESETS[0])})
        if draft and chosen not in PRESETS:
            words = with_words(_t("As your draft “%(name)s” says") % {"name": draft}, _t("Nothing of it is changed."))
            field = self.fields["preset"]
            field.choices = [(KEEP, words), *field.choices]  # type: ignore[attr-defined]

    def wanted(self) -> str:
        """Empty where the draft stays as it is."""
        chosen = str(self.cleaned_data["preset"])
        return "" if chosen == KEEP else chosen


class PartForm(ProgramForm):
    """Some fields of the editor's form; all others say what the draft says already."""

    asked: tuple[str, ...] = ()

    def __init__(
        self, data: QueryDict | None = None, *, program: Program, kinds: Sequence[RewardKind] = (), **kwargs: Any
    ) -> None:
        super().__init__(None if data is None else self._whole(data, program), program=program, kinds=kinds, **kwargs)

    def _whole(self, data: QueryDict, program: Program) -> dict[str, Any]:
        standing = {name: value for name, value in typed_of(program).items() if name not in self.asked}
        return standing | {name: data[name] for name in self.asked if name in data}


class RewardStepForm(PartForm):
    asked = (
        "friend_side", "friend_both", "offer_kind", "offer_value", "offer_source", "offer_shop_code",
        "friend_reward_fulfilment", "friend_reward_kind", "friend_reward_value", "friend_reward_cap",
        "advocate_reward_fulfilment", "advocate_reward_kind", "advocate_reward_value", "advocate_reward_cap",
        "min_order_minor",
    )  # fmt: skip


class TermsStepForm(PartForm):
    asked = ("name", "return_window_days", "new_customers_only", "advocates_must_be_customers", "self_sign_up")


class PercentField(forms.CharField):
    """A share as people type it; cleans to basis points, or None where nothing was typed."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=8, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return basis_points_of(text) if text else None


class BusinessForm(forms.Form):
    """What the margin guard counts with. Nothing of it is needed to go on."""

    order_minor = AmountField(label=_("Average order"), required=False, help_text=_("Without tax and shipping."))
    margin_bp = PercentField(
        label=_("Margin in percent"), required=False, help_text=_("What is left of a sale after buying the goods.")
    )
    return_bp = PercentField(
        label=_("Returns in percent"), required=False, help_text=_("Of 100 orders, how many come back.")
    )
    acquisition_minor = AmountField(
        label=_("What a new customer costs you today"),
        required=False,
        help_text=_("Advertising of a month, divided by its new customers."),
    )

    def __init__(self, data: Any = None, *, said: Business, known: Business, currency: str) -> None:
        """``said`` by the merchant, else ``known`` from the shop's own orders."""
        super().__init__(data, initial=_as_typed(said.or_else(known), currency))
        self.known = known
        for name in ("order_minor", "acquisition_minor"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]

    def business(self) -> Business:
        """As typed; what was left empty or is wrong is unknown."""
        typed = {name: self.cleaned_data.get(name) for name in self.fields}
        return Business(**typed, spread_bp=self.known.spread_bp)


def _as_typed(business: Business, currency: str) -> dict[str, str]:
    return {
        "order_minor": major_text(business.order_minor, currency),
        "margin_bp": "" if business.margin_bp is None else percent_text(business.margin_bp),
        "return_bp": "" if business.return_bp is None else percent_text(business.return_bp),
        "acquisition_minor": major_text(business.acquisition_minor, currency),
    }


class BrandForm(WorkspaceForm):
    """What people see of the shop; everything else of the workspace stays as it is."""

    asked = ("name", "brand_colour", "support_email", "shop_url")

    def __init__(self, data: Any = None, *, place: Workspace) -> None:
        super().__init__(data, initial={"name": place.merchant.name, **{n: getattr(place, n) for n in self.asked[1:]}})
        self.place = place
        for name in [name for name in self.fields if name not in self.asked]:
            del self.fields[name]

    def settings(self) -> dict[str, Any]:
        """All that merchants.actions.workspaces.change_workspace asks for."""
        kept = ("currency", "time_zone", "language")
        return {name: getattr(self.place, name) for name in kept} | self.cleaned_data
