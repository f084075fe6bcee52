"""Browser tests use a Chromium the machine has; none is downloaded."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

#: The one without a window first: the same browser, which starts at once and draws for a third less.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW_TO_GET = (
    "Browser tests were left out: no Chromium was found. To run them too: "
    "apt install chromium-headless-shell (Debian), or CHROMIUM=/path/to/chrome ./run test"
)


def find_chromium() -> str | None:
    """CHROMIUM, one on the path, or one that Playwright downloaded earlier."""
    if given := os.environ.get("CHROMIUM"):
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    kinds = ("chromium_headless_shell-*/chrome-*linux*/*headless*shell", "chromium-*/chrome-linux*/chrome")
    return next((str(path) for kind in kinds for path in sorted(downloads.glob(kind))), None)
