"""What the storm left: our rows as the server's own superuser reads them, beside what the provider wrote down."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg

from chaos.options import MOST_LATE
from kit.ids import parse_public_id

REWARDS = """
SELECT id::text, unit, amount_minor, state, attempts, extract(epoch FROM greatest(release_at, created_at))::float,
       extract(epoch FROM fulfilled_at)::float
FROM rewards_reward
"""
#: Tries that nobody ended: their worker was killed, or could not write down what the provider said.
ABANDONED = """
SELECT reward_id::text, extract(epoch FROM started_at)::float, extract(epoch FROM lease_until)::float
FROM rewards_fulfilmentattempt WHERE state = 'UNKNOWN' AND detail = 'lease_over'
"""
UNBALANCED = """
SELECT count(*) FROM (SELECT FROM rewards_ledgerentry GROUP BY posting_id, unit HAVING sum(amount_minor) <> 0) AS odd
"""
BALANCES = "SELECT unit, account, sum(amount_minor)::bigint FROM rewards_ledgerentry GROUP BY 1, 2"
FULFILLED = """
SELECT posting.reward_id::text, entry.unit, -sum(entry.amount_minor)::bigint
FROM rewards_ledgerentry AS entry JOIN rewards_posting AS posting ON posting.id = entry.posting_id
WHERE entry.account = 'FULFILLED' GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    unit: str
    amount_minor: int
    state: str
    attempts: int
    due_at: float
    fulfilled_at: float | None


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault of the surroundings: when it began and when all was up again (seconds since 1970)."""

    kind: str
    began: float
    ended: float


@dataclass
class Provider:
    """Gifts by reward, each (key, unit, amount); when faults ended for a reward, Retry-After counted in."""

    gifts: dict[str, list[tuple[str, str, int]]] = field(default_factory=lambda: defaultdict(list))
    ends: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    fates: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    overlaps: int = 0


def read_journal(path: Path) -> Provider:
    provider = Provider()
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in map(json.loads, path.read_text().splitlines()):
        if "gave" in line:
            provider.gifts[plain(line["reward_id"])].append((line["gave"], line["unit"], line["amount_minor"]))
            continue
        reward = plain(line["call"])
        provider.fates[line["fate"]] += 1
        spans[reward].append((line["began"], line["ended"]))
        if line["fate"] != "gives":
            provider.ends[reward].append(line["ended"] + line["retry_after"])
    provider.overlaps = sum(_overlaps(sorted(each)) for each in spans.values())
    return provider


def plain(name: str) -> str:
    """The reward behind rwd_01m80e..., rwd-01a200e1-... and 01a200e1-...: its id as in our rows."""
    return str(parse_public_id("rwd", name) or name.removeprefix("rwd-"))


def _overlaps(spans: Sequence[tuple[float, float]]) -> int:
    """Calls that began while another of the same reward was under way."""
    return sum(later[0] < earlier[1] for earlier, later in pairwise(spans))


@dataclass(frozen=True, slots=True)
class Verdict:
    rewards: int
    duplicated: int
    losses: list[str]
    kills: int
    lateness: list[float]
    late: list[str]
    imbalances: list[str]

    @property
    def is_good(self) -> bool:
        return not (self.duplicated or self.losses or self.late or self.imbalances)

    def closing_line(self) -> str:
        ledger = "NOT balanced" if self.imbalances else "balanced"
        counts = f"{self.rewards} rewards, {self.duplicated} duplicated, {len(self.losses)} lost, {self.kills} kills"
        return f"chaos: {counts}, ledger {ledger}"


def judge(database_url: str, journal: Path, blows: Sequence[Blow], *, wanted: int) -> Verdict:
    provider = read_journal(journal)
    with psycopg.connect(database_url) as connection:
        rows = [Row(*row) for row in _all(connection, REWARDS)]
        abandoned = _all(connection, ABANDONED)
        imbalances = list(_imbalances(connection, provider))
    hits = _hits(provider, abandoned, blows)
    waits = {row.id: _lateness(row, hits[row.id], blows) for row in rows if row.fulfilled_at}
    return Verdict(
        rewards=len(rows),
        duplicated=_duplicates(provider),
        losses=[*_losses(rows, provider), *["never came into being"] * (wanted - len(rows))],
        kills=sum(blow.kind == "kill" for blow in blows),
        lateness=sorted(waits.values()),
        late=[f"{name} {wait:.0f} s late" for name, wait in waits.items() if wait > MOST_LATE],
        imbalances=imbalances,
    )


def _duplicates(provider: Provider) -> int:
    """Rewards given under more than one key: the provider gives once per key."""
    return sum(len(gifts) > 1 for gifts in provider.gifts.values())


def _losses(rows: Sequence[Row], provider: Provider) -> Iterator[str]:
    """Whatever is not fulfilled in our eyes and given in the provider's."""
    for row in rows:
        is_given = bool(provider.gifts.get(row.id))
        if row.state != "FULFILLED" or not is_given:
            yield f"{row.id} is {row.state} after {row.attempts} tries, {'given' if is_given else 'never given'}"


def _hits(provider: Provider, abandoned: Sequence[tuple[Any, ...]], blows: Sequence[Blow]) -> dict[str, list[float]]:
    """When the faults that hit each reward itself ended. An abandoned try was hit by the first blow after it began:
    should that have been a later one, the reward is judged too strictly."""
    hits = defaultdict(list, {reward: list(ends) for reward, ends in provider.ends.items()})
    for reward, started_at, lease_until in abandoned:
        ends = [blow.ended for blow in blows if started_at <= blow.ended and blow.began <= lease_until]
        hits[reward] += ends[:1]
    return hits


def _lateness(row: Row, hits: Sequence[float], blows: Sequence[Blow]) -> float:
    """Seconds after the last of: due, the end of a fault of its own, the end of one that hit whatever was waiting."""
    assert row.fulfilled_at is not None
    general = [blow.ended for blow in blows if blow.kind != "kill" and row.due_at <= blow.ended]
    ends = [end for end in (*hits, *general) if end <= row.fulfilled_at]
    return row.fulfilled_at - max(row.due_at, *ends, row.due_at)


def _imbalances(connection: psycopg.Connection[Any], provider: Provider) -> Iterable[str]:
    odd = _all(connection, UNBALANCED)[0][0]
    if odd:
        yield f"{odd} postings do not sum to zero"
    totals: dict[str, int] = defaultdict(int)
    for unit, account, amount in _all(connection, BALANCES):
        totals[unit] += amount
        if account in ("HELD", "PAYABLE") and amount:
            yield f"{account} holds {amount} {unit}"
    yield from (f"{unit}: the books are off by {total}" for unit, total in totals.items() if total)
    books = {reward: (unit, amount) for reward, unit, amount in _all(connection, FULFILLED)}
    given = {reward: (gifts[0][1], sum(gift[2] for gift in gifts)) for reward, gifts in provider.gifts.items()}
    for reward in books.keys() | given.keys():
        if books.get(reward) != given.get(reward):
            yield f"{reward}: books {books.get(reward)}, provider {given.get(reward)}"


def _all(connection: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()
