"""What the parallel test processes share out, and what stays together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests import apart

ROOT = Path(__file__).resolve().parents[2]
A_TEST = """
import os, pytest
from pathlib import Path

@pytest.mark.parametrize("number", range(4))
def test_says_where_it_runs(number):
    with Path("ran").open("a") as ran:
        ran.write(f"{Path(__file__).parent.name} {os.getpid()}\\n")
"""


def test_the_browsers_tests_share_one_process(tmp_path):
    for name in ("e2e/test_one.py", "e2e/test_two.py", "other/test_one.py", "other/test_two.py"):
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(A_TEST)
    ran = processes_of(tmp_path)
    assert set(ran) == {"e2e", "other"}
    assert len(ran["e2e"]) == 1


@pytest.mark.parametrize("place", [*apart.TOGETHER, *apart.ONE_BY_ONE, *apart.LONG])
def test_what_is_shared_out_by_name_is_there(place):
    assert (ROOT / place).exists()


def processes_of(folder: Path) -> dict[str, set[str]]:
    """Folder of tests -> the processes that ran some of it."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p tests.apart -p no:django --import-mode=importlib\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    # a base of its own: pytest closes the usual one to others, and servers of other tests stand in it
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--basetemp", str(folder / "base"), "tests"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    ran: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "ran").read_text().splitlines():
        where, process = line.split()
        ran[where].add(process)
    return ran
