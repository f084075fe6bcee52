"""Every template of ours compiles, the error pages need no context, and the entry pages answer with their styles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import TemplateSyntaxError
from django.template.loader import get_template, render_to_string
from django.test import Client

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def test_every_template_compiles() -> None:
    broken = {}
    for path in TEMPLATES.rglob("*.html"):
        try:
            get_template(str(path.relative_to(TEMPLATES)))
        except TemplateSyntaxError as error:
            broken[str(path.relative_to(TEMPLATES))] = str(error)
    assert broken == {}


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_page_stands_without_any_context(name: str) -> None:
    assert "<h1>" in render_to_string(f"{name}.html")


@pytest.mark.parametrize("address", ["/account/login/", "/account/signup/", "/account/password/reset/"])
def test_entry_page_answers_and_its_files_exist(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    files = re.findall(r'(?:href|src)="/static/([^"]+)"', page)
    assert len(files) >= 8
    assert [name for name in files if finders.find(name) is None] == []


@pytest.mark.django_db
def test_wrong_password_is_told_above_the_form(client: Client) -> None:
    page = client.post("/account/login/", {"login": "eve@example.com", "password": "not-hers"}).content.decode()
    assert 'class="error-summary"' in page
    assert "One thing needs mending" in page


def test_style_guide_answers(client: Client) -> None:
    assert client.get("/styleguide").status_code == 200
