"""Text written by merchants with `{name}` in it.

There is no logic on purpose: a name from a fixed list is replaced by its value and nothing else means anything. What
comes out is plain text; whoever puts it on a page escapes it there.
"""

import re
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

# A name in single braces; doubled braces belong to other languages and stay as they are.
_PLACEHOLDER = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]{0,63})\}(?!\})")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
# Everything any mail library or terminal takes for the end of a line.
_LINE_BREAKS = re.compile("[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class BadSubject(ValueError):
    """A subject that could smuggle a header into a mail."""


def render(text: str, values: Mapping[str, object], allowed: Collection[str]) -> str:
    """`text` with each allowed name replaced by its value (nothing where it has none); values are not read again.

    Names outside `allowed` stay as written, also when `values` holds them.
    """
    return _PLACEHOLDER.sub(lambda found: _value(found, values, allowed), text)


def _value(found: re.Match[str], values: Mapping[str, object], allowed: Collection[str]) -> str:
    if found[1] not in allowed:
        return found[0]
    value = values.get(found[1])
    return "" if value is None else str(value)


def unknown_names(text: str, allowed: Collection[str]) -> list[str]:
    """What stands in braces and would not be replaced, in order, each once. Ask before saving."""
    names = [name for name in _IN_BRACES.findall(text) if name not in allowed]
    return list(dict.fromkeys(names))


def render_subject(text: str, values: Mapping[str, object], allowed: Collection[str]) -> str:
    """A subject of one line. A line break written by the merchant is refused; one inside a value, which a stranger
    may have chosen, becomes a space: it must neither add a header nor stop the mail."""
    check_subject(text)
    return _LINE_BREAKS.sub(" ", render(text, values, allowed)).strip()


def check_subject(text: str) -> None:
    """Raises BadSubject for a text with a line break. Ask before saving."""
    if _LINE_BREAKS.search(text):
        raise BadSubject(_("A subject is one line: remove the line break."))
