"""The component tags, rendered as templates use them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string

from referral_saas.styleguide import sample_context

NOW = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)


class OrderForm(forms.Form):
    name = forms.CharField(help_text="As on the parcel.")
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(required=False)


def drawn(source: str, **values: Any) -> str:
    return Template("{% load ui i18n %}" + source).render(Context(values))


def test_money_is_written_as_the_language_writes_it() -> None:
    assert drawn("{{ amount|money:'EUR' }}", amount=3980) == "€39.80"
    assert drawn("{{ amount|money:'EUR' }}", amount=None) == ""


def test_when_is_relative_to_the_workspace_clock() -> None:
    tag = drawn("{% when at 'UTC' %}", at=NOW - timedelta(hours=3), workspace_now=NOW)
    assert ">3 hours ago</time>" in tag
    assert 'title="1 December 2025, 06:30:00 UTC"' in tag


def test_names_from_people_are_escaped_everywhere() -> None:
    hostile = "<script>x</script>"
    page = drawn(
        "{% status 'good' x %}{% badge x %}{% avatar x %}{% button x href=x %}{% figure x x help=x %}{% empty x x %}"
        "{% copy_field x x %}{% code x %}{% facts rows %}"
        "{% callout 'info' title=x %}{{ x }}{% endcallout %}{% meter x 10 %}",
        x=hostile,
        rows=[(hostile, hostile)],
    )
    assert "<script>" not in page


def test_code_written_in_a_template_is_text_too() -> None:
    assert "<script" not in drawn("""{% code '<script src="x"></script>' %}""")


def test_field_ties_help_and_error_to_the_control() -> None:
    form = OrderForm({"kind": "a"}, auto_id="o_%s")
    tag = drawn("{% field form.name %}", form=form)
    assert 'aria-describedby="o_name_helptext o_name_error"' in tag
    assert 'aria-invalid="true"' in tag
    assert 'id="o_name_error"' in tag


def test_summary_links_each_error_to_its_control() -> None:
    summary = drawn("{% form_errors form %}", form=OrderForm({}, auto_id="o_%s"))
    assert "2 things need mending" in summary
    assert 'href="#o_name"' in summary
    assert 'href="#o_kind_group"' in summary
    assert 'id="o_kind_group"' in drawn("{% field form.kind %}", form=OrderForm({}, auto_id="o_%s"))


def test_summary_of_a_good_form_is_nothing() -> None:
    assert drawn("{% form_errors form %}", form=OrderForm()) == ""


@pytest.mark.parametrize(("name", "said"), [("Anna Keller", "AK"), ("陈美玲", "陈"), ("", "?"), ("Anna", "A")])
def test_initials(name: str, said: str) -> None:
    assert drawn("{% avatar name %}", name=name).endswith(f">{said}</span>")


def test_button_takes_attributes_and_dashes() -> None:
    tag = drawn("{% button 'Go' kind='danger primary' name='do' value='it' hx_post='/x' %}")
    assert tag.strip() == (
        '<button class="button button-danger button-primary" name="do" value="it" hx-post="/x" type="submit">'
        "Go</button>"
    )


def test_style_guide_has_no_inline_style_or_script_and_no_double_id() -> None:
    page = render_to_string("styleguide.html", sample_context())
    assert " style=" not in page
    assert re.search(r"<script(?![^>]*\bsrc=)", page) is None
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
