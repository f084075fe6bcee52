"""Django form fields as the product draws them: label above, help below, error in place, all tied by ids."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.forms.forms import BaseForm
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from referral_saas.form_widgets import said


@dataclass(frozen=True)
class ErrorLine:
    """One thing to mend: where (None for the form as a whole) and how."""

    label: str
    anchor: str | None
    text: str


def render(bound: BoundField, *, currency: str = "", look: str = "") -> SafeString:
    """Written straight, as widgets are: an editor has sixty, and by a template each they took longer than the rest."""
    shape = shape_of(bound.field.widget)
    if shape == "group":
        return SafeString(_group(bound, look))
    named = said(bound.id_for_label or bound.auto_id or bound.html_name)
    if shape == "check":
        inner = f'{control(bound)}<label for="{named}">{said(bound.label)}</label>{_help(bound)}{_error(bound)}'
        return SafeString(f'<div class="field"><div class="choice">{inner}</div></div>\n')
    optional = "" if bound.field.required else f' <span class="field-optional">{said(_("(optional)"))}</span>'
    label = f'<label for="{named}">{said(bound.label)}{optional}</label>'
    return SafeString(
        f'<div class="field">{label}\n  {_line(bound, named, currency)}\n  {_help(bound)}{_error(bound)}</div>\n'
    )


def _group(bound: BoundField, look: str) -> str:
    """Legend above several choices."""
    described = "".join([f' {name}="{said(value)}"' for name, value in _aria(bound).items()])
    styled = f" choices-{said(look)}" if look else ""
    choices = "".join(
        f'<div class="choice">{one.tag()}<label for="{said(one.id_for_label)}">{said(one.choice_label)}</label></div>'
        for one in bound
    )
    return (
        f'<fieldset class="field" id="{said(bound.auto_id)}_group"{described} tabindex="-1">\n'
        f"  <legend>{said(bound.label)}</legend>\n  {_help(bound)}\n"
        f'  <div class="choices{styled}">{choices}</div>\n  {_error(bound)}</fieldset>\n'
    )


def _line(bound: BoundField, named: str, currency: str) -> str:
    """One control, with the currency behind it or the button that shows a password."""
    if currency:
        return f'<div class="affix">{control(bound)}<span>{said(currency)}</span></div>'
    if isinstance(bound.field.widget, forms.PasswordInput):
        return render_to_string("components/password.html", {"control": control(bound), "id": named})
    return control(bound)


def _help(bound: BoundField) -> str:
    if not bound.help_text:
        return ""
    return f'<div class="field-help" id="{said(bound.auto_id)}_helptext">{said(bound.help_text)}</div>'


def _error(bound: BoundField) -> str:
    """Few fields have one."""
    return render_to_string("components/field_error.html", {"bound": bound}) if bound.errors else ""


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
