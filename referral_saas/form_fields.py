"""Django form fields as the product draws them: label above, help below, error in place, all tied by ids."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.forms.forms import BaseForm
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class ErrorLine:
    """One thing to mend: where (None for the form as a whole) and how."""

    label: str
    anchor: str | None
    text: str


def render(bound: BoundField, *, currency: str = "", look: str = "") -> SafeString:
    shape = shape_of(bound.field.widget)
    context = {
        "bound": bound, "shape": shape, "currency": currency, "look": look,
        "id": bound.id_for_label or bound.auto_id or bound.html_name,
        "control": control(bound), "is_password": isinstance(bound.field.widget, forms.PasswordInput),
        "optional": not bound.field.required and shape == "line",
    }  # fmt: skip
    return render_to_string("components/field.html", context)


def shape_of(widget: forms.Widget) -> str:
    """line: label above one control; check: box before its label; group: legend above several choices."""
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    return "line"


def control(bound: BoundField) -> SafeString:
    """The input itself, described by its help and its error; Django adds aria-invalid."""
    return SafeString(bound.as_widget(attrs=_aria(bound) | _quiet_placeholder(bound)))


def _quiet_placeholder(bound: BoundField) -> dict[str, str | bool]:
    """A placeholder that repeats the label says nothing and vanishes while typing: packages set such ones."""
    placeholder = str(bound.field.widget.attrs.get("placeholder", ""))
    return {"placeholder": ""} if placeholder.casefold() in _repeating(bound) else {}


def _repeating(bound: BoundField) -> set[str]:
    return {str(bound.label).casefold(), _("Email address").casefold()}


def _aria(bound: BoundField) -> dict[str, str | bool]:
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    return {"aria-describedby": " ".join(described)} if described and bound.auto_id else {}


def error_lines(form: BaseForm) -> list[ErrorLine]:
    whole = [ErrorLine("", None, str(text)) for text in form.non_field_errors()]
    return whole + [line for bound in form for line in _lines_of(bound)]


def _lines_of(bound: BoundField) -> list[ErrorLine]:
    return [ErrorLine(str(bound.label or _("Field")), anchor_of(bound), str(text)) for text in bound.errors]


def anchor_of(bound: BoundField) -> str:
    """Where the link of a summary leads: a group's fieldset, else the control."""
    return f"{bound.auto_id}_group" if shape_of(bound.field.widget) == "group" else str(bound.id_for_label)
