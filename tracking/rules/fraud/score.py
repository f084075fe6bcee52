"""From signals to a score, and from the score to what happens. Pure; closed where something fails."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from tracking.rules.fraud.evidence import Evidence
from tracking.rules.fraud.signals import LARGEST_WEIGHT, RULES, WEIGHTS, Rule, Seen, Signal

#: Each level of trust an advocate has earned moves the line from which somebody looks; never the one that holds.
TRUST_MARGIN = 10


class Level(StrEnum):
    PASS = "PASS"  # noqa: S105 -- a level, no password
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class Cause(StrEnum):
    """Why somebody is to look (tracking.models.Review.Cause has people's own besides)."""

    SCORE = "SCORE"
    ERROR = "ERROR"
    BREAKER = "BREAKER"


@dataclass(frozen=True, slots=True)
class Policy:
    """A program's own lines and weights."""

    medium_at: int = 40
    high_at: int = 80
    weights: Mapping[str, int] = field(default_factory=dict)
    sample_percent: int = 2

    def points(self, signal: str, share: int) -> int:
        return self.weight_of(signal) * min(max(share, 0), 100) // 100

    def weight_of(self, signal: str) -> int:
        told = self.weights.get(signal)
        weight = told if isinstance(told, int) and not isinstance(told, bool) else WEIGHTS.get(signal, 0)
        return min(max(weight, 0), LARGEST_WEIGHT)

    def level_for(self, score: int, trust: int) -> Level:
        if score >= self.high_at:
            return Level.HIGH
        return Level.MEDIUM if score >= self.medium_at + TRUST_MARGIN * trust else Level.PASS


@dataclass(frozen=True, slots=True)
class Sign:
    """One signal that was seen, with its points and the values that showed it."""

    code: str
    points: int = 0
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessment:
    score: int = 0
    level: Level = Level.PASS
    cause: Cause = Cause.SCORE
    signals: tuple[Sign, ...] = ()
    #: Signals whose inputs this connection does not give. They score nothing.
    missing: tuple[str, ...] = ()
    #: One of those that passed and are shown to somebody all the same.
    is_sample: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "score": self.score,
            "level": self.level,
            "cause": self.cause,
            "signals": [{"code": s.code, "points": s.points, "seen": dict(s.seen)} for s in self.signals],
            "missing": list(self.missing),
            "is_sample": self.is_sample,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Assessment:
        """Of what was written down earlier; a referral from before anything was judged has passed."""
        return cls(
            score=data.get("score", 0),
            level=Level(data.get("level", Level.PASS)),
            cause=Cause(data.get("cause", Cause.SCORE)),
            signals=tuple(Sign(s["code"], s["points"], s["seen"]) for s in data.get("signals", [])),
            missing=tuple(data.get("missing", [])),
            is_sample=data.get("is_sample", False),
        )


def assess(
    evidence: Evidence,
    policy: Policy,
    *,
    trust: int = 0,
    stopped: Mapping[str, Any] | None = None,
    is_sample: bool = False,
    rules: Sequence[Rule] = RULES,
) -> Assessment:
    """What every rule sees, its points, and the level. ``stopped``: the program's breaker has tripped, and how.

    A rule that raises, or something that should have been asked and could not be, holds it until a person decided.
    """
    signs: list[Sign] = []
    missing, broken = [], list(evidence.broken)
    for rule in rules:
        if not rule.can_see(evidence):
            missing.append(str(rule.signal))
            continue
        try:
            seen = rule.look(evidence)
        except Exception:  # whatever went wrong, a person looks: closed, never open
            broken.append(str(rule.signal))
            continue
        if seen is not None:
            signs.append(_sign(rule, seen, policy))
    found = _judged(signs, missing, broken, policy, trust, stopped)
    return replace(found, is_sample=is_sample and found.level == Level.PASS)


def _sign(rule: Rule, seen: Seen, policy: Policy) -> Sign:
    return Sign(str(rule.signal), policy.points(rule.signal, seen.share), seen.values)


def _judged(
    signs: list[Sign],
    missing: list[str],
    broken: list[str],
    policy: Policy,
    trust: int,
    stopped: Mapping[str, Any] | None,
) -> Assessment:
    score = sum(sign.points for sign in signs)
    level, cause = policy.level_for(score, trust), Cause.SCORE
    if stopped is not None:
        signs.append(Sign(Signal.BREAKER, 0, stopped))
        level, cause = _at_least(level, Level.MEDIUM), Cause.BREAKER
    if broken:
        signs.append(Sign(Signal.EVALUATION_FAILED, 0, {"rules": broken}))
        level, cause = Level.HIGH, Cause.ERROR
    return Assessment(score, level, cause, tuple(signs), tuple(missing))


def _at_least(level: Level, floor: Level) -> Level:
    return floor if level == Level.PASS else level


def trusted(entry_id: str) -> Assessment:
    """On the merchant's trust list: nothing is asked but what blocks for certain, and it is nobody's sample."""
    return Assessment(signals=(Sign(Signal.LISTED, 0, {"list": "TRUST", "entry_id": entry_id}),))


def is_sampled(order: str, percent: int, *, key: bytes) -> bool:
    """By a keyed hash of how the shop calls the order: spread evenly, the same whoever asks again, foreseen by nobody
    who can guess an order's number."""
    place = int.from_bytes(hmac.digest(key, f"audit sample|{order}".encode(), "sha256")[:4], "big")
    return place % 10_000 < percent * 100
