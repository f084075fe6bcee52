"""The way back into the set-up, from the pages that its steps lead to."""

from __future__ import annotations

from merchants.permissions import can
from programs.selectors import setup, was_published

#: Below the workspace's address; elsewhere nothing is asked.
LED_TO = ("connections", "settings", "customers", "programs", "kinds")


def way_back(slug: str, role: str, path: str) -> str:
    """Empty where nobody comes from the set-up, or where there is none to go on with."""
    base = f"/w/{slug}"
    if not path.startswith(tuple(f"{base}/{place}" for place in LED_TO)) or not can(role, "program.edit"):
        return ""
    return "" if was_published() or setup() is None else f"{base}/setup"
