"""A program's draft as one form. Fields are named as programs.rules names its problems: each stands beside its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from programs.models import Program
from programs.problems import problem_text
from programs.rules import CodeSource, Fulfilment, Problem, Scope, Terms, TouchRule, Value
from programs.templates import TEMPLATES
from referral_saas.dashboard.forms.choices import is_country, with_words
from referral_saas.dashboard.forms.days import DayField
from referral_saas.dashboard.forms.money import AmountField, basis_points_of, minor_of
from referral_saas.dashboard.forms.terms import as_typed, terms_of

VALUES = [(Value.PERCENT.value, _("Percent of the order")), (Value.FIXED.value, _("Fixed amount"))]
SOURCES = [
    (CodeSource.POOL.value, _("Single-use codes that you upload from your shop (safest)")),
    (CodeSource.SHOP_CODE.value, _("One code for everybody that exists in your shop")),
    (CodeSource.WEBHOOK.value, _("Your webhook makes a code for each friend")),
]
DELIVERIES = [
    (Fulfilment.COUPON_POOL.value, _("Voucher code that you upload from your shop")),
    (Fulfilment.COUPON_WEBHOOK.value, _("Voucher code that your webhook makes")),
    (Fulfilment.WEBHOOK.value, _("Your webhook delivers it (credit, gift, points)")),
    (Fulfilment.MANUAL.value, _("By hand: your team sends it and marks it as sent")),
]
SIDES = [("offer", _("An offer before the purchase")), ("reward", _("A reward after the purchase"))]
#: Folded in the editor, and open when one of them has something to mend.
ADVANCED = (
    "attribution_window_days",
    "qualification_window_days",
    "touch_rule",
    "advocate_cap",
    "advocate_min_orders",
    "starts_on",
    "ends_on",
    "scope",
    "scope_ids",
    "countries",
)
MOST_CODES, LONGEST_CODE = 500, 64


def _days(label: Any, help_text: Any, least: int = 1) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=least, max_value=365)


class NewProgramForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Advocates see it, for example “Friends of the house”.")
    )
    template = forms.ChoiceField(
        label=_("Start from"),
        widget=forms.RadioSelect,
        initial="shop",
        choices=lambda: [(item.key, with_words(item.name, item.description)) for item in TEMPLATES.values()],
        help_text=_("Everything can be changed before you publish."),
    )


class ProgramForm(forms.Form):
    """What a side needs is demanded only where that side is given (``clean``), so browsers must not demand it."""

    use_required_attribute = False

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Advocates see it. It counts at once."))

    friend_side = forms.ChoiceField(label=_("What the friend gets"), choices=SIDES, widget=forms.RadioSelect)
    friend_both = forms.BooleanField(
        label=_("Give both"),
        required=False,
        help_text=_("Rarely worth it: the friend costs twice."),
        widget=forms.CheckboxInput(attrs={"data-both": "yes"}),
    )
    offer_kind = forms.ChoiceField(label=_("Kind of discount"), choices=VALUES)
    offer_value = forms.CharField(label=_("Discount"), max_length=24)
    offer_source = forms.ChoiceField(
        label=_("Where codes come from"),
        choices=SOURCES,
        widget=forms.RadioSelect,
        help_text=_("A code is only shown to a friend when your shop knows it."),
    )
    offer_shop_code = forms.CharField(
        label=_("Shop-wide code"),
        max_length=80,
        required=False,
        help_text=_("Only for the second choice. It must exist in your shop."),
    )
    offer_valid_days = forms.IntegerField(
        label=_("Days a code is valid"), min_value=1, max_value=365, help_text=_("Default 30.")
    )

    friend_reward_kind = forms.ChoiceField(label=_("Kind of reward for the friend"), choices=VALUES)
    friend_reward_value = forms.CharField(label=_("Friend's reward"), max_length=24)
    friend_reward_cap = AmountField(
        label=_("Most for the friend"), required=False, help_text=_("Only limits a percentage. Empty: no limit.")
    )
    friend_reward_fulfilment = forms.ChoiceField(label=_("How the friend's reward is delivered"), choices=DELIVERIES)

    advocate_reward_kind = forms.ChoiceField(label=_("Kind of reward"), choices=VALUES)
    advocate_reward_value = forms.CharField(label=_("Advocate's reward"), max_length=24)
    advocate_reward_cap = AmountField(
        label=_("Most per referral"), required=False, help_text=_("Only limits a percentage. Empty: no limit.")
    )
    advocate_reward_fulfilment = forms.ChoiceField(label=_("How it is delivered"), choices=DELIVERIES)

    new_customers_only = forms.BooleanField(
        label=_("Only for friends who have never bought from you"),
        required=False,
        help_text=_("Default. Import your customers before publishing, so that old ones are known."),
    )
    min_order_minor = AmountField(
        label=_("Minimum order"), required=False, help_text=_("Without tax and shipping. Empty: no minimum.")
    )
    scope = forms.ChoiceField(
        label=_("Which products count"),
        choices=[
            (Scope.SHOP.value, _("The whole shop")),
            (Scope.PRODUCTS.value, _("Only certain products")),
            (Scope.COLLECTIONS.value, _("Only certain collections")),
        ],
    )
    scope_ids = forms.CharField(
        label=_("Products or collections"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("Their numbers in your shop, one per line. Only if not the whole shop counts."),
    )
    countries = forms.CharField(
        label=_("Countries"),
        max_length=800,
        required=False,
        help_text=_("Two letters each, divided by commas: DE, AT, CH. Empty: everywhere."),
    )

    attribution_window_days = _days(_("Days from click to order"), _("Default 30."))
    qualification_window_days = _days(_("Days from click to payment"), _("Default 90; business customers need 180."))
    return_window_days = _days(
        _("Return window"), _("Days a reward is held after delivery. Default 30; services without returns: 0."), least=0
    )
    touch_rule = forms.ChoiceField(
        label=_("Who is rewarded when several people recommended"),
        choices=[
            (TouchRule.FIRST.value, _("The first one (default)")),
            (TouchRule.LAST.value, _("The last one")),
        ],
        help_text=_("A code typed at the checkout always wins."),
    )
    advocate_cap = forms.IntegerField(
        label=_("Most rewards per advocate"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("Empty: no limit. Advocates are told at 80% and when it is reached."),
    )
    starts_on = DayField(label=_("First day"), required=False, help_text=_("Empty: as soon as it is published."))
    ends_on = DayField(label=_("Last day"), required=False, help_text=_("Empty: until you end it."))

    self_sign_up = forms.BooleanField(
        label=_("Customers may join by themselves"), required=False, help_text=_("In the portal. It counts at once.")
    )
    auto_enrol = forms.ChoiceField(
        label=_("After a first paid order"),
        choices=Program.AutoEnrol.choices,
        widget=forms.RadioSelect,
        help_text=_("It counts at once."),
    )
    advocates_must_be_customers = forms.BooleanField(
        label=_("Advocates must have bought from you before"), required=False
    )
    advocate_min_orders = forms.IntegerField(
        label=_("Orders an advocate must have"), required=False, min_value=0, max_value=1000, help_text=_("Default 0.")
    )

    def __init__(self, data: Any = None, *, program: Program, **kwargs: Any) -> None:
        self.program, self.before = program, program.draft_terms
        self.typed = as_typed(self.before) | {
            "name": program.name,
            "auto_enrol": program.auto_enrol,
            "self_sign_up": program.self_sign_up,
        }
        super().__init__(data, initial=self.typed, **kwargs)
        self._in_currency(self.before.currency)

    @classmethod
    def checked(cls, program: Program, problems: list[Problem]) -> ProgramForm:
        """The stored draft with what stands against publishing beside its fields."""
        form = cls(program=program)
        form = cls(form.typed, program=program)
        for problem in problems:
            form.add_error(problem.field if problem.field in form.fields else None, problem_text(problem))
        return form

    def clean_countries(self) -> str:
        codes = [code.strip().upper() for code in self.cleaned_data["countries"].replace(";", ",").split(",")]
        wrong = [code for code in codes if code and not is_country(code)]
        if wrong:
            raise ValidationError(_t("%(code)s is no country: write two letters like DE.") % {"code": wrong[0][:20]})
        return ",".join(sorted({code for code in codes if code}))

    def clean_scope_ids(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["scope_ids"].replace(",", "\n").splitlines()]
        if len(lines) > MOST_CODES or any(len(line) > LONGEST_CODE for line in lines):
            raise ValidationError(_t("Write up to 500 numbers of 64 characters at most, one per line."))
        return "\n".join(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for side in ("offer", "friend_reward", "advocate_reward"):
            if self._is_given(side):
                self._read_value(side)
            else:
                self._forget_errors(side)
        return cleaned

    def terms(self) -> Terms:
        """The draft as typed; only for a valid form."""
        return terms_of(self.cleaned_data, before=self.before)

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
        name = f"{side}_value"
        text = self.cleaned_data.get(name)
        if not text:
            return  # a required field: it has its error already
        is_percent = self.cleaned_data.get(f"{side}_kind") == Value.PERCENT
        try:
            self.cleaned_data[name] = basis_points_of(text) if is_percent else minor_of(text, self.before.currency)
        except ValidationError as error:
            self.add_error(name, error)

    def _in_currency(self, currency: str) -> None:
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.currency = currency
        said = _t("Percent, or an amount in %(currency)s: as chosen above.") % {"currency": currency}
        for name in ("offer_value", "friend_reward_value", "advocate_reward_value"):
            self.fields[name].help_text = said
