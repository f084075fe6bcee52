"""Misbehaviour on demand: what kinds there are, and which of those switched on hits a call."""

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from demo.shop.http import BadRequest

from .store import Store

SLOW, LIMIT, THROTTLED, REFUSE = "slow", "429", "throttled", "refuse"
ERROR, KEPT_ERROR, TIMEOUT = "500", "500-kept", "timeout"
KINDS = (SLOW, LIMIT, REFUSE, ERROR, TIMEOUT, THROTTLED, KEPT_ERROR)
ALL, WRITES = "all", "writes"
#: Seconds where none are named: of slowness, of Retry-After, of silence before the line is cut.
SECONDS = {SLOW: 3.0, LIMIT: 5.0, TIMEOUT: 60.0}


@dataclass(frozen=True)
class Fault:
    """Hits the next `times` calls, or `rate` percent of them, drawn by `seed`; `on` says which calls count at all."""

    kind: str
    times: int | None = 1
    rate: float | None = None
    seed: int = 1
    seconds: float = 0.0
    reason: str = ""
    on: str = ALL


@dataclass(frozen=True)
class Hit:
    """What happens to one call: it waits first, then `fault` comes in place of the answer (or after the work)."""

    slow: float = 0.0
    fault: Fault | None = None

    @property
    def label(self) -> str:
        return " ".join([*([SLOW] if self.slow else []), *([self.fault.kind] if self.fault else [])])


def read_fault(values: Mapping[str, Any]) -> Fault:
    """From the control API's JSON or the page's form: {"fault": "429", "seconds": 5, "times": 3}, or rate and seed."""
    kind = str(values.get("fault", ""))
    if kind not in KINDS:
        raise BadRequest(_("There is no such fault. There are: %s.") % ", ".join(KINDS))
    seconds = number_in(values, "seconds")
    if seconds is None:
        seconds = number_in(values, "retry_after")
    rate, times, seed = number_in(values, "rate"), number_in(values, "times"), number_in(values, "seed")
    on = str(values.get("on") or (WRITES if kind in (REFUSE, TIMEOUT, KEPT_ERROR) else ALL))
    if on not in (ALL, WRITES):
        raise BadRequest(_("Say whether all calls count or only writes: all, writes."))
    return Fault(
        kind=kind,
        times=None if rate is not None else int(times) if times is not None else 1,
        rate=rate,
        seed=int(seed) if seed is not None else 1,
        seconds=SECONDS.get(kind, 0.0) if seconds is None else seconds,
        reason=str(values.get("reason") or ""),
        on=on,
    )


def number_in(values: Mapping[str, Any], name: str) -> float | None:
    given = values.get(name)
    if given in (None, ""):
        return None
    try:
        found = float(str(given))
    except ValueError:
        raise BadRequest(_("Write %s as a number.") % name) from None
    if not 0 <= found <= 1_000_000_000:
        raise BadRequest(_("%s is out of range.") % name)
    return found


def switch_on(store: Store, provider: str, fault: Fault) -> None:
    sql = "INSERT INTO fault (provider, document, left, drawn) VALUES (?, ?, ?, 0)"
    store.db.execute(sql, [provider, json.dumps(asdict(fault)), fault.times])


def switch_off(store: Store, provider: str) -> None:
    store.db.execute("DELETE FROM fault WHERE provider = ?", [provider])


def switched_on(store: Store, provider: str) -> list[dict[str, Any]]:
    """Each with `left`: how many calls it still hits, None where it goes by rate."""
    rows = store.db.execute("SELECT document, left FROM fault WHERE provider = ? ORDER BY number", [provider])
    return [json.loads(row["document"]) | {"left": row["left"]} for row in rows]


def draw(store: Store, provider: str, *, is_write: bool) -> Hit:
    """What hits this call. Slowness adds to others; of the others the first wins. Used up faults are gone."""
    slow = 0.0
    rows = store.db.execute("SELECT * FROM fault WHERE provider = ? ORDER BY number", [provider]).fetchall()
    for row in rows:
        fault = Fault(**json.loads(row["document"]))
        if (fault.on == WRITES and not is_write) or not hits(store, row["number"], fault, row["left"], row["drawn"]):
            continue
        if fault.kind != SLOW:
            return Hit(slow, fault)
        slow += fault.seconds
    return Hit(slow)


def hits(store: Store, number: int, fault: Fault, left: int | None, drawn: int) -> bool:
    store.db.execute("UPDATE fault SET left = left - 1, drawn = drawn + 1 WHERE number = ?", [number])
    store.db.execute("DELETE FROM fault WHERE number = ? AND left <= 0", [number])
    if fault.rate is None:
        return bool(left)
    return random.Random(f"{fault.seed}:{drawn}").random() * 100 < fault.rate
