"""Forms of what the team keeps about a person. Their actions say what is wrong; here only what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from advocates.actions.tasks import TaskIn
from merchants.models import Membership
from referral_saas.dashboard.forms.days import DayField


class NoteForm(forms.Form):
    use_required_attribute = False

    text = forms.CharField(
        label=_("New note"),
        error_messages={"required": _("Write something first.")},
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For your team alone. The person never sees it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "note-%s", **kwargs})


class TagForm(forms.Form):
    use_required_attribute = False

    word = forms.CharField(
        label=_("New tag"),
        error_messages={"required": _("Write a word first.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": "60"}),
        help_text=_("Small letters, for example loyal-guest. The list of advocates can be filtered by it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "tag-%s", **kwargs})


class TaskForm(forms.Form):
    """``owner`` holds the seat that was chosen, or None."""

    use_required_attribute = False

    text = forms.CharField(
        label=_("What is to be done"),
        error_messages={"required": _("Say what is to be done.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("For example: ask whether the poster arrived."),
    )
    due_date = DayField(label=_("Until"))
    owner = forms.ChoiceField(label=_("Who does it"), required=False)

    def __init__(self, *args: Any, members: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(member.pk): member for member in members}
        named = [(key, str(member.user)) for key, member in self.members.items()]
        self.fields["owner"].choices = [("", _("Nobody yet")), *named]  # type: ignore[attr-defined]

    def task(self) -> TaskIn:
        given = self.cleaned_data
        return TaskIn(given["text"], given["due_date"], self.members.get(given["owner"]))
