"""Payloads in the shapes that shops send, written for these tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kit.jsonio import loads_bounded

FOLDER = Path(__file__).parent


def shopify(name: str, /, **changes: Any) -> dict[str, Any]:
    """A copy of tests/payloads/shopify/<name>.json with top-level fields changed; numbers as the inbox reads them."""
    payload: dict[str, Any] = loads_bounded((FOLDER / "shopify" / f"{name}.json").read_bytes())
    return {**payload, **changes}


def as_body(payload: Any) -> bytes:
    return json.dumps(payload, default=str, separators=(",", ":")).encode()
