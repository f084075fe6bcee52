"""Where a program starts: its name, and the terms to begin with."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.templates import TEMPLATES
from referral_saas.dashboard.forms.choices import with_words


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
