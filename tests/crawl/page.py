"""Our own pages as the robots read them: a tree of elements, asked with the few selectors that they use.

Beautiful Soup reads whatever there is on the web and takes five times as long; the robots read thousands of pages, all
of which name every end of an element that has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import unescape

TAG = re.compile(r"<!--.*?-->|<![^>]*>|<(/?)([a-zA-Z][\w:-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
ATTRIBUTE = re.compile(r"([^\s=/\"'>]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
#: What stands in these is text up to their end, whatever it looks like.
TEXT_ONLY = frozenset({"script", "style", "textarea", "title"})
PART = re.compile(r"(?P<tag>^[a-z][\w-]*)|\.(?P<of>[\w-]+)|\[(?P<having>[\w-]+)\]")


class Element:
    """``place`` to ``after`` is where it and all within it stand in the ``order`` of the page."""

    __slots__ = ("after", "attrs", "name", "order", "parent", "place", "words")

    def __init__(self, name: str, attrs: dict[str, str], parent: Element | None, order: list[Element]) -> None:
        self.name, self.attrs, self.parent, self.order = name, attrs, parent, order
        self.place = self.after = len(order)
        self.words: list[str | Element] = []
        order.append(self)

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attrs.get(name, default)

    def has_attr(self, name: str) -> bool:
        return name in self.attrs

    def within(self) -> list[Element]:
        return self.order[self.place + 1 : self.after]

    def find_all(self, names: str | Sequence[str]) -> list[Element]:
        wanted = {names} if isinstance(names, str) else set(names)
        return [each for each in self.within() if each.name in wanted]

    def find(self, name: str = "", *, id: str) -> Element | None:
        """None for an empty id."""
        found = (each for each in self.within() if id and each.get("id") == id and name in {"", each.name})
        return next(found, None)

    def find_parent(self, name: str) -> Element | None:
        around = self.parent
        while around and around.name != name:
            around = around.parent
        return around

    def select(self, selector: str) -> list[Element]:
        ways = _ways(selector)
        return [each for each in self.within() if any(_fits(each, way) for way in ways)]

    def select_one(self, selector: str) -> Element | None:
        return next(iter(self.select(selector)), None)

    def get_text(self, between: str = "", *, strip: bool = False) -> str:
        texts = (text.strip() if strip else text for text in self._texts())
        return between.join(text for text in texts if text or not strip)

    def _texts(self) -> Iterator[str]:
        for each in self.words:
            if isinstance(each, str):
                yield each
            elif each.name not in {"script", "style"}:
                yield from each._texts()


def read(text: str) -> Element:
    """The page as the one element around all others."""
    page = open_element = Element("", {}, None, [])
    at = 0
    while found := TAG.search(text, at):
        _write(open_element, text[at : found.start()])
        at = found.end()
        closing, name, attributes = found.groups()
        if closing:
            open_element = _closed(open_element, name.lower())
        elif name:
            made = Element(name.lower(), _attributes(attributes), open_element, page.order)
            open_element.words.append(made)
            if made.name in TEXT_ONLY:
                end = text.find(f"</{name}", at)
                _write(made, text[at:end])
                at = end
            open_element = open_element if made.name in VOID or attributes.endswith("/") else made
            made.after = len(page.order)
    _write(open_element, text[at:])
    while open_element:
        open_element.after, open_element = len(page.order), open_element.parent
    return page


def _write(element: Element, text: str) -> None:
    if text:
        element.words.append(unescape(text) if "&" in text and element.name not in {"script", "style"} else text)


def _closed(element: Element, name: str) -> Element:
    """What goes on behind the end of the innermost element of this name; an end of nothing ends nothing."""
    ended: Element | None = element
    while ended and ended.name != name:
        ended = ended.parent
    if ended is None or ended.parent is None:
        return element
    while element is not ended.parent:
        element.after = len(element.order)
        assert element.parent is not None
        element = element.parent
    return element


def _attributes(text: str) -> dict[str, str]:
    """The first of a name counts, as in a browser; one without a value is empty."""
    read: dict[str, str] = {}
    for name, double, single, bare in ATTRIBUTE.findall(text):
        value = double or single or bare
        read.setdefault(name.lower(), unescape(value) if "&" in value else value)
    return read


Way = list[tuple[str, str, frozenset[str], frozenset[str]]]


@cache
def _ways(selector: str) -> list[Way]:
    """Each alternative, innermost element first: how the next one is around it, tag, classes, attributes."""
    return [_way(one.split()) for one in selector.split(",")]


def _way(parts: list[str]) -> Way:
    way: Way = []
    around = " "
    for part in reversed(parts):
        if part == ">":
            around = ">"
            continue
        found = list(PART.finditer(part))
        assert "".join(each[0] for each in found) == part, f"{part} is no selector that is understood here"
        tag = next((each["tag"] for each in found if each["tag"]), "")
        classes = frozenset(each["of"] for each in found if each["of"])
        way.append((around, tag, classes, frozenset(each["having"] for each in found if each["having"])))
        around = " "
    return way


def _fits(element: Element, way: Way) -> bool:
    (_around, tag, classes, having), *others = way
    if (tag and element.name != tag) or not having <= element.attrs.keys():
        return False
    if classes and not classes <= set(element.get("class").split()):
        return False
    if not others:
        return True
    around = element.parent
    if others[0][0] == ">":
        return around is not None and _fits(around, others)
    while around:
        if _fits(around, others):
            return True
        around = around.parent
    return False
