"""Hooks the way Shopify sends them: queued with the order, signed, sent by a thread, tried again, replayed."""

import base64
import hashlib
import hmac
import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from .connection import Connection, connection_from
from .payloads import API_VERSION
from .store import Store

TIMEOUT = 5  # seconds, as Shopify waits
PAUSES = (10, 60, 300, 900, 1800, 3600, 7200)  # seconds before each further try; then the hook counts as failed
LEASE = 30  # seconds a hook being sent is left alone by others
ANSWER_KEPT = 500  # characters

WAITING, SENT, FAILED, UNSENT = "WAITING", "SENT", "FAILED", "UNSENT"


@dataclass(frozen=True)
class Answer:
    """`status` is None when nobody answered."""

    status: int | None
    text: str

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def queue_hook(
    store: Store,
    *,
    topic: str,
    payload: dict[str, Any],
    order_id: int,
    event_id: str,
    triggered_at: datetime,
) -> dict[str, str]:
    """Inside the order's transaction. Without a connection it is only kept, for Shopify would not send it either."""
    webhook_id = str(uuid.uuid4())
    state = WAITING if connection_from(store.settings()).sends_hooks else UNSENT
    body = json.dumps(payload, ensure_ascii=False).encode()
    stamp = triggered_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    store.db.execute(
        "INSERT INTO hook (webhook_id, event_id, topic, order_id, body, triggered_at, state, next_try_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        [webhook_id, event_id, topic, order_id, body, stamp, state],
    )
    return {"webhook_id": webhook_id, "event_id": event_id, "topic": topic}


def sign(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def headers_of(hook: sqlite3.Row, connection: Connection) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "Nordlicht-Kaffee-Hooks/1.0",
        "X-Shopify-Topic": hook["topic"],
        "X-Shopify-Hmac-Sha256": sign(hook["body"], connection.hook_secret),
        "X-Shopify-Shop-Domain": connection.shop_domain,
        "X-Shopify-Webhook-Id": hook["webhook_id"],
        "X-Shopify-Event-Id": hook["event_id"],
        "X-Shopify-Triggered-At": hook["triggered_at"],
        "X-Shopify-API-Version": API_VERSION,
    }


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects)


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with OPENER.open(request, timeout=TIMEOUT) as response:
            return Answer(response.status, response.read(ANSWER_KEPT).decode(errors="replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(ANSWER_KEPT).decode(errors="replace"))
    except (OSError, HTTPException, ValueError) as error:
        return Answer(None, str(error)[:ANSWER_KEPT])


class Sender:
    """Sends what is queued. One lock, so that a flush comes back only when a hook under way has its answer too."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self.open_store = open_store
        self.lock = threading.Lock()
        self.bell = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self.run, name="shop-hooks", daemon=True).start()

    def run(self) -> None:
        while True:
            self.bell.wait(timeout=2)
            self.bell.clear()
            self.send_due()

    def ring(self) -> None:
        self.bell.set()

    def send_due(self) -> None:
        store = self.open_store()
        try:
            if not connection_from(store.settings()).hold_hooks:
                self.send_each(store, "next_try_at <= :now ORDER BY id", {"now": time.time()})
        finally:
            store.close()

    def flush(self, *, newest_first: bool = False) -> dict[str, int]:
        """Tries every waiting hook once, due or not, and says how it went."""
        store = self.open_store()
        try:
            answers = self.send_each(store, f"1 ORDER BY id {'DESC' if newest_first else 'ASC'}", {})
            left = store.db.execute("SELECT count(*) FROM hook WHERE state = ?", [WAITING]).fetchone()[0]
        finally:
            store.close()
        accepted = sum(answer.accepted for answer in answers)
        return {"sent": accepted, "failed": len(answers) - accepted, "waiting": left}

    def send_each(self, store: Store, which: str, values: dict[str, float]) -> list[Answer]:
        with self.lock:
            hooks = store.db.execute(f"SELECT * FROM hook WHERE state = 'WAITING' AND {which}", values).fetchall()
            return [self.send(store, hook) for hook in hooks if self.claim(store, hook)]

    def claim(self, store: Store, hook: sqlite3.Row) -> bool:
        """False when another process has taken it meanwhile."""
        claimed = store.db.execute(
            "UPDATE hook SET next_try_at = ? WHERE id = ? AND state = ? AND next_try_at = ?",
            [time.time() + LEASE, hook["id"], WAITING, hook["next_try_at"]],
        )
        return claimed.rowcount == 1

    def send(self, store: Store, hook: sqlite3.Row) -> Answer:
        connection = connection_from(store.settings())
        answer = post(connection.hook_url, hook["body"], headers_of(hook, connection))
        attempts = hook["attempts"] + 1
        state = SENT if answer.accepted else WAITING if attempts <= len(PAUSES) else FAILED
        pause = PAUSES[min(attempts, len(PAUSES)) - 1]
        store.db.execute(
            "UPDATE hook SET state = ?, attempts = ?, next_try_at = ?, status = ?, answer = ? WHERE id = ?",
            [state, attempts, time.time() + pause, answer.status, answer.text, hook["id"]],
        )
        return answer


def queue_again(store: Store, webhook_id: str) -> bool:
    """The same delivery once more: same ids, same bytes."""
    done = store.db.execute(
        "UPDATE hook SET state = ?, attempts = 0, next_try_at = 0 WHERE webhook_id = ?", [WAITING, webhook_id]
    )
    return done.rowcount == 1


def hook_by_id(store: Store, webhook_id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = store.db.execute("SELECT * FROM hook WHERE webhook_id = ?", [webhook_id]).fetchone()
    return row


def hooks_of(store: Store, order_id: int) -> list[sqlite3.Row]:
    return store.db.execute("SELECT * FROM hook WHERE order_id = ? ORDER BY id", [order_id]).fetchall()


def latest_hooks(store: Store, *, limit: int = 200) -> list[sqlite3.Row]:
    return store.db.execute("SELECT * FROM hook ORDER BY id DESC LIMIT ?", [limit]).fetchall()
