"""Widgets written straight look as Django's own templates draw them, to the letter."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from referral_saas.form_widgets import _DRAWN, Renderer

HOSTILE = "\"><script>alert('1')</script>&amp;"
CHOICES: list[Any] = [
    ("", _("All")),
    ("a", HOSTILE),
    (HOSTILE, mark_safe("<b>marked</b>")),
    (7, 12345),
    ("Group " + HOSTILE, [("g1", "One"), ("g2", "Two")]),
]
FLAT = CHOICES[:4]
ATTRS: dict[str, Any] = {"class": HOSTILE, "required": True, "hidden": False, "maxlength": 1200, "data-x": None}


class Every(forms.Form):
    text = forms.CharField(widget=forms.TextInput(attrs=ATTRS))
    search = forms.CharField(widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search")}))
    number = forms.IntegerField(min_value=0, max_value=100_000, localize=True)
    email = forms.EmailField()
    url = forms.URLField(assume_scheme="https")
    password = forms.CharField(widget=forms.PasswordInput(render_value=True))
    hidden = forms.CharField(widget=forms.HiddenInput)
    date = forms.DateField()
    box = forms.BooleanField(widget=forms.CheckboxInput(attrs={"value": "yes"}))
    color = forms.CharField(widget=forms.ColorInput)
    long = forms.CharField(widget=forms.Textarea(attrs=ATTRS))
    select = forms.ChoiceField(choices=CHOICES, widget=forms.Select(attrs=ATTRS))
    several = forms.MultipleChoiceField(choices=CHOICES)
    radio = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(choices=FLAT, widget=forms.CheckboxSelectMultiple(attrs={"class": "x"}))
    file = forms.FileField()


FILLED: dict[str, Any] = dict.fromkeys(Every.base_fields, HOSTILE) | {
    "number": "7", "box": "on", "several": ["a", "g2"], "boxes": ["a", "7"], "radio": "g1",
}  # fmt: skip


@pytest.mark.parametrize("data", [None, {}, FILLED], ids=["unbound", "empty", "filled"])
@pytest.mark.parametrize("name", list(Every.base_fields))
def test_a_widget_is_drawn_as_its_template_draws_it(name: str, data: dict[str, Any] | None) -> None:
    ours, theirs = (Every(data, renderer=renderer) for renderer in (Renderer(), DjangoTemplates()))
    assert str(ours[name]) == str(theirs[name])
    assert str(ours[name].as_widget(attrs=ATTRS)) == str(theirs[name].as_widget(attrs=ATTRS))
    if name in ("radio", "boxes"):
        assert [one.tag() for one in ours[name]] == [one.tag() for one in theirs[name]]


def test_what_is_written_straight_exists_as_a_template() -> None:
    for template in _DRAWN:
        DjangoTemplates().get_template(template)
