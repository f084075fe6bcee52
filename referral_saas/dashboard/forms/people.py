"""Forms about people: which program they join, enrolling an advocate by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from advocates.models import Advocate
from programs.models import Program


class ProgramForm(forms.Form):
    """Asks for a program that may be joined."""

    program = forms.ChoiceField(label=_("Program"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = open_programs()  # type: ignore[attr-defined]

    @property
    def chosen_program(self) -> Program:
        found: Program = Program.objects.select_related("terms").get(slug=self.cleaned_data["program"])
        return found


class EnrolForm(ProgramForm):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=200,
        required=False,
        help_text=_("Friends see the first name."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Advocate.Kind.choices,
        initial=Advocate.Kind.CUSTOMER,
        help_text=_("The program's conditions for taking part are asked of customers only."),
    )
    place = forms.CharField(
        label=_("Place"),
        max_length=120,
        required=False,
        help_text=_("A shop, city or team."),
    )


def open_programs() -> list[tuple[str, str]]:
    """Programs that may be joined: published and not over."""
    joinable = Program.objects.filter(state__in=[Program.State.ACTIVE, Program.State.PAUSED])
    return list(joinable.order_by("name").values_list("slug", "name"))
