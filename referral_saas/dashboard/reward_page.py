"""What the page of a reward shows, and rewards beside an order: what each waits for, and the day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from integrations.actions.pausing import waiting_for_the_merchant
from kit.clock import database_now
from kit.language import language_of_page
from merchants.selectors import events_of
from programs.rules import Fulfilment
from referral_saas.dashboard.account_words import simulated_mark
from referral_saas.dashboard.doubts import doubts_of
from referral_saas.dashboard.event_words import Line, lines_of, names_of, title_of
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.paths import link_to
from referral_saas.dashboard.review_words import cause_sentence
from referral_saas.dashboard.vouchers import voucher_shown
from referral_saas.templatetags.ui import day, money
from rewards.actions.manual import BY_HAND
from rewards.actions.rejection import REFUSABLE
from rewards.choices import grant_of
from rewards.hold_words import hold_words
from rewards.models import DeliveryAddress, FulfilmentAttempt, LedgerEntry, Reward, RewardBlock, Surprise
from rewards.payout_words import payout_steps
from rewards.review_selectors import review_of
from rewards.rules import due_at
from rewards.selectors import ASKED_OF_RECIPIENT, open_blocks
from rewards.wording import Missing, block_text, missing_for, reason_text
from tracking.actions.facts import facts_of
from tracking.models import Review
from tracking.rules import read_order


@dataclass(frozen=True)
class RewardLine:
    """A reward with its open blocks and what it waits for, in words."""

    reward: Reward
    blocks: list[RewardBlock]
    missing: list[str] = field(default_factory=list)

    @property
    def is_stopped(self) -> bool:
        return bool(self.blocks)

    @property
    def asks_recipient(self) -> bool:
        """Nothing stops it but what only the recipient can say: nobody of the team has to do anything."""
        return bool(self.blocks) and {block.kind for block in self.blocks} <= ASKED_OF_RECIPIENT

    @property
    def stops(self) -> list[str]:
        return [block_text(block.kind) for block in self.blocks]

    @property
    def why(self) -> str:
        return reason_text(self.reward.reason) if self.reward.reason else ""


def rewards_with_blocks(rewards: Iterable[Reward]) -> list[RewardLine]:
    """For lists, which only say that one is stopped. One statement more than reading the rewards."""
    found = list(rewards)
    blocks = open_blocks(found)
    return [RewardLine(reward, blocks.get(reward.pk, [])) for reward in found]


def rewards_with_missing(desk: Desk, rewards: Iterable[Reward]) -> list[RewardLine]:
    """One statement more than reading the rewards, and a few where some wait for a payout."""
    found = list(rewards)
    blocks, told = open_blocks(found), {"zone": desk.workspace.time_zone, "language": language_of_page()}
    payouts = payout_steps(found, **told, place=desk.workspace, now=desk.now)
    return [_line(reward, blocks.get(reward.pk, []), payouts.get(reward.pk), told) for reward in found]


def _line(reward: Reward, blocks: list[RewardBlock], payout: Missing | None, told: dict[str, str]) -> RewardLine:
    words = missing_for(reward, blocks, **told, payout=payout)
    return RewardLine(reward, blocks, [item.text for item in words])


@dataclass(frozen=True)
class Stop:
    """One stop in the reward's history."""

    block: RewardBlock
    words: str
    reason: str
    by: str
    lifted_by: str


@dataclass(frozen=True)
class Leg:
    """One entry of the ledger: costs and corrections are debits, what is owed or given are credits."""

    title: str
    account: str
    at: datetime
    unit: str
    debit_minor: int | None
    credit_minor: int | None


@dataclass(frozen=True)
class Book:
    lines: list[Leg]

    @property
    def debit_minor(self) -> int:
        return sum(leg.debit_minor or 0 for leg in self.lines)

    @property
    def credit_minor(self) -> int:
        return sum(leg.credit_minor or 0 for leg in self.lines)


def reward_context(desk: Desk, reward: Reward) -> dict[str, Any]:
    [line] = rewards_with_missing(desk, [reward])
    kinds = {block.kind for block in line.blocks}
    state = reward.state
    stoppable = state in (Reward.State.HELD, Reward.State.RELEASED)
    by_hand = reward.fulfilment in BY_HAND
    return {
        "reward": reward,
        "line": line,
        "facts": _facts(desk, reward),
        "events": [*lines_of(events_of(reward.pk), zone=desk.workspace.time_zone), *_ahead(reward, line)],
        "attempts": FulfilmentAttempt.objects.filter(reward=reward).order_by("number"),
        "stops": _stops(reward),
        "postings": _postings(reward),
        "can_stop": stoppable and RewardBlock.Kind.MANUAL not in kinds,
        "can_review": stoppable and RewardBlock.Kind.REVIEW not in kinds,
        "is_stopped_by_hand": RewardBlock.Kind.MANUAL in kinds,
        "is_in_review": RewardBlock.Kind.REVIEW in kinds,
        "review": review_of(reward.referral) if reward.referral else None,
        "can_send": by_hand and state == Reward.State.RELEASED and not line.blocks,
        "can_retry": state == Reward.State.FAILED,
        "is_waiting_for_us": state == Reward.State.RELEASED and _waits_for_us(reward),
        **doubts_of(desk, reward),
        "can_refuse": state in REFUSABLE and reward.rejected_at is None,
        "can_unrefuse": reward.rejected_at is not None,
        "surprise": Surprise.objects.filter(reward=reward).select_related("user").first(),
        "address": DeliveryAddress.objects.filter(reward=reward).first(),
    }


def _waits_for_us(reward: Reward) -> bool:
    """Its service refused for something that the merchant can mend, so the next try is an hour away."""
    waiting = waiting_for_the_merchant().filter(pk=reward.pk, next_try_at__gt=database_now())
    return bool(waiting.exists())


def _facts(desk: Desk, reward: Reward) -> list[tuple[str, object]]:
    base, zone = f"/w/{desk.merchant.slug}", desk.workspace.time_zone
    order, is_reduced = reward.order, reward.full_minor != reward.amount_minor
    rows = [
        (_("For"), link_to(base, reward.recipient)),
        (_("Side"), reward.get_side_display()),
        (_("Advocate"), link_to(base, reward.advocate)),
        (_("Order"), link_to(base, order, order.number or order.external_id) if order else ""),
        (_("Referral"), link_to(base, reward.referral, _("The decision in words"))),
        (_("Program"), link_to(base, reward.program)),
        (_("Kind"), link_to(base, reward.kind)),
        (_("Given as"), fulfilment_text(reward.fulfilment) + simulated_mark(reward.fulfilment)),
        (_("What for"), reward.note),
        (_("Without returns"), money(reward.full_minor, reward.unit) if is_reduced else ""),
        (_("Taken back"), money(reward.clawed_back_minor, reward.unit) if reward.clawed_back_minor else ""),
        (_("Hold ends"), day(reward.release_at, zone)),
        (_("How long it is held"), _held_for(reward, zone)),
        (_("Code or reference"), voucher_shown(desk, reward)),
        (_("Can be used until"), day(reward.valid_until, zone)),
    ]
    return [row for row in rows if row[1]]


def _held_for(reward: Reward, zone: str) -> str:
    """The rule that decided, from the order's facts and the frozen terms; nothing where no order stands behind it."""
    if reward.order is None or reward.terms is None or reward.referral is None:
        return ""
    view = read_order(facts_of(reward.order))
    if view is None:
        return ""
    trust = grant_of(reward.referral).trust if reward.side == Reward.Side.ADVOCATE else 0
    due = due_at(view, reward.terms.as_terms(), zone=zone, trust=trust)
    return hold_words(due, zone=zone, language=language_of_page())


def fulfilment_text(kind: str) -> str:
    texts = {
        Fulfilment.COUPON_POOL: _("Code of the uploaded pool"),
        Fulfilment.COUPON_WEBHOOK: _("Code made by your software"),
        Fulfilment.WEBHOOK: _("Your software is told"),
        Fulfilment.MANUAL: _("Sent by hand"),
        Fulfilment.PAYOUT: _("Paid out"),
        Fulfilment.SHOPIFY_DISCOUNT: _("Discount code made in Shopify"),
        Fulfilment.WOOCOMMERCE_COUPON: _("Coupon made in WooCommerce"),
        Fulfilment.STRIPE_PROMOTION: _("Promotion code made at Stripe"),
        Fulfilment.STRIPE_BALANCE: _("Credit on the customer's balance at Stripe"),
        Fulfilment.GIFT_CARD: _("Gift card, ordered and mailed"),
        Fulfilment.BALANCE: _("Account of points and units"),
        Fulfilment.SHIPMENT: _("Sent by post"),
    }
    return texts[Fulfilment(kind)]


def _ahead(reward: Reward, line: RewardLine) -> Sequence[Line]:
    """What comes next, as the timeline's last line."""
    if reward.state == Reward.State.HELD and reward.release_at:
        return [Line(_("Hold ends"), reward.release_at, " ".join(line.missing), "", "ahead")]
    return []


def _stops(reward: Reward) -> list[Stop]:
    blocks = list(RewardBlock.objects.filter(reward=reward).order_by("since", "pk"))
    names = names_of({name for block in blocks for name in (block.by, block.lifted_by) if name})
    return [
        Stop(block, block_text(block.kind), _stop_reason(block), names[block.by], names.get(block.lifted_by, ""))
        for block in blocks
    ]


def _stop_reason(block: RewardBlock) -> str:
    """A review's block says what began it; by hand, what somebody wrote."""
    if block.kind == RewardBlock.Kind.REVIEW and block.reason.upper() in Review.Cause.values:
        return cause_sentence(block.reason.upper())
    return reason_text(block.reason) if block.reason else ""


def _postings(reward: Reward) -> Book | None:
    entries = LedgerEntry.objects.filter(posting__reward=reward).select_related("posting")
    legs = [_leg(entry) for entry in entries.order_by("posting_id", "-amount_minor")]
    return Book(legs) if legs else None


def _leg(entry: LedgerEntry) -> Leg:
    amount = entry.amount_minor
    return Leg(
        title=posting_text(entry.posting.kind),
        account=str(entry.get_account_display()),
        at=entry.posting.at,
        unit=entry.unit,
        debit_minor=amount if amount > 0 else None,
        credit_minor=-amount if amount < 0 else None,
    )


def posting_text(kind: str) -> str:
    texts = {
        "reward.follows": _("Follows the order"),
        "offer.granted": _("Offer used"),
        "budget.follows": _("Budget follows the reward"),
    }
    return texts.get(kind) or title_of(kind)
