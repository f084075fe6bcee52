"""Forms about leads: enter one, plan the next step, win it, lose it, correct what is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from advocates.models import Advocate
from kit.days import local_date
from leads.actions.arrive import LONGEST
from leads.actions.care import Plan
from leads.actions.moves import LONGEST_NUMBER, LONGEST_WORDS
from leads.models import Lead
from leads.rules import OPEN, Stage, next_stage
from merchants.models import Membership
from programs.models import Program
from referral_saas.dashboard.forms.attribution import named_advocate
from referral_saas.dashboard.forms.days import DayField
from referral_saas.dashboard.forms.money import AmountField, major_text
from referral_saas.dashboard.forms.orders import address_in, moment_of

_PLAIN = {"autocomplete": "off"}


def _text(name: str, label: Any) -> forms.CharField:
    box = forms.TextInput(attrs=_PLAIN)
    return forms.CharField(label=label, max_length=LONGEST[name], required=False, widget=box)


class _OwnedForm(forms.Form):
    """Who looks after it, until when, and what it may be worth; ``currency`` is the program's."""

    use_required_attribute = False

    owner = forms.ChoiceField(label=_("Who looks after it"), required=False)
    due_date = DayField(
        label=_("Next step until"), required=False, help_text=_("When this day is over, the lead is marked as overdue.")
    )
    value = AmountField(
        label=_("What it may be worth"), required=False, help_text=_("Your guess, without tax. Only your team sees it.")
    )

    def __init__(self, *args: Any, members: Sequence[Membership], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(member.pk): member for member in members}
        named = [(key, str(member.user)) for key, member in self.members.items()]
        self.fields["owner"].choices = [("", _("Nobody yet")), *named]  # type: ignore[attr-defined]
        self.fields["value"].currency = currency  # type: ignore[attr-defined]

    def plan(self) -> Plan:
        given = self.cleaned_data
        return Plan(self.members.get(given["owner"]), given["due_date"], given["value"])


class PlanForm(_OwnedForm):
    @classmethod
    def of(cls, lead: Lead, members: Sequence[Membership], data: Any = None) -> PlanForm:
        """Whoever has left the team looks after it until somebody else is chosen: then it is nobody's."""
        owner = next((str(member.pk) for member in members if member.user_id == lead.owner_id), "")
        known = {"owner": owner, "due_date": lead.due_date, "value": major_text(lead.value_minor, lead.currency)}
        return cls(data, members=members, currency=lead.currency, initial=known, auto_id="plan-%s")


class NewLeadForm(_OwnedForm):
    """``named`` is the advocate who was written down, or None."""

    email = forms.CharField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs=_PLAIN),
        help_text=_("One person is one lead in a program, however often they ask."),
    )  # fmt: skip
    name = _text("name", pgettext_lazy("person", "Name"))
    company = _text("company", _("Company"))
    phone = _text("phone", _("Phone"))
    message = forms.CharField(
        label=_("What it is about"), max_length=LONGEST["message"], required=False, widget=forms.Textarea({"rows": 3})
    )
    advocate = forms.CharField(
        label=_("Code or advocate"),
        max_length=254,
        required=False,
        help_text=_("The code they named, or the advocate's e-mail address. Empty: decided by what is known."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    program = forms.ChoiceField(label=_("Program"), required=False)
    field_order = ("email", "name", "company", "phone", "message", "advocate", "program", "owner", "due_date", "value")

    def __init__(self, *args: Any, programs: Sequence[Program], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programs = {program.slug: program for program in programs}
        self.named: Advocate | None = None
        self.fields["program"].choices = [(one.slug, one.name) for one in programs]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        return address_in(self.cleaned_data["email"])

    def clean_advocate(self) -> str:
        text = str(self.cleaned_data["advocate"]).strip()
        self.named = named_advocate(text) if text else None
        return text

    @property
    def chosen(self) -> Program:
        """The advocate's program; without one the program that was chosen."""
        if self.named:
            return self.named.program
        return self.programs.get(self.cleaned_data["program"]) or next(iter(self.programs.values()))


class MoveForm(forms.Form):
    """``expected``: the stage that the page showed."""

    expected = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    to = forms.ChoiceField(label=_("Stage"))

    def __init__(self, lead: Lead, data: Any = None) -> None:
        following = next_stage(Stage(lead.stage)) or lead.stage
        super().__init__(data, initial={"expected": lead.stage, "to": following}, auto_id="move-%s")
        stages = [(stage.value, Lead.Stage(stage).label) for stage in OPEN if stage != lead.stage]
        self.fields["to"].choices = stages  # type: ignore[attr-defined]


class WinForm(forms.Form):
    use_required_attribute = False

    expected = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    amount = AmountField(
        label=_("Amount"),
        help_text=_("Of the first contract, without tax. The rewards are counted from it."),
        error_messages={"required": _("Write the amount that was agreed.")},
    )
    won_on = DayField(label=_("Day of the contract"), help_text=_("The waiting time of the rewards begins here."))
    contract = forms.CharField(
        label=_("Number of the contract or invoice"),
        max_length=LONGEST_NUMBER,
        required=False,
        help_text=_("If it has one. Each number counts once, so that no sale is rewarded twice."),
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(self, lead: Lead, data: Any = None, *, now: datetime, zone: str) -> None:
        known = {"expected": lead.stage, "won_on": local_date(now, zone)}
        known["amount"] = major_text(lead.value_minor, lead.currency)  # type: ignore[assignment]
        super().__init__(data, initial=known, auto_id="win-%s")
        self.now, self.zone = now, zone
        self.fields["amount"].currency = lead.currency  # type: ignore[attr-defined]

    @property
    def won_at(self) -> datetime:
        """A day ahead stays ahead, to be refused with its reason."""
        day: date = self.cleaned_data["won_on"]
        return moment_of(day, self.now, self.zone)


class LoseForm(forms.Form):
    use_required_attribute = False

    expected = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Why"),
        choices=[("", _("Choose one")), *Lead.Lost.choices],
        error_messages={"required": _("Say why it was lost.")},
    )
    words = forms.CharField(
        label=_("In your words"),
        max_length=LONGEST_WORDS,
        required=False,
        help_text=_("For your team alone."),
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(self, lead: Lead, data: Any = None) -> None:
        super().__init__(data, initial={"expected": lead.stage}, auto_id="lose-%s")


class DetailsForm(forms.Form):
    name = _text("name", pgettext_lazy("person", "Name"))
    company = _text("company", _("Company"))
    phone = _text("phone", _("Phone"))

    @classmethod
    def of(cls, lead: Lead, data: Any = None) -> DetailsForm:
        known = {"name": lead.name, "company": lead.company, "phone": lead.phone}
        return cls(data, initial=known, auto_id="details-%s")
