"""The simulated providers as a process of its own, for tests: switches to make them misbehave, and their ledgers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.process import setup

ROOT = Path(__file__).resolve().parents[1]


class Providers:
    """``url`` and a provider's name make its base address: ``f"{url}/stripe"``."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = 0
        self._child: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Ready when it returns. A second start keeps the port. It ends with the thread that starts it."""
        command = [sys.executable, "-m", "demo.providers", "--port", str(self.port), "--data", str(self.data)]
        self._child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=setup())
        assert self._child.stdout is not None
        said = self._child.stdout.readline().strip()
        assert said.startswith("http://"), "The simulated providers did not start."
        self.port = int(said.rpartition(":")[2])

    def stop(self, signum: int = signal.SIGTERM) -> None:
        if self._child is not None:
            self._child.send_signal(signum)
            self._child.wait(10)
            assert self._child.stdout is not None
            self._child.stdout.close()
            self._child = None

    def restart(self, *, signum: int = signal.SIGKILL) -> None:
        """Killed in the middle of whatever it does, then started again on the same port and data."""
        self.stop(signum)
        self.start()

    def switch(self, provider: str, **wishes: Any) -> Any:
        """``switch("stripe", fault="429", retry_after=5, times=2)``, ``switch("stripe", clear=True)``,
        ``switch("shopify", use="CODE")``: see demo/providers/control.py."""
        return self._ask(f"/_control/{provider}", wishes)

    def ledger(self, provider: str) -> list[dict[str, Any]]:
        """What was really given, in order: key, kind, amount, unit, recipient, voucher, object, disabled, used."""
        found: list[dict[str, Any]] = self._ask(f"/_control/{provider}/ledger")["given"]
        return found

    def calls(self, provider: str) -> list[dict[str, Any]]:
        """The last calls, newest first: method, path, status (0: cut off), fault."""
        found: list[dict[str, Any]] = self._ask(f"/_control/{provider}/calls")["calls"]
        return found

    def _ask(self, path: str, wishes: dict[str, Any] | None = None) -> Any:
        body = None if wishes is None else json.dumps(wishes).encode()
        request = urllib.request.Request(f"{self.url}{path}", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{path}: {refusal.read().decode()}") from None


@contextmanager
def running_providers(data_dir: Path) -> Iterator[Providers]:
    """Started on any free port; ended afterwards."""
    providers = Providers(data_dir)
    providers.start()
    try:
        yield providers
    finally:
        providers.stop()
