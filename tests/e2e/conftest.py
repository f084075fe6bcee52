"""One stack for all tests here, the loop played on it once, and a Chromium that notices what is wrong with a page.

Once, because tests/apart.py runs all tests of this folder in one process. Ended with the last of them: its workers and
their rings would go on beside everything else.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.drive.__main__ import STEPS
from demo.drive.shop import TestShop
from demo.drive.story import Story, play
from ops import process
from ops.browser import find_chromium
from tests.e2e.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Running:
    """``environment`` is what the stack's processes run with."""

    environment: dict[str, str]
    pid: int

    @property
    def web(self) -> str:
        return self.environment["PUBLIC_URL"]

    @property
    def shop(self) -> str:
        return self.environment["SHOP_URL"]

    def workers(self) -> list[int]:
        """The Celery workers that the supervisor started: its own children, nobody else's. They may have given
        themselves a title, which is one long word among the arguments."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").split()
            except OSError:
                continue
            if parent == self.pid and b"worker" in command:
                found.append(int(folder.name))
        return found


@pytest.fixture(scope="package")
def running(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Its tables come from the copy that is there by then (tests/prepared.py)."""
    log = tmp_path_factory.mktemp("e2e") / "stack.log"
    with log.open("wb") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.serve"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            preexec_fn=process.setup(on_orphan=signal.SIGTERM),
        )
    assert child.stdout is not None
    line = child.stdout.readline()
    try:
        assert line, f"The stack did not start:\n{log.read_text()[-4000:]}"
        yield Running(json.loads(line), child.pid)
    finally:
        process.end(child, signum=signal.SIGTERM, within=40)


@dataclass(frozen=True)
class Played:
    story: Story
    said: list[str]


@pytest.fixture(scope="package")
def played(running: Running) -> Played:
    """The whole drive, once. In a thread of its own: Playwright wants one for itself."""
    story, said = Story(running.web, TestShop(running.shop), find_chromium()), list[str]()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(play, story, STEPS, say=said.append).result()
    return Played(story, said)


@pytest.fixture
def visitor(chromium: Any, running: Running) -> Iterator[Visitor]:
    """A fresh browser profile. What the console said is looked at when the test ends."""
    context = chromium.new_context(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    visitor = Visitor(context.new_page(), running.web)
    yield visitor
    context.close()
    assert visitor.complaints == []
