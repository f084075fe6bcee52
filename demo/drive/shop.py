"""A test shop of the drive's own, beside the demo's: a new merchant brings a new shop, the demo's stays as it is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from demo.drive.wait import until
from demo.drive.web import Page, Web
from kit import lifeline


class TestShop:
    """Its buttons, as JSON; and its pages for buyers."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.desk = Web(url)

    def settings(self, **values: Any) -> None:
        self.desk.send("/admin/connection", values).expect()

    def add_codes(self, codes: list[dict[str, Any]]) -> list[str]:
        created: list[str] = self.desk.send("/admin/codes.json", {"codes": codes}).expect(201).json["created"]
        return created

    def order(self, order_id: int) -> dict[str, Any]:
        document: dict[str, Any] = self.desk.get(f"/admin/api/orders/{order_id}").expect().json["order"]
        return document

    def hooks(self, order_id: int) -> list[dict[str, Any]]:
        hooks: list[dict[str, Any]] = self.desk.get(f"/admin/api/orders/{order_id}").expect().json["hooks"]
        return hooks

    def place(self, **order: Any) -> int:
        placed: dict[str, Any] = self.desk.send("/admin/api/orders", order).expect(201).json
        return int(placed["id"])

    def press(self, order_id: int, verb: str, **data: Any) -> Page:
        return self.desk.send(f"/admin/api/orders/{order_id}/{verb}", data).expect()

    def line_of(self, order_id: int, product: str) -> int:
        lines = self.order(order_id)["line_items"]
        return next(int(line["id"]) for line in lines if line["sku"].lower().endswith(product))

    def send_again(self, webhook_id: str) -> None:
        self.desk.send(f"/admin/api/hooks/{webhook_id}/again", {}).expect()

    def flush(self, *, newest_first: bool = False) -> dict[str, int]:
        counts: dict[str, int] = self.desk.send("/admin/hooks/flush", {"newest_first": newest_first}).expect().json
        return counts


@contextmanager
def own_shop(referral_url: str) -> Iterator[TestShop]:
    """Served from a folder that is thrown away, on a free port of loopback; ends with the body."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="drive-shop-") as folder:
        environment = {**os.environ, "SHOP_DATA_DIR": folder, "SHOP_PUBLIC_URL": url, "REFERRAL_URL": referral_url}
        command = [sys.executable, "-c", ENDS_WITH_US, str(os.getpid()), str(port)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            shop = TestShop(url)
            until("the test shop answers", lambda: answers(shop))
            yield shop
        finally:
            process.terminate()
            process.wait(10)


#: Killed or not, nothing of ours is left running.
ENDS_WITH_US = f"""
import runpy, sys
from {lifeline.__name__} import die_with
die_with(int(sys.argv.pop(1)))
runpy.run_module("demo.shop", run_name="__main__")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(shop: TestShop) -> bool:
    try:
        return shop.desk.get("/health").status == 200
    except OSError:
        return False
