"""Stands between an adapter and a simulated service, passes everything on and remembers both sides."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Exchange:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.answer)


@dataclass
class Relay:
    address: str = ""
    exchanges: list[Exchange] = field(default_factory=list)


@contextmanager
def relaying(target: str) -> Iterator[Relay]:
    relay = Relay()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(relay, urlsplit(target).netloc))
    server.daemon_threads = True
    relay.address = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()


def _handler_for(relay: Relay, target: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            line = http.client.HTTPConnection(target, timeout=10)
            line.request(self.command, self.path, body or None, dict(self.headers))
            told = line.getresponse()
            answer = told.read()
            heard = {name.lower(): value for name, value in self.headers.items()}
            relay.exchanges.append(Exchange(self.command, self.path, heard, body, told.status, answer))
            self.send_response(told.status)
            for name, value in told.getheaders():
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "server", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            line.close()

        do_GET = do_POST = do_PUT = do_DELETE = pass_on

        def log_message(self, *args: object) -> None:
            """Tests read the exchanges, not a log."""

    return Handler
