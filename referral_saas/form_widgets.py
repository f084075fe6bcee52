"""Django's own widgets, written straight.

Its templates include one another for every option of a select: the filters above a list took as long as its rows. What
comes out is the same to the letter (tests/ui/test_form_widgets.py compares); any other widget is drawn by its template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.safestring import SafeString

_FOLDER = "django/forms/widgets"
Widget = Mapping[str, Any]


class Renderer(DjangoTemplates):
    """settings.FORM_RENDERER"""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        draw = _DRAWN.get(template_name)
        if draw is None:
            return SafeString(super().render(template_name, context, request))
        return SafeString(draw(context["widget"]))


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{said(widget["value"])}"'
    return f'<input type="{said(widget["type"])}" name="{said(widget["name"])}"{value}{_attributes(widget)}>'


def _choice(widget: Widget) -> str:
    """A box or a dot among several, within its label where it is asked for so."""
    if not widget["wrap_label"]:
        return _input(widget)
    named = widget["attrs"].get("id")
    shown = f' for="{said(named)}"' if named else ""
    return f"<label{shown}>{_input(widget)} {said(widget['label'])}</label>"


def _textarea(widget: Widget) -> str:
    return f'<textarea name="{said(widget["name"])}"{_attributes(widget)}>\n{said(widget["value"] or "")}</textarea>'


def _select(widget: Widget) -> str:
    inner = "".join([_group(name, options) for name, options, _index in widget["optgroups"]])
    return f'<select name="{said(widget["name"])}"{_attributes(widget)}>{inner}\n</select>'


def _group(name: object, options: Iterable[Widget]) -> str:
    inner = "".join([f"\n  {_option(option)}\n" for option in options])
    return f'\n  <optgroup label="{said(name)}">{inner}\n  </optgroup>' if name else inner


def _option(option: Widget) -> str:
    return f'<option value="{said(option["value"])}"{_attributes(option)}>{said(option["label"])}</option>'


def _attributes(widget: Widget) -> str:
    """``True`` is an attribute without a value, ``False`` none."""
    return "".join(
        [
            f" {said(name)}" if value is True else f' {said(name)}="{said(value)}"'
            for name, value in widget["attrs"].items()
            if value is not False
        ]
    )


def said(value: object) -> str:
    """Escaped, unless it is markup."""
    text = str(value)
    return text if isinstance(text, SafeString) else escape(text)


_INPUTS = [
    "input",
    "text",
    "number",
    "email",
    "url",
    "tel",
    "search",
    "password",
    "hidden",
    "date",
    "checkbox",
    "color",
]
_DRAWN: dict[str, Callable[[Widget], str]] = {
    **{f"{_FOLDER}/{name}.html": _input for name in _INPUTS},
    **{f"{_FOLDER}/{name}_option.html": _choice for name in ("input", "radio", "checkbox")},
    f"{_FOLDER}/textarea.html": _textarea,
    f"{_FOLDER}/select.html": _select,
}
