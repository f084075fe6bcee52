"""Form fields as Stripe reads them: `metadata[order]=7`, `expand[]=data.customer`, `items[0][price]=...`."""

import re
from typing import Any
from urllib.parse import parse_qsl

PART = re.compile(r"[^\[\]]+|\[\]")
Fields = dict[str, Any]


def nested(text: str) -> Fields:
    found: Fields = {}
    for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=500):
        place(found, PART.findall(name), value)
    return found


def place(into: Fields, path: list[str], value: str) -> None:
    """Numbered items stay keyed by their number; `name[]` collects a list."""
    head, *rest = path or [""]
    if not rest:
        into[head] = value
    elif rest == ["[]"]:
        into.setdefault(head, []).append(value)
    else:
        inner = into.setdefault(head, {})
        if isinstance(inner, dict):
            place(inner, rest, value)
