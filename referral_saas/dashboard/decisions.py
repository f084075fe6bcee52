"""The decision on an order in words: every touch that was considered, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from advocates.models import Advocate, Link
from insights.people import advocates_named
from tracking.models import Claim, Order, Referral
from tracking.rules import MatchedBy, Reason
from tracking.wording import beaten_text, reason_text

#: Reasons that say why a touch was taken; every other one says why it was not.
TAKEN = frozenset({"typed_code", "first_touch", "last_touch", "claim_email", "by_hand", "further_order", "introduced"})


@dataclass(frozen=True)
class Considered:
    at: datetime
    how: str
    advocate: Advocate | None
    code: str
    reason: str
    taken: bool


def considered(order: Order) -> list[Considered]:
    """In order of time. One statement, however many touches there were; one more where some came without a link, and
    one where a friend's own code was typed."""
    told: list[dict[str, Any]] = list((order.decision or {}).get("considered", ()))
    links = _in_bulk(Link.objects.select_related("advocate__customer", "advocate__program"), told, "link_id")
    people: dict[UUID, Any] = {link.advocate_id: link.advocate for link in links.values()}
    others = {UUID(item["advocate_id"]) for item in told if item.get("advocate_id")} - people.keys()
    people |= advocates_named(others) if others else {}
    claims = _in_bulk(Claim.objects.all(), [item for item in told if _is_typed(item)], "claim_id")
    return considered_lines(told, people, {**links, **claims}, how=str((order.decision or {}).get("how") or ""))


def considered_lines(
    told: list[dict[str, Any]], people: Mapping[UUID, Any], coded: Mapping[UUID, Any], *, how: str = ""
) -> list[Considered]:
    """The same without a statement, where whoever is named has been read already. ``coded``: links, and claims whose
    own codes were typed. ``how``: why the one that was taken went before the others."""
    return [_line(item, people, coded, how) for item in told]


def _is_typed(item: Mapping[str, Any]) -> bool:
    return bool(item["by"] == MatchedBy.CODE)


def _in_bulk(rows: Any, told: list[dict[str, Any]], name: str) -> dict[UUID, Any]:
    keys = {UUID(item[name]) for item in told if item.get(name)}
    return {row.pk: row for row in rows.filter(pk__in=keys)} if keys else {}


def _line(item: dict[str, Any], people: Mapping[UUID, Any], coded: Mapping[UUID, Any], how: str) -> Considered:
    came_by = (_is_typed(item) and item.get("claim_id")) or item.get("link_id")
    found = coded.get(UUID(came_by)) if came_by else None
    return Considered(
        at=datetime.fromisoformat(item["at"]),
        how=str(Referral.MatchedBy(item["by"]).label),
        advocate=people.get(UUID(item["advocate_id"])),
        code=found.code if found else "",
        reason=beaten_text(how) if item["reason"] == Reason.OTHER_TOUCH_WON else reason_text(item["reason"]),
        taken=item["reason"] in TAKEN,
    )
