"""Delete a workspace: its name once more, and the owner's password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kit.limits import within_limit_of
from merchants.models import User

#: Wrong or right: nobody types their password more often in an hour.
MOST_TRIES, HOUR = 10, 3600


class ClosingForm(forms.Form):
    typed_name = forms.CharField(label=_("Name of the workspace"), max_length=200)
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    understood = forms.BooleanField(
        label=_("What is not given or paid by then is lost for the people it was promised to")
    )

    def __init__(self, *args: Any, name: str, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["typed_name"].widget.attrs |= {"placeholder": name, "autocomplete": "off"}
        self.fields["typed_name"].help_text = _t("Write “%(name)s”.") % {"name": name}

    def clean_password(self) -> str:
        if not within_limit_of("closing password", self.user.pk, most=MOST_TRIES, seconds=HOUR):
            raise forms.ValidationError(_t("That were too many tries. Try again in an hour."))
        typed = str(self.cleaned_data["password"])
        if not self.user.check_password(typed):
            raise forms.ValidationError(_t("This is not your password."))
        return typed
