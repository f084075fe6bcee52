"""What a request says about itself and is not believed: where it comes from, whom it asks."""

from __future__ import annotations

from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.test import Client

from kit.env import Network
from kit.proxies import behind_proxies
from tests.cast import a_world

pytestmark = pytest.mark.django_db


def seen_by_the_site(peer: str, trusted: list[Network], **headers: str) -> dict[str, Any]:
    """The environment that the site gets behind the gate that referral_saas/wsgi.py puts before it."""
    seen: list[dict[str, Any]] = []

    def site(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ)
        return []

    environ: dict[str, Any] = {"REMOTE_ADDR": peer, **headers}
    setup_testing_defaults(environ)
    behind_proxies(site, trusted=trusted)(environ, lambda *_: None)
    return seen[0]


def test_forwarded_address_of_a_stranger_is_not_believed() -> None:  # hostile 44
    told = {"HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_X_FORWARDED_PROTO": "https"}
    seen = seen_by_the_site("203.0.113.9", [], **told)
    assert (seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]) == ("203.0.113.9", "http")


def test_a_stranger_cannot_pass_a_limit_by_naming_other_addresses(live_redis: Any) -> None:  # hostile 44, 48
    world = a_world()
    path = f"/p/{world.merchant.slug}/"
    client = Client(headers={"X-Forwarded-For": "1.2.3.4"})
    seen = {client.get(path, headers={"X-Forwarded-For": f"1.2.3.{n}"}).wsgi_request.META["REMOTE_ADDR"] for n in "56"}
    assert seen == {"127.0.0.1"}


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "[::1", "a b"])
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/v1/programs"])
def test_unknown_or_broken_host_is_refused(
    host: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:  # hostile 106
    answer = Client().get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
    [told] = caplog.records
    assert (told.levelname, told.exc_info) == ("WARNING", None)
    assert "Nobody of this name lives here" in told.getMessage()


def test_forwarded_host_changes_no_address_we_write() -> None:  # hostile 106
    world = a_world()
    page = Client().get(f"/r/{world.link.code}", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.content.decode()


@pytest.mark.parametrize("query", ["utm_source=%0d%0aSet-Cookie:%20a=b", "utm_source=%00", "rt=%0aX-Evil:1"])
def test_line_breaks_in_parameters_make_no_header(query: str) -> None:  # hostile 52
    world = a_world()
    page = Client().get(f"/r/{world.link.code}?{query}")
    assert page.status_code in {200, 302, 400, 404}
    assert not page.cookies
    assert not {"X-Evil", "Set-Cookie"} & set(page.headers)
    assert all("\n" not in value and "\r" not in value for value in page.headers.values())
