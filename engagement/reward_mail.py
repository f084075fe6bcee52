"""Mails about rewards. What is said of the friend: "a friend", or the first name they agreed to show; nothing else.

Amounts in events are what was true then, rows what is true now: a mail that things have overtaken is not sent.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values, first_name
from engagement.wording import missing_step, refusal
from merchants.models import Event
from programs.rules import CODE_GIVERS, Fulfilment
from rewards.actions.reviews import can_ask_second_look
from rewards.gift_words import given_text
from rewards.models import Reward, RewardBlock, Surprise
from rewards.review_selectors import review_of
from rewards.rules import Why, kindly
from tracking.models import Claim, Referral, Review

State = Reward.State
#: Of orders like these the advocate never heard, so there is nothing to explain.
NOT_TOLD = frozenset({Why.TEST_ORDER})


def pending(event: Event, house: House) -> Occasion | None:
    reward = _reward(event)
    if reward is None:
        return None

    def values(pen: Pen) -> Values:
        day = pen.day(reward.release_at) if reward.release_at else ""
        step = (_("Day it comes"), day) if day else (_("Missing step"), missing_step())
        return {
            **_common(reward, house),
            "amount": _said(reward, reward.amount_minor, pen),
            "day": day,
            "step": "" if day else missing_step(),
            "wants_address": _waits_for(reward, RewardBlock.Kind.ADDRESS),
            "can_choose": _waits_for(reward, RewardBlock.Kind.CHOICE),
            "facts": [(_("Reward"), _said(reward, reward.amount_minor, pen)), step],
        }

    return _told(reward, values, skip="" if reward.state == State.HELD else "overtaken")


def here(event: Event, house: House) -> Occasion | None:
    reward = _reward(event)
    if reward is None:
        return None

    def values(pen: Pen) -> Values:
        amount = _said(reward, reward.amount_minor, pen)
        is_code = reward.fulfilment in CODE_GIVERS
        return {
            **_common(reward, house),
            "amount": amount,
            "is_code": bool(reward.voucher) and is_code,
            "is_sent": reward.fulfilment == Fulfilment.SHIPMENT,
            "on_account": reward.fulfilment == Fulfilment.BALANCE,
            "show_label": _("Your voucher code") if is_code else _reference_label(reward),
            "show": reward.voucher,
            "facts": [(_("Worth"), amount)],
        }

    return _told(reward, values, skip="" if reward.state == State.FULFILLED else "overtaken")


def changed(event: Event, house: House) -> Occasion | None:
    """Smaller or larger than said before, and not yet given."""
    reward = _reward(event)
    if reward is None:
        return None
    amount, before = int(event.data["amount_minor"]), int(event.data["before_minor"])

    def values(pen: Pen) -> Values:
        return {
            **_common(reward, house),
            "amount": _said(reward, amount, pen),
            "before": _said(reward, before, pen),
            "is_less": amount < before,
            "facts": [
                (_("Before"), _said(reward, before, pen)),
                (_("Now"), _said(reward, amount, pen)),
            ],
        }

    return _told(reward, values, skip="" if reward.amount_minor == amount else "overtaken")


def taken_back(event: Event, house: House) -> Occasion | None:
    """It was given already; part of it or all no longer stands."""
    reward = _reward(event)
    if reward is None:
        return None

    def values(pen: Pen) -> Values:
        taken = _said(reward, reward.clawed_back_minor, pen)
        left = _said(reward, reward.standing_minor, pen)
        return {
            **_common(reward, house),
            "amount": taken,
            "is_all": reward.standing_minor == 0,
            "facts": [(_("Taken back"), taken), (_("Still yours"), left)],
        }

    return _told(reward, values, skip="" if reward.clawed_back_minor else "overtaken")


def back(event: Event, house: House) -> Occasion | None:
    reward = _reward(event)
    if reward is None:
        return None

    def values(pen: Pen) -> Values:
        amount = _said(reward, reward.standing_minor, pen)
        facts = [(_("Reward"), amount)]
        if reward.state == State.HELD and reward.release_at:
            facts.append((_("Day it comes"), pen.day(reward.release_at)))
        return {**_common(reward, house), "amount": amount, "facts": facts}

    gone = reward.state in (State.CANCELLED, State.REVERSED)
    return _told(reward, values, skip="overtaken" if gone else _told_with_answer(reward, event))


def _told_with_answer(reward: Reward, event: Event) -> str:
    """Given back by a second look: the advocate's answer says so."""
    review = review_of(reward.referral) if reward.referral and not _is_friends(reward) else None
    return "told_with_answer" if review and review.appeal_answered_at == event.at else ""


def not_given(event: Event, house: House) -> Occasion | None:
    reward = _reward(event)
    if reward is None:
        return None
    reason = reward.reason

    review = review_of(reward.referral) if reward.referral else None

    def values(_pen: Pen) -> Values:
        can_ask = reward.referral is not None and can_ask_second_look(reward.referral, review)
        return {**_common(reward, house), "why": _why_not(reward, reason), "can_ask": can_ask}

    return _told(reward, values, skip=_kept_quiet(review, reason) if reward.state == State.CANCELLED else "overtaken")


def _kept_quiet(review: Review | None, reason: str) -> str:
    """Whoever refused it chose that nobody is written to."""
    is_refusal = review is not None and review.state == Review.State.REFUSED and reason == Why.REJECTED
    return "not_to_be_told" if is_refusal and review and not review.told else ""


def referral_not_rewarded(event: Event, house: House) -> Occasion | None:
    """An order that came through the advocate and brings no reward. If a reward was announced, its own mail tells."""
    referrals = Referral.objects.select_related("advocate__customer", "program")
    referral: Referral | None = referrals.filter(pk=event.subject_id).first()
    if referral is None:
        return None
    reason = referral.reasons[0] if referral.reasons else ""

    def values(_pen: Pen) -> Values:
        return {
            "friend": friend_name(referral),
            "to_friend": False,
            "link": addresses.portal(house.merchant.slug),
            "why": _why(reason, referral, to_friend=False),
            "can_ask": can_ask_second_look(referral, review_of(referral)),
        }

    to = Recipient.of(referral.advocate.customer, referral.advocate)
    return Occasion(to, values, skip=_nothing_to_explain(referral, reason))


def _nothing_to_explain(referral: Referral, reason: str) -> str:
    if referral.state not in (Referral.State.BLOCKED, Referral.State.NOT_QUALIFIED):
        return "overtaken"
    if reason in NOT_TOLD:
        return reason
    told = Event.objects.filter(
        code__in=("reward.cancelled", "reward.clawed_back"),
        subject_id__in=Reward.objects.filter(referral=referral, side=Reward.Side.ADVOCATE).values("pk"),
    )
    return "told_with_reward" if told.exists() else ""


def _reward(event: Event) -> Reward | None:
    rewards = Reward.objects.select_related("recipient", "advocate__customer", "referral", "program", "kind")
    found: Reward | None = rewards.filter(pk=event.subject_id).first()
    return found


def _told(reward: Reward, values: Callable[[Pen], Values], *, skip: str) -> Occasion:
    """To whoever the reward is for; somebody who is both sides at once hears it once, as the advocate."""
    if not _is_friends(reward):
        return Occasion(Recipient.of(reward.recipient, reward.advocate), values, skip)
    is_same = reward.recipient_id == reward.advocate.customer_id
    return Occasion(Recipient.of(reward.recipient), values, skip or ("same_person" if is_same else ""))


def _is_friends(reward: Reward) -> bool:
    """The friend's own, or given on to them by the advocate: they are told as a friend, and led to no portal."""
    if reward.side == Reward.Side.FRIEND or reward.referral is None:
        return reward.side == Reward.Side.FRIEND
    return bool(reward.recipient_id == reward.referral.friend_id != reward.advocate.customer_id)


def _common(reward: Reward, house: House) -> Values:
    to_friend = _is_friends(reward)
    return {
        "friend": "" if to_friend or reward.referral is None else friend_name(reward.referral),
        "to_friend": to_friend,
        "is_gift": reward.is_discretionary,
        "message": _message(reward),
        "link": house.workspace.shop_url if to_friend else addresses.portal(house.merchant.slug),
    }


def _said(reward: Reward, amount: int, pen: Pen) -> str:
    return given_text(reward, amount, pen.language)


def _message(reward: Reward) -> str:
    """The words of whoever gave it at their own discretion."""
    found = Surprise.objects.filter(reward=reward).first() if reward.is_discretionary else None
    return found.message if found else ""


def _waits_for(reward: Reward, kind: RewardBlock.Kind) -> bool:
    return bool(RewardBlock.objects.filter(reward=reward, kind=kind, lifted_at=None).exists())


def _reference_label(reward: Reward) -> str:
    return _("Tracking number") if reward.fulfilment == Fulfilment.SHIPMENT else _("Reference")


def friend_name(referral: Referral) -> str:
    """The friend's first name if they agreed that this advocate sees it; else empty."""
    if referral.friend_id is None:
        return ""
    agreed = Claim.objects.select_related("friend").filter(
        program=referral.program_id, friend=referral.friend_id, advocate=referral.advocate_id, name_shown=True
    )
    claim: Claim | None = agreed.first()
    return first_name(claim.friend) if claim else ""


def _why_not(reward: Reward, reason: str) -> str:
    if reward.referral is None:
        return _("It was given by mistake, and nothing was paid yet.")
    return _why(reason, reward.referral, to_friend=_is_friends(reward))


def _why(reason: str, referral: Referral, *, to_friend: bool) -> str:
    deciding = referral.reasons[0] if reason == Why.BLOCKED and referral.reasons else reason
    return refusal(kindly(deciding), to_friend=to_friend)
