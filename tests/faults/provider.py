"""A provider as merchants run them: a real HTTP server that gives once per ``webhook-id`` and can misbehave."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread


@dataclass
class Provider:
    """``given`` are the ids it fulfilled; ``calls`` every request. ``plan`` answers calls in turn, then 200."""

    given: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    plan: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    #: Set: the provider accepts, gives, and then keeps silent until it is cleared.
    silent: Event = field(default_factory=Event)
    accepted: Event = field(default_factory=Event)
    finish: Event = field(default_factory=Event)
    url: str = ""

    def answer(self, message_id: str) -> tuple[int, dict[str, str]]:
        self.calls.append(message_id)
        status, headers = self.plan.pop(0) if self.plan else (200, {})
        if status < 300 and message_id not in self.given:
            self.given.append(message_id)
        self.accepted.set()
        if self.silent.is_set():
            self.finish.wait(30)
        return status, headers


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def a_provider() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = provider.answer(self.headers["webhook-id"])
            body = json.dumps({"id": "gift-1"}).encode()
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                """Whoever asked is dead."""

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        provider.url = f"http://127.0.0.1:{server.server_address[1]}/rewards"
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield provider
        provider.finish.set()
        server.shutdown()
