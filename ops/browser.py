"""Browser tests use a Chromium the machine has; none is downloaded."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW_TO_GET = (
    "Browser tests were left out: no Chromium was found. To run them too: apt install chromium (Debian), "
    "or CHROMIUM=/path/to/chrome ./run test"
)


def find_chromium() -> str | None:
    """CHROMIUM, one on the path, or one that Playwright downloaded earlier."""
    if given := os.environ.get("CHROMIUM"):
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return next((str(path) for path in sorted(downloads.glob("chromium-*/chrome-linux*/chrome"))), None)
