"""What the API shows: public ids, amounts as text in major units, reasons as codes and as words.

Answers to writes are stored under their Idempotency-Key, so nothing here that answers a write names a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from advocates.models import Advocate, Link
from advocates.selectors import main_links
from engagement.addresses import LinkHome, link_home, who_sent_you
from kit.ids import public_id
from kit.language import language_of_page
from kit.money import to_major_text
from kit.tenancy import current_merchant_id
from kit.units import plain_amount
from merchants.selectors import merchant, workspace
from programs.models import Program
from rewards.models import Reward
from rewards.payout_words import payout_steps
from rewards.selectors import open_blocks
from rewards.wording import missing_for, reason_text
from tracking.models import Order, Referral
from tracking.selectors import who_sent_until
from tracking.wording import decision_text

Json = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def money(minor: int, currency: str) -> str | None:
    """None while the currency is unknown: the order has not come yet."""
    return to_major_text(minor, currency) if currency else None


def order_json(order: Order, referral: Referral | None, rewards: Sequence[Reward]) -> Json:
    return {
        "id": public_id("ord", order.pk),
        "order_id": order.external_id,
        "platform": order.platform,
        "number": order.number,
        "currency": order.currency or None,
        "amount": money(order.base_minor, order.currency),
        "net_amount": money(order.net_base_minor, order.currency),
        "placed_at": moment(order.placed_at),
        "paid_at": moment(order.paid_at),
        "cancelled_at": moment(order.cancelled_at),
        "delivered_at": moment(order.delivered_at),
        "test": order.is_test,
        "contradicts_itself": order.contradicts_itself,
        "outcome": order.outcome,
        "decision": {
            "verdict": order.outcome,
            "reason": order.decision.get("reason"),
            "text": decision_text(order),
            "touches": [_touch_json(item) for item in order.decision.get("considered", ())],
        },
        "referral": referral_json(referral) if referral else None,
        "rewards": rewards_json(sorted(rewards, key=lambda reward: reward.side)),
    }


def _touch_json(item: Json) -> Json:
    """One way in which the order could have been somebody's, and what became of it."""
    return {
        "by": item["by"],
        "at": item["at"].replace("+00:00", "Z"),
        "advocate": public_id("adv", UUID(item["advocate_id"])),
        "link": public_id("lnk", UUID(item["link_id"])) if item.get("link_id") else None,
        "reason": item["reason"],
        "text": reason_text(item["reason"]),
    }


def who_sent_json(order: Order) -> Json:
    """Where the buyer may say who sent them, for the shop's thank-you page; None where nobody asks."""
    until = who_sent_until(order, zone=workspace().time_zone) if order.outcome == Order.Outcome.NOT_REFERRED else None
    url = who_sent_you(current_merchant_id(), order.pk) if until else None
    return {"who_sent_you_url": url, "who_sent_you_until": moment(until)}


def order_line(order: Order) -> Json:
    """An order in a list: without its rewards, which /orders/{id} shows."""
    whole = order_json(order, None, [])
    return {name: value for name, value in whole.items() if name not in {"referral", "rewards"}}


def referral_json(referral: Referral) -> Json:
    reason = referral.reasons[0] if referral.reasons else ""
    return {
        "id": public_id("ref", referral.pk),
        "state": referral.state,
        "reason": reason,
        "text": reason_text(reason),
        "matched_by": referral.matched_by,
        "how": referral.how,
        "program": public_id("prg", referral.program_id),
        "advocate": public_id("adv", referral.advocate_id),
        "order": public_id("ord", referral.order_id),
        "link": public_id("lnk", referral.link_id) if referral.link_id else None,
        "touched_at": moment(referral.touched_at),
        "attributed_at": moment(referral.attributed_at),
        "without_rewards": referral.without_rewards,
        "needs_worth": referral.needs_worth,
    }


def rewards_json(rewards: Sequence[Reward]) -> list[Json]:
    """Two queries however many, the open blocks and the workspace's zone; a few more where some wait for a payout."""
    if not rewards:
        return []
    blocks, zone, language = open_blocks(rewards), workspace().time_zone, language_of_page()
    payouts = payout_steps(rewards, zone=zone, language=language)
    return [
        _reward_json(reward)
        | {
            "missing": [
                {"code": step.code, "text": step.text}
                for step in missing_for(
                    reward, blocks.get(reward.pk, []), zone=zone, language=language, payout=payouts.get(reward.pk)
                )
            ]
        }
        for reward in rewards
    ]


def _reward_json(reward: Reward) -> Json:
    return {
        "id": public_id("rwd", reward.pk),
        "side": reward.side,
        "state": reward.state,
        "unit": reward.unit,
        "amount": plain_amount(reward.standing_minor, reward.unit),
        "full_amount": plain_amount(reward.full_minor, reward.unit),
        "taken_back": plain_amount(reward.clawed_back_minor, reward.unit),
        "reason": reward.reason or None,
        "text": reason_text(reward.reason) if reward.reason else None,
        "release_at": moment(reward.release_at),
        "released_at": moment(reward.released_at),
        "fulfilled_at": moment(reward.fulfilled_at),
        "program": public_id("prg", reward.program_id),
        "advocate": public_id("adv", reward.advocate_id),
        "kind": {"id": public_id("knd", reward.kind.pk), "name": reward.kind.name} if reward.kind else None,
        "valid_until": moment(reward.valid_until),
        "referral": public_id("ref", reward.referral_id) if reward.referral_id else None,
        "order": public_id("ord", reward.order_id) if reward.order_id else None,
    }


def advocate_json(advocate: Advocate, link: Link | None, home: LinkHome) -> Json:
    return {
        "id": public_id("adv", advocate.pk),
        "program": public_id("prg", advocate.program_id),
        "customer": public_id("cus", advocate.customer_id),
        "state": advocate.state,
        "kind": advocate.kind,
        "place": advocate.place,
        "enrolled_at": moment(advocate.enrolled_at),
        "code": link.code if link else None,
        "link": home.address(link) if link else None,
    }


def advocates_json(advocates: Iterable[Advocate]) -> list[Json]:
    """With the person's name and address: for reading alone, never stored."""
    rows = list(advocates)
    links, home = main_links(rows), link_home(merchant().slug)
    return [
        advocate_json(advocate, links.get(advocate.pk), home)
        | {"email": advocate.customer.email, "name": advocate.customer.name}
        for advocate in rows
    ]


def link_json(link: Link, home: LinkHome) -> Json:
    return {
        "id": public_id("lnk", link.pk),
        "advocate": public_id("adv", link.advocate_id),
        "channel": link.channel,
        "placement": link.placement,
        "code": link.code,
        "is_chosen": link.is_vanity,
        "link": home.address(link),
        "destination": link.destination or None,
        "utm": link.utm,
        "replaced_by": public_id("lnk", link.replaced_by_id) if link.replaced_by_id else None,
        "created_at": moment(link.created_at),
        "retired_at": moment(link.retired_at),
    }


def program_json(program: Program) -> Json:
    return {
        "id": public_id("prg", program.pk),
        "slug": program.slug,
        "name": program.name,
        "state": program.state,
        "currency": program.live_terms.currency,
        "terms_version": program.terms.number if program.terms else None,
        "published_at": moment(program.published_at),
        "ended_at": moment(program.ended_at),
    }
