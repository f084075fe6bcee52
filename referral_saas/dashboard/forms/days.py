"""Calendar days as people choose them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

#: Beyond these a day is a slip of the hand; at the ends of the calendar there is no day before or after to count to.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class DayField(forms.DateField):
    """A calendar day, by the browser's picker."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)
        message = _("Choose a day from 1900 to 2199.")
        self.validators += [MinValueValidator(EARLIEST, message), MaxValueValidator(LATEST, message)]
