"""./run drive, played against a full stack: the loop holds, and what goes wrong is said loudly."""

from __future__ import annotations

import os
import subprocess
import sys

from demo.drive.__main__ import STEPS
from demo.drive.shop import free_port
from tests.e2e.conftest import ROOT, Played


def test_the_whole_loop_holds(played: Played) -> None:
    told = "\n".join(played.said)
    assert [name for name, _step in STEPS if name not in told] == []
    assert {which: state for which, (state, _amount) in played.story.expected.items()} == {
        "token": "FULFILLED",
        "code": "REVERSED",
        "api": "FULFILLED",
        "late": "HELD",
    }


def test_a_loop_that_breaks_ends_with_the_name_of_its_step() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    done = subprocess.run(
        [sys.executable, "-m", "demo.drive", nobody],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "Step 1 failed: A merchant signs up and confirms the address" in done.stderr
