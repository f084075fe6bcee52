"""Pages worked without a mouse: from where one stands on with the tab key, as somebody does who sees no pointer."""

from __future__ import annotations

from tests.looks import Onlooker

#: More than any page of ours has places to stop at.
MOST_STOPS = 90
REACHED = "wanted => document.activeElement.matches(wanted)"


def tab_to(eyes: Onlooker, wanted: str) -> None:
    """From where one stands on with the tab key, until what is wanted has the focus."""
    for _stop in range(MOST_STOPS):
        if eyes.page.evaluate(REACHED, wanted):
            return
        eyes.page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached on {eyes.page.url}")


def type_into(eyes: Onlooker, name: str, text: str) -> None:
    tab_to(eyes, f"[name={name}]")
    eyes.page.keyboard.press("ControlOrMeta+a")
    eyes.page.keyboard.type(text)


def to_words(eyes: Onlooker, words: str) -> None:
    """To the button or link of these words."""
    ways = [eyes.page.get_by_role(role, name=words, exact=True) for role in ("button", "link")]
    ways[0].or_(ways[1]).evaluate("one => one.classList.add('wanted')")
    tab_to(eyes, ".wanted")


def press(eyes: Onlooker, words: str) -> None:
    """The button or link of these words, whose answer is another page."""
    to_words(eyes, words)
    with eyes.page.expect_navigation():
        eyes.page.keyboard.press("Enter")
