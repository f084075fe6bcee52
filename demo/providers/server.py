"""HTTP with the standard library: one thread per call, and a line that can be cut without an answer."""

import select
import socket
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote

from .app import App, CutOff

LOOK_EVERY = 0.25  # seconds, at whether the server stops or the caller has gone


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, data: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.app = App(data)

    def server_close(self) -> None:
        self.app.close()
        super().server_close()


class Handler(BaseHTTPRequestHandler):
    server: Server
    wbufsize = -1  # the whole answer in one piece

    def handle_call(self) -> None:
        try:
            response = self.server.app.answer(self.environ(), self.wait)
        except CutOff:
            return
        try:
            self.write(response.status, response, with_body=self.command != "HEAD")
        except OSError:
            """Whoever asked has gone."""

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_call

    def environ(self) -> dict[str, Any]:
        path, _mark, query = self.path.partition("?")
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        return headers | {
            "REQUEST_METHOD": self.command,
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": self.headers.get("Content-Length", "0"),
            "wsgi.input": self.rfile,
        }

    def write(self, status: int, response: Any, *, with_body: bool) -> None:
        def start_response(line: str, headers: Iterable[tuple[str, str]]) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()

        for chunk in response.send(start_response, with_body=with_body):
            self.wfile.write(chunk)

    def wait(self, seconds: float) -> bool:
        """Holds the call. False: the caller hung up before."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0 and not self.server.app.stopping.is_set():
            if self.caller_gone(min(left, LOOK_EVERY)):
                return False
        return True

    def caller_gone(self, seconds: float) -> bool:
        readable, _writable, _broken = select.select([self.connection], [], [], seconds)
        try:
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the page shows the calls."""
