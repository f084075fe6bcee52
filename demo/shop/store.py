"""The shop's SQLite file: settings, codes, customers, orders, hooks. One connection per request."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from . import documents
from .orders import Order
from .pricing import Code

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS code (
    code TEXT PRIMARY KEY, kind TEXT NOT NULL, value INTEGER NOT NULL, single_use INTEGER NOT NULL,
    new_customers_only INTEGER NOT NULL, expires_at TEXT, uses INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS customer (email TEXT PRIMARY KEY, id INTEGER NOT NULL, orders INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS purchase (
    id INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE, token TEXT NOT NULL UNIQUE, document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS hook (
    id INTEGER PRIMARY KEY, webhook_id TEXT NOT NULL UNIQUE, event_id TEXT NOT NULL, topic TEXT NOT NULL,
    order_id INTEGER NOT NULL REFERENCES purchase (id), body BLOB NOT NULL, triggered_at TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_try_at REAL NOT NULL,
    status INTEGER, answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS hook_waiting ON hook (next_try_at) WHERE state = 'WAITING';
CREATE INDEX IF NOT EXISTS hook_order ON hook (order_id);
"""


class Store:
    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA foreign_keys = ON")

    def create(self) -> None:
        """Ids start at the time of creation in ms: long like Shopify's, and a fresh shop repeats none of an old one."""
        self.db.executescript(SCHEMA)
        start = int(time.time() * 1000)
        self.db.execute("INSERT OR IGNORE INTO counter VALUES ('id', ?), ('number', 1000)", [start])

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Takes the write lock first, so that what is read inside still holds when it is written."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def next_in(self, counter: str) -> int:
        row = self.db.execute("UPDATE counter SET value = value + 1 WHERE name = ? RETURNING value", [counter])
        return int(row.fetchall()[0][0])

    def new_id(self) -> int:
        return self.next_in("id")

    # Settings

    def settings(self) -> dict[str, str]:
        return {row["name"]: row["value"] for row in self.db.execute("SELECT name, value FROM setting")}

    def save_settings(self, values: dict[str, str]) -> None:
        self.db.executemany("INSERT OR REPLACE INTO setting VALUES (?, ?)", values.items())

    # Codes

    def code(self, code: str) -> Code | None:
        row = self.db.execute("SELECT * FROM code WHERE code = ?", [code]).fetchone()
        return code_from(row) if row else None

    def codes(self) -> list[Code]:
        return [code_from(row) for row in self.db.execute("SELECT * FROM code ORDER BY rowid DESC")]

    def add_code(self, code: Code) -> bool:
        """False when a code of this name exists; it is left as it is."""
        expires_at = code.expires_at.isoformat() if code.expires_at else None
        done = self.db.execute(
            "INSERT OR IGNORE INTO code VALUES (?, ?, ?, ?, ?, ?, ?)",
            [code.code, code.kind, code.value, code.single_use, code.new_customers_only, expires_at, code.uses],
        )
        return done.rowcount == 1

    def use_code(self, code: str) -> None:
        self.db.execute("UPDATE code SET uses = uses + 1 WHERE code = ?", [code])

    # Customers

    def orders_of(self, email: str) -> int:
        row = self.db.execute("SELECT orders FROM customer WHERE email = ?", [email.lower()]).fetchone()
        return int(row["orders"]) if row else 0

    def count_order(self, email: str) -> tuple[int, int]:
        """The customer's id and how many orders they have placed, this one included."""
        self.db.execute(
            "INSERT INTO customer VALUES (?, ?, 1) ON CONFLICT (email) DO UPDATE SET orders = orders + 1",
            [email.lower(), self.new_id()],
        )
        row = self.db.execute("SELECT id, orders FROM customer WHERE email = ?", [email.lower()]).fetchone()
        return row["id"], row["orders"]

    # Orders

    def save_order(self, order: Order) -> None:
        self.db.execute(
            "INSERT INTO purchase VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document",
            [order.id, order.number, order.token, documents.dump(order)],
        )

    def order(self, order_id: int) -> Order | None:
        return self.first_order("SELECT document FROM purchase WHERE id = ?", order_id)

    def order_by_token(self, token: str) -> Order | None:
        return self.first_order("SELECT document FROM purchase WHERE token = ?", token)

    def first_order(self, sql: str, value: int | str) -> Order | None:
        row = self.db.execute(sql, [value]).fetchone()
        return documents.load(row["document"]) if row else None

    def orders(self, *, limit: int = 200) -> list[Order]:
        rows = self.db.execute("SELECT document FROM purchase ORDER BY number DESC LIMIT ?", [limit])
        return [documents.load(row["document"]) for row in rows]


def code_from(row: sqlite3.Row) -> Code:
    return Code(
        code=row["code"],
        kind=row["kind"],
        value=row["value"],
        single_use=bool(row["single_use"]),
        new_customers_only=bool(row["new_customers_only"]),
        uses=row["uses"],
        expires_at=datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None,
    )
