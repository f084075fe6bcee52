"""People and programs, told apart by what they say about themselves."""

from __future__ import annotations

import pytest

from tests.kit.shared_data import shared_json
from tracking.humans import device_of, is_human, is_program

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


def test_page_itself_is_a_visit_and_head_is_none() -> None:
    assert is_human("GET", {"User-Agent": IPHONE, "Sec-Fetch-Dest": "document"})
    assert not is_human("HEAD", {"User-Agent": IPHONE})


def test_a_very_long_agent_costs_nothing() -> None:
    assert not is_program("Mozilla/5.0 " + "a" * 1_000_000)


def test_published_programs_are_recognised() -> None:
    """97 of 100; the rest pretend to be browsers (in-app and headless ones among them)."""
    published = [
        agent
        for entry in shared_json("crawler_user_agents/crawler-user-agents.json")
        for agent in entry.get("instances", [])
    ]
    missed = [agent for agent in published if not is_program(agent)]
    assert len(missed) * 100 <= 3 * len(published)
