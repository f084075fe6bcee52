"""How long is what kept: the merchant's own days."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from privacy.actions.retention import LIMITS, Spans


class RetentionForm(forms.Form):
    click_retention_days = forms.IntegerField(label=_("Days to keep single clicks"), required=False)
    delivery_retention_days = forms.IntegerField(label=_("Days to keep what shops sent, as it came"), required=False)
    file_retention_days = forms.IntegerField(label=_("Days to keep files of lists"), required=False)
    friend_retention_days = forms.IntegerField(
        label=_("Days until friends who never bought are forgotten"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in LIMITS.items():
            field = self.fields[name]
            field.widget.attrs |= {"inputmode": "numeric", "min": least, "max": most}
            field.help_text = self._help(name) % {"least": least, "most": most}

    @staticmethod
    def _help(name: str) -> str:
        if name == "click_retention_days":
            return _t(
                "From %(least)s to %(most)s; empty means %(most)s. Afterwards only the daily numbers are left, and "
                "those stay."
            )
        if name == "friend_retention_days":
            return _t("From %(least)s to %(most)s; empty means never by themselves.")
        return _t("From %(least)s to %(most)s; empty means %(most)s.")

    @property
    def spans(self) -> Spans:
        return Spans(**self.cleaned_data)
