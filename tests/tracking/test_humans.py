"""People and programs, told apart by what they say about themselves."""

from __future__ import annotations

import pytest

from tests.kit.shared_data import shared_json
from tests.tracking.browsers import published, shapes
from tracking.humans import LONGEST_AGENT, agent_of, device_of, is_human, is_program, read

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1"
)
PEOPLE = {
    IPHONE: "phone",
    IPHONE + " Instagram 332.0.0.38.90 (iPhone14,5; iOS 17_5; de_DE; de; scale=3.00; 1170x2532; 600000)": "phone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "[FBAN/FBIOS;FBAV/465.0.0.41.104;FBBV/600000;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5]": "phone",
    "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile "
    "Safari/537.36": "phone",
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 "
    "Safari/604.1": "tablet",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0": "desktop",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 "
    "Edg/126.0.0.0": "desktop",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Safari/605.1.15": "desktop",
}


@pytest.mark.parametrize(("agent", "device"), PEOPLE.items())
def test_browsers_and_apps_are_people(agent: str, device: str) -> None:
    assert is_human("GET", {"User-Agent": agent})
    assert device_of(agent) == device


@pytest.mark.parametrize("dest", ["iframe", "image", "embed", "object", "script", "empty"])
def test_what_is_no_page_of_its_own_is_no_visit(dest: str) -> None:
    assert not is_human("GET", {"User-Agent": IPHONE, "Sec-Fetch-Dest": dest})


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "Prefetch"},
        {"X-Purpose": "preview"},
        {"X-Moz": "prefetch"},
        {"Accept": "image/avif,image/webp,*/*;q=0.8"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"From": "robots@example.org"},
    ],
)
def test_what_nobody_looks_at_is_no_visit(said: dict[str, str]) -> None:
    assert not is_human("GET", {"User-Agent": IPHONE, **said})


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Dest": "document"},
        {"X-Requested-With": "com.instagram.android"},
        {"Purpose": ""},
        {"Accept": "text/html,application/xhtml+xml,image/avif"},
    ],
)
def test_what_a_browser_says_of_the_page_itself_is_a_visit(said: dict[str, str]) -> None:
    assert is_human("GET", {"User-Agent": IPHONE, **said})
    assert is_human("POST", {"User-Agent": IPHONE, **said})


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "", "get"])
def test_other_methods_are_no_visit(method: str) -> None:
    assert not is_human(method, {"User-Agent": IPHONE})


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile "
        "Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "WhatsApp/2.23.20.0",
        "Viber/22.9.1.0",
        "curl/8.5.0",
        "Dalvik/2.1.0 (Linux; U; Android 14; SM-S918B Build/UP1A.231005.007)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 "
        "scans.example.com",
        "Mozilla/5.0 (X11; Linux x86_64)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; ask@example.org) Gecko/20100101 Firefox/128.0",
    ],
)
def test_programs_are_told_by_what_they_say(agent: str) -> None:
    assert is_program(agent)


def test_a_very_long_agent_costs_nothing_and_is_read_from_its_beginning() -> None:
    assert is_program("Mozilla/5.0 " + "a" * 1_000_000)
    assert not is_program(IPHONE.ljust(LONGEST_AGENT) + "bot" * 1_000_000)


@pytest.mark.parametrize(
    ("agent", "kept"),
    [
        (IPHONE, "safari/ios"),
        (
            "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36",
            "chrome/android",
        ),
        (f"{IPHONE} Instagram 332.0.0.38.90 (iPhone14,5; iOS 17_5)", "instagram/ios"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "edge/windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "firefox/linux"),
        ("", "other/other"),
        ("x|y\n\0", "other/other"),
    ],
)
def test_little_is_kept_of_an_agent(agent: str, kept: str) -> None:
    assert agent_of(agent) == kept


def test_what_is_kept_fits_its_column_and_names_almost_every_browser() -> None:
    kept = [agent_of(agent) for agent in [*shapes(), *published()]]
    assert max(map(len, kept)) <= 40
    assert all(word.replace("-", "").isalnum() for agent in kept for word in agent.split("/"))
    assert sum("other" in agent for agent in kept) * 100 <= len(kept)


def test_no_shape_of_a_real_browser_is_taken_for_a_program() -> None:
    found = shapes()
    assert len(found) > 1500
    assert [agent for agent in found if read(agent).is_program] == []


def test_published_browsers_are_people() -> None:
    """At most 1 of 200; found 1 of 839, which wears quotation marks."""
    found = published()
    mistaken = [agent for agent in found if read(agent).is_program]
    assert len(found) > 500
    assert len(mistaken) * 200 <= len(found), mistaken


def test_published_programs_are_recognised() -> None:
    """At least 99 of 100 on monperrus/crawler-user-agents; found 2,107 of 2,115. The rest looks like a browser in full:
    in-app views of Instagram and Facebook, editors, headless browsers.
    """
    entries = shared_json("crawler_user_agents/crawler-user-agents.json")
    found = sorted({agent for entry in entries for agent in entry.get("instances", [])})
    missed = [agent for agent in found if not read(agent).is_program]
    assert len(found) > 2000
    assert len(missed) * 100 <= len(found), missed
