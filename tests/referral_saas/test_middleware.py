from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from referral_saas.middleware import StrictHeaders, widen


def answer(*widened: tuple[str, str]) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("ok")
        for directive, source in widened:
            widen(response, directive, source)
        return response

    return StrictHeaders(view)(RequestFactory().get("/"))


def directives(response: HttpResponse) -> dict[str, str]:
    parts = (part.partition(" ") for part in response["Content-Security-Policy"].split("; "))
    return {name: value for name, _, value in parts}


def test_policy_is_strict_without_a_word_from_the_view() -> None:
    policy = directives(answer())
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy)


def test_view_widens_one_directive_and_no_other() -> None:
    policy = directives(answer(("form-action", "https://shop.example")))
    assert policy["form-action"] == "'self' https://shop.example"
    assert {**policy, "form-action": "'self'"} == directives(answer())


def test_embedder_replaces_none_and_lifts_the_older_header() -> None:
    response = answer(("frame-ancestors", "https://shop.example"))
    assert directives(response)["frame-ancestors"] == "https://shop.example"
    assert "X-Frame-Options" not in response.headers


def test_one_widened_answer_leaves_the_next_strict() -> None:
    answer(("script-src", "https://shop.example"))
    assert directives(answer())["script-src"] == "'self'"


def test_every_answer_of_the_site_carries_the_headers() -> None:
    response = Client().get("/no/such/page/")
    assert response.status_code == 404
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["X-Frame-Options"] == "DENY"
