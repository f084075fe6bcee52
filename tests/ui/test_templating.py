"""What a page shows is let go of when the page is drawn, without waiting for Python's search for circles."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from django.http import HttpRequest
from django.template import TemplateDoesNotExist, engines
from django.test import RequestFactory

TEMPLATE = "{% for row in rows %}{% with told=row.name %}{{ told }}{% endwith %}{% endfor %}"


class Row:
    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture(autouse=True)
def without_search() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    request: HttpRequest = rf.get("/")
    return request


def test_rows_of_a_drawn_page_are_let_go_of(request_: HttpRequest) -> None:
    row = Row("Dana & Co")
    seen = weakref.ref(row)
    page = engines["django"].from_string(TEMPLATE).render({"rows": [row]}, request_)
    del row
    assert page == "Dana &amp; Co"
    assert seen() is None


def test_missing_template_is_said_to_be_missing_here(request_: HttpRequest) -> None:
    with pytest.raises(TemplateDoesNotExist, match=r"nowhere\.html") as failure:
        engines["django"].from_string('{% include "nowhere.html" %}').render({}, request_)
    assert failure.value.backend is engines["django"]
