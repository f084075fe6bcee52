from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.sdk.conftest import TokenMaker
from tests.sdk.shop import SDK, Site

NAMED = "#named [name=referral_token]"


def held(tab: Any) -> str:
    return str(tab.evaluate("ReferralSaaS.token()"))


def kept(tab: Any, name: str = "rs_token") -> str | None:
    value: str | None = tab.evaluate(f"localStorage.getItem('{name}')")
    return value


def test_size_is_at_most_two_kilobytes_compressed() -> None:
    assert len(gzip.compress(SDK.read_bytes(), 9)) <= 2048


def test_source_uses_nothing_a_strict_policy_forbids() -> None:
    source = SDK.read_text()
    for forbidden in ("eval(", "new Function", "innerHTML", "document.write", ".style"):
        assert forbidden not in source


@pytest.mark.browser
class TestInBrowser:
    def test_token_is_kept_for_later_pages(self, visit: Any, token: TokenMaker) -> None:
        given = token()
        visit.goto(f"/?rt={given}&rc=FREUND-1")
        visit.goto("/")
        assert (held(visit), visit.evaluate("ReferralSaaS.code()"), kept(visit)) == (given, "FREUND-1", given)

    def test_token_fills_named_and_marked_forms_only(self, visit: Any, token: TokenMaker) -> None:
        given = token()
        visit.goto(f"/?rt={given}")
        assert visit.input_value(NAMED) == given
        assert visit.input_value("#marked [name=referral_token]") == given
        assert visit.locator("#other input").count() == 0

    def test_form_added_later_is_filled_when_sent(self, visit: Any, token: TokenMaker) -> None:
        given = token()
        visit.goto(f"/?rt={given}")
        visit.evaluate("document.querySelector('#named [name=referral_token]').value = ''")
        visit.click("#named button")
        visit.wait_for_url("**/order?*")
        assert f"referral_token={given}" in visit.url

    def test_all_touches_travel_oldest_first(self, visit: Any, token: TokenMaker) -> None:
        older, newer = token(days_ago=3, click="old"), token(days_ago=1, click="new")
        for given in (newer, older, newer):
            visit.goto(f"/?rt={given}")
        both = f"{older},{newer}"
        assert (held(visit), kept(visit), visit.input_value(NAMED)) == (both, both, both)

    def test_of_many_touches_the_first_and_the_last_three_travel(self, visit: Any, token: TokenMaker) -> None:
        made = [token(days_ago=10 - number, click=f"c{number}") for number in range(6)]
        for given in made:
            visit.goto(f"/?rt={given}")
        assert held(visit) == ",".join([made[0], *made[-3:]])

    @pytest.mark.parametrize(
        "broken", ["x", "v1.a.b.c.d", "v1.a.b.1.cccccccc", "v2.a.b.1733000000.cccccccc", "<script>"]
    )
    def test_broken_token_is_ignored(self, visit: Any, token: TokenMaker, broken: str) -> None:
        good = token()
        visit.goto(f"/?rt={good}")
        visit.goto(f"/?rt={broken}")
        assert held(visit) == good

    def test_token_of_ninety_one_days_is_dropped(self, visit: Any, token: TokenMaker) -> None:
        visit.goto(f"/?rt={token(days_ago=91)}")
        assert (held(visit), kept(visit), visit.input_value(NAMED)) == ("", None, "")

    def test_cookie_keeps_it_where_storage_is_closed(self, visit: Any, token: TokenMaker) -> None:
        visit.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('closed') }})")
        given = token()
        visit.goto(f"/?rt={given}")
        visit.goto("/")
        cookie = next(cookie for cookie in visit.context.cookies() if cookie["name"] == "rs_token")
        assert (held(visit), cookie["value"], cookie["sameSite"]) == (given, given, "Lax")

    def test_nothing_is_kept_or_sent_before_consent(self, visit: Any, saas: Site, token: TokenMaker) -> None:
        visit.goto(f"/ask?rt={token()}")
        assert (visit.evaluate("localStorage.length"), visit.context.cookies(), saas.posted) == (0, [], [])

    def test_consent_keeps_the_token_from_then_on(self, visit: Any, saas: Site, token: TokenMaker) -> None:
        given = token()
        visit.goto(f"/ask?rt={given}")
        with visit.expect_request("**/api/v1/heartbeat"):
            visit.evaluate("ReferralSaaS.consent(true)")
        visit.goto("/ask")
        assert (held(visit), kept(visit)) == (given, given)

    def test_refusal_forgets_and_is_remembered(self, visit: Any, token: TokenMaker) -> None:
        visit.goto(f"/?rt={token()}")
        visit.evaluate("ReferralSaaS.consent(false)")
        assert (held(visit), kept(visit), visit.input_value(NAMED)) == ("", None, "")
        visit.goto(f"/?rt={token()}")
        assert kept(visit) is None

    def test_heartbeat_goes_once_per_placement_and_day(self, visit: Any, shop: Site, saas: Site) -> None:
        visit.goto("/")
        visit.wait_for_load_state("networkidle")
        visit.goto("/")
        visit.wait_for_load_state("networkidle")
        host = shop.origin.removeprefix("http://")
        sent = sorted(
            (path, kind, body["placement"], body["key"], body["page_host"]) for path, kind, body in saas.posted
        )
        plain = "text/plain;charset=UTF-8"
        assert sent == [
            ("/api/v1/heartbeat", plain, "site", "pk_test_1", host),
            ("/api/v1/heartbeat", plain, "thanks", "pk_test_1", host),
        ]

    def test_shopify_cart_gets_the_token_once(self, visit: Any, shop: Site, token: TokenMaker) -> None:
        given = token()
        visit.goto(f"/shopify?rt={given}")
        visit.wait_for_load_state("networkidle")
        visit.goto("/shopify")
        visit.wait_for_load_state("networkidle")
        assert shop.posted == [("/cart/update.js", "application/json", {"attributes": {"referral_token": given}})]

    def test_plain_shop_gets_no_cart_request(self, visit: Any, shop: Site, token: TokenMaker) -> None:
        visit.goto(f"/?rt={token()}")
        visit.wait_for_load_state("networkidle")
        assert shop.posted == []
