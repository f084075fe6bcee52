"""What the simulated providers remember, in one SQLite file: a restart forgets nothing that was given."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS thing (
    number INTEGER PRIMARY KEY, provider TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
    document TEXT NOT NULL, UNIQUE (provider, kind, id)
);
CREATE INDEX IF NOT EXISTS thing_name ON thing (provider, kind, name);
CREATE TABLE IF NOT EXISTS gift (
    number INTEGER PRIMARY KEY, provider TEXT NOT NULL, object TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
    amount INTEGER NOT NULL, unit TEXT NOT NULL, recipient TEXT NOT NULL, voucher TEXT NOT NULL, notes TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0, used INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS gift_object ON gift (provider, object);
CREATE INDEX IF NOT EXISTS gift_voucher ON gift (provider, voucher);
CREATE TABLE IF NOT EXISTS fault (
    number INTEGER PRIMARY KEY, provider TEXT NOT NULL, document TEXT NOT NULL, left INTEGER, drawn INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS call (
    number INTEGER PRIMARY KEY, provider TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    status INTEGER, fault TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS call_provider ON call (provider, number);
"""
TABLES = ("thing", "gift", "fault", "call")
KEPT_CALLS = 5000  # counted over all providers

Document = dict[str, Any]


@dataclass(frozen=True)
class Gift:
    """One thing that was really given.

    `amount` counts minor units of a currency; hundredths of a percent where `unit` is PERCENT; 1 for a thing. Below
    zero it was taken back. `key` is what the caller sent so that a repeat is recognised, `object` our own id of it.
    """

    object: str
    key: str
    kind: str
    amount: int
    unit: str
    recipient: str = ""
    voucher: str = ""
    notes: tuple[tuple[str, str], ...] = ()


class Store:
    """One connection for all threads; whoever reads or writes holds the lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")  # survives a killed process, which is all that is asked
        self.db.executescript(SCHEMA)
        self.db.execute("INSERT OR IGNORE INTO counter VALUES ('id', ?)", [int(time.time() * 1000)])

    def close(self) -> None:
        with self.lock:
            self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Kept whole or not at all; nothing else reads or writes meanwhile."""
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    def new_id(self) -> int:
        row = self.db.execute("UPDATE counter SET value = value + 1 WHERE name = 'id' RETURNING value").fetchall()[0]
        return int(row[0])

    def forget(self, provider: str) -> None:
        for table in TABLES:
            self.db.execute(f"DELETE FROM {table} WHERE provider = ?", [provider])

    # Things: whatever a provider keeps, as it shows it

    def put(self, provider: str, kind: str, key: str, document: Document, *, name: str = "") -> Document:
        """A thing of this kind and id, new or changed. It can be found again by its `name` too."""
        self.db.execute(
            "INSERT INTO thing (provider, kind, id, name, document) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (provider, kind, id) DO UPDATE SET name = excluded.name, document = excluded.document",
            [provider, kind, key, name, json.dumps(document)],
        )
        return document

    def get(self, provider: str, kind: str, key: str) -> Document | None:
        sql = "SELECT document FROM thing WHERE provider = ? AND kind = ? AND id = ?"
        row = self.db.execute(sql, [provider, kind, key]).fetchone()
        return json.loads(row["document"]) if row else None

    def named(self, provider: str, kind: str, name: str) -> list[Document]:
        """Newest first."""
        sql = "SELECT document FROM thing WHERE provider = ? AND kind = ? AND name = ? ORDER BY number DESC"
        return [json.loads(row["document"]) for row in self.db.execute(sql, [provider, kind, name])]

    def all(self, provider: str, kind: str, *, limit: int = 100) -> list[Document]:
        """Newest first."""
        sql = "SELECT document FROM thing WHERE provider = ? AND kind = ? ORDER BY number DESC LIMIT ?"
        return [json.loads(row["document"]) for row in self.db.execute(sql, [provider, kind, limit])]

    def remove(self, provider: str, kind: str, key: str) -> None:
        self.db.execute("DELETE FROM thing WHERE provider = ? AND kind = ? AND id = ?", [provider, kind, key])

    # Gifts: what was really given

    def give(self, provider: str, gift: Gift) -> None:
        row = asdict(gift) | {"notes": json.dumps(dict(gift.notes)), "provider": provider, "at": time.time()}
        names = ", ".join(row)
        self.db.execute(f"INSERT INTO gift ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

    def disable(self, provider: str, object_id: str) -> None:
        self.db.execute("UPDATE gift SET disabled = 1 WHERE provider = ? AND object = ?", [provider, object_id])

    def mark_used(self, provider: str, object_id: str) -> None:
        self.db.execute("UPDATE gift SET used = used + 1 WHERE provider = ? AND object = ?", [provider, object_id])

    def ledger(self, provider: str, *, newest: int | None = None) -> list[Document]:
        """In the order of giving; `newest`: only so many, the newest first."""
        sql = "SELECT * FROM gift WHERE provider = ? ORDER BY number"
        rows = self.db.execute(f"{sql} DESC LIMIT {newest:d}" if newest else sql, [provider])
        return [gift_row(row) for row in rows]

    def gifts_called(self, provider: str, name: str) -> list[Document]:
        """By voucher or by the provider's own id."""
        sql = "SELECT * FROM gift WHERE provider = ? AND (voucher = ? OR object = ?) ORDER BY number"
        return [gift_row(row) for row in self.db.execute(sql, [provider, name, name])]

    def count_gifts(self, provider: str) -> int:
        return int(self.db.execute("SELECT count(*) FROM gift WHERE provider = ?", [provider]).fetchone()[0])

    # Calls: who asked what

    def note_call(self, provider: str, method: str, path: str, fault: str) -> int:
        sql = "INSERT INTO call (provider, method, path, fault, at) VALUES (?, ?, ?, ?, ?) RETURNING number"
        number = int(self.db.execute(sql, [provider, method, path[:300], fault, time.time()]).fetchall()[0][0])
        self.db.execute("DELETE FROM call WHERE provider = ? AND number <= ?", [provider, number - KEPT_CALLS])
        return number

    def note_answer(self, number: int, status: int) -> None:
        self.db.execute("UPDATE call SET status = ? WHERE number = ?", [status, number])

    def calls(self, provider: str, *, newest: int) -> list[Document]:
        sql = "SELECT * FROM call WHERE provider = ? ORDER BY number DESC LIMIT ?"
        return [dict(row) for row in self.db.execute(sql, [provider, newest])]


def gift_row(row: sqlite3.Row) -> Document:
    changed = {"notes": json.loads(row["notes"]), "disabled": bool(row["disabled"])}
    return {name: row[name] for name in row.keys() if name != "provider"} | changed  # noqa: SIM118
