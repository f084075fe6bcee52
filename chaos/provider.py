"""The faulty provider, a process of its own: gives once per ``webhook-id`` and writes down what it really gave.

``python -m chaos.provider <folder> <seed>`` listens on a free port, says which in ``<folder>/port`` and appends every
call to ``<folder>/calls.jsonl``. A gift is written there before any answer, so nothing is forgotten when the answer
never arrives.
"""

from __future__ import annotations

import json
import random
import select
import sys
import time
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

#: Longer than any caller waits: the silence ends when the caller hangs up.
SILENCE = 60.0
USUAL_SECONDS = (0.02, 0.15)
LONGEST_RETRY_AFTER = 5


class Fate(StrEnum):
    """What becomes of a call, and how many of a hundred."""

    GIVES = "gives"
    SILENT = "gives, then silence"
    BUSY = "429"
    FAILS = "500"
    GIVES_AND_FAILS = "gives, then 500"


RATES = {Fate.SILENT: 10, Fate.BUSY: 6, Fate.FAILS: 3, Fate.GIVES_AND_FAILS: 3}
FATES = [*RATES, Fate.GIVES]
WEIGHTS = [*RATES.values(), 100 - sum(RATES.values())]


class Journal:
    """``given``: what stands under each key. Appended and flushed under one lock."""

    def __init__(self, path: Path, seed: int) -> None:
        self.given: dict[str, dict[str, Any]] = {}
        self.random = random.Random(seed)
        self._file = path.open("a", buffering=1)
        self._lock = Lock()

    def draw(self) -> tuple[Fate, float, int]:
        with self._lock:
            fate = self.random.choices(FATES, WEIGHTS)[0]
            return fate, self.random.uniform(*USUAL_SECONDS), self.random.randint(1, LONGEST_RETRY_AFTER)

    def give(self, key: str, data: dict[str, Any]) -> None:
        """Once per key: asked again, it is the same gift."""
        with self._lock:
            if key not in self.given:
                self.given[key] = data
                told = {name: data[name] for name in ("reward_id", "amount_minor", "unit")}
                self._write({"gave": key, "at": time.time(), **told})

    def note_call(self, key: str, fate: Fate, began: float, retry_after: int) -> None:
        wait = retry_after if fate is Fate.BUSY else 0
        with self._lock:
            self._write({"call": key, "fate": fate, "began": began, "ended": time.time(), "retry_after": wait})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")


class Handler(BaseHTTPRequestHandler):
    journal: Journal

    def do_POST(self) -> None:
        began, key = time.time(), self.headers["webhook-id"]
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["data"]
        fate, seconds, retry_after = self.journal.draw()
        time.sleep(seconds)
        if fate in (Fate.GIVES, Fate.SILENT, Fate.GIVES_AND_FAILS):
            self.journal.give(key, data)
        if fate is Fate.SILENT:
            select.select([self.connection], [], [], SILENCE)  # readable: the caller hung up
        else:
            self._answer(key, fate, retry_after)
        self.journal.note_call(key, fate, began, retry_after)

    def _answer(self, key: str, fate: Fate, retry_after: int) -> None:
        status = {Fate.GIVES: 200, Fate.BUSY: 429}.get(fate, 500)
        body = json.dumps({"id": f"gift-{key[-12:]}"} if status == 200 else {"error": fate}).encode()
        try:
            self.send_response(status)
            if fate is Fate.BUSY:
                self.send_header("Retry-After", str(retry_after))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            """Whoever asked was killed meanwhile."""

    def log_message(self, *_: object) -> None:
        """Quiet: the journal says it all."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main(folder: Path, seed: int) -> None:
    Handler.journal = Journal(folder / "calls.jsonl", seed)
    server = Server(("127.0.0.1", 0), Handler)
    port = folder / "port.making"
    port.write_text(str(server.server_address[1]))
    port.rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
