"""A small client for the shop's WSGI application, and a receiver that keeps the hooks it is sent."""

import io
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import unquote, urlencode

from demo.shop.app import Shop

HOST = "shop.test"
SECRET = "hush-hush"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """Keeps cookies, follows no redirect by itself."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **environ: str) -> Answer:
        return self.request("GET", path, b"", environ)

    def post(self, path: str, form: dict[str, Any] | None = None, **environ: str) -> Answer:
        return self.request("POST", path, urlencode(form or {}).encode(), environ)

    def send(self, path: str, data: Any) -> Answer:
        return self.request("POST", path, json.dumps(data).encode(), {"CONTENT_TYPE": "application/json"})

    def request(self, method: str, path: str, body: bytes, extra: dict[str, str]) -> Answer:
        path_info, _mark, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote(path_info),
            "QUERY_STRING": query,
            "HTTP_HOST": HOST,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "wsgi.input": io.BytesIO(body),
            **extra,
        }
        started: list[Any] = []
        chunks = b"".join(self.shop(environ, lambda status, headers: started.extend([status, headers])))
        self.keep(started[1])
        return Answer(int(started[0][:3]), dict(started[1]), chunks)

    def keep(self, headers: list[tuple[str, str]]) -> None:
        for name, value in headers:
            if name == "Set-Cookie":
                key, _equals, content = value.split(";")[0].partition("=")
                self.cookies[key] = content


@dataclass(frozen=True)
class Hook:
    headers: dict[str, str]
    raw: bytes

    @property
    def topic(self) -> str:
        return self.headers["X-Shopify-Topic"]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class Receiver:
    """Answers every hook with `status` and keeps it."""

    def __init__(self) -> None:
        self.hooks: list[Hook] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.hooks.append(Hook({name.title(): value for name, value in self.headers.items()}, raw))
                self.send_response(receiver.status)
                self.end_headers()
                self.wfile.write(b"thanks")

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks/shopify/abc"

    def topics(self) -> list[str]:
        return [hook.topic for hook in self.hooks]

    def last(self, topic: str) -> Any:
        return [hook for hook in self.hooks if hook.topic == topic][-1].body

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


EVE = {"name": "Eve Friend", "email": "eve@example.com", "country": "DE"}
TOKEN = "v1.clk.lnk.1772000000.mac"


def ordered(browser: Browser, **wishes: Any) -> Any:
    wishes = {**EVE, "lines": [{"product": "polarnacht", "quantity": 3}], **wishes}
    answer = browser.send("/admin/api/orders", wishes)
    assert answer.status == 201, answer.text
    return answer.json


def act(browser: Browser, order: Any, verb: str, **data: Any) -> Any:
    answer = browser.send(f"/admin/api/orders/{order['id']}/{verb}", data)
    assert answer.status == 200, answer.text
    return answer.json


def flush(browser: Browser, **data: Any) -> Any:
    return browser.send("/admin/hooks/flush", data).json


def add_code(browser: Browser, code: str = "FREUND-1", **rule: Any) -> None:
    data = {"code": code, **(rule or {"percent": 10}), "single_use": True}
    assert browser.send("/admin/codes.json", {"codes": [data]}).json["created"] == [code]
