"""What the page of a reward asks people: did it arrive, is its code disabled, was another one given."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from programs.rules import Fulfilment
from referral_saas.dashboard.forms.doubts import AnewForm, ArrivedForm
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.vouchers import voucher_shown
from rewards.actions.withdraw import BY_HAND, CAME_BACK, NO_WAY, SEEN, needs_anew
from rewards.models import FulfilmentAttempt, Reward, Withdrawal
from rewards.wording import reason_text

#: Details that the sentence says already.
_OURS = (NO_WAY, CAME_BACK, SEEN, BY_HAND)
#: No code: something on an account, with us or at the provider.
_CREDIT = (Fulfilment.BALANCE, Fulfilment.STRIPE_BALANCE)
_LOOK = (Withdrawal.State.IMPOSSIBLE, Withdrawal.State.NOT_FOUND)


def doubts_of(desk: Desk, reward: Reward) -> dict[str, Any]:
    """Nothing for most rewards; two statements for those that failed or were delivered."""
    withdrawal = Withdrawal.objects.filter(reward=reward).first() if reward.fulfilled_at else None
    return {
        "is_in_doubt": reward.state == Reward.State.FAILED and _has_no_answer(reward),
        "arrived_form": ArrivedForm(),
        "withdrawal": withdrawal,
        "withdrawal_text": withdrawal_text(withdrawal, reward, code=voucher_shown(desk, reward)) if withdrawal else "",
        "withdrawal_detail": _detail(withdrawal) if withdrawal else "",
        "is_to_disable": withdrawal is not None and withdrawal.state in _LOOK,
        "is_to_give_anew": withdrawal is not None and needs_anew(reward, withdrawal),
        "anew_form": AnewForm(),
    }


def _has_no_answer(reward: Reward) -> bool:
    return any(attempt.state == FulfilmentAttempt.State.UNKNOWN for attempt in reward_attempts(reward))


def reward_attempts(reward: Reward) -> list[FulfilmentAttempt]:
    return list(FulfilmentAttempt.objects.filter(reward=reward))


def _detail(withdrawal: Withdrawal) -> str:
    """Why the provider did not do it; what only we wrote down is in the sentence already."""
    return "" if withdrawal.detail in ("", *_OURS) else reason_text(withdrawal.detail)


def withdrawal_text(withdrawal: Withdrawal, reward: Reward, *, code: str) -> str:
    """What became of asking it back, in a sentence for somebody who has a shop to look into. ``code``: as much of it
    as they may see."""
    if reward.fulfilment in _CREDIT:
        return _credit_text(withdrawal)
    if reward.fulfilment == Fulfilment.WEBHOOK:
        return _own_system_text(withdrawal)
    named = {"code": code}
    if withdrawal.detail == CAME_BACK:
        return _came_back_text(reward) % named
    texts = {
        Withdrawal.State.WAITING: _("It no longer stands, so your provider is asked to disable %(code)s."),
        Withdrawal.State.DISABLED: _("%(code)s was disabled before anybody used it. Nothing is owed."),
        Withdrawal.State.USED: _("%(code)s had been used. What it was worth stays a debt of the recipient."),
        Withdrawal.State.NOT_FOUND: _("Your provider does not know %(code)s. Look in your shop if it still works."),
        Withdrawal.State.IMPOSSIBLE: _("We cannot disable %(code)s. Disable it in your shop, or look if it was used."),
    }
    if reward.fulfilment == Fulfilment.GIFT_CARD:
        texts |= _gift_card_texts()
    return texts[Withdrawal.State(withdrawal.state)] % named


def _came_back_text(reward: Reward) -> str:
    if reward.fulfilment == Fulfilment.GIFT_CARD:
        return _("The order came back while %(code)s was being cancelled. Look at the service if it still works.")
    return _("The order came back while %(code)s was being disabled. Look in your shop if it still works.")


def _gift_card_texts() -> dict[Withdrawal.State, str]:
    """A gift card is nothing of the shop's."""
    return {
        Withdrawal.State.NOT_FOUND: _(
            "The gift card service does not know %(code)s. Look at your account there if it still works."
        ),
        Withdrawal.State.IMPOSSIBLE: _(
            "We cannot cancel the gift card %(code)s. Cancel it at the service, or look if it was used."
        ),
    }


def _own_system_text(withdrawal: Withdrawal) -> str:
    """Given by the merchant's own webhook."""
    if withdrawal.detail == CAME_BACK:
        return _("The order came back while your system was being told. Look there if the person still has it.")
    texts = {
        Withdrawal.State.WAITING: _("It no longer stands, so your system is told to take it back."),
        Withdrawal.State.DISABLED: _("Your system took it back. Nothing is owed."),
        Withdrawal.State.USED: _(
            "Your system was told, and did not say that it came back. What it was worth stays a debt of the recipient."
        ),
        Withdrawal.State.NOT_FOUND: _("Your system was told and does not know it. Look there if the person has it."),
        Withdrawal.State.IMPOSSIBLE: _("Your system could not be told. Take it back there, or look if it was used."),
    }
    return texts[Withdrawal.State(withdrawal.state)]


def _credit_text(withdrawal: Withdrawal) -> str:
    if withdrawal.detail == CAME_BACK:
        return _("The order came back while the credit was being taken back. Look if the person still has it.")
    texts = {
        Withdrawal.State.WAITING: _("It no longer stands, so the credit is being taken back."),
        Withdrawal.State.DISABLED: _("The credit was taken back before anybody used it. Nothing is owed."),
        Withdrawal.State.USED: _("The credit had been used. What it was worth stays a debt of the recipient."),
        Withdrawal.State.NOT_FOUND: _("Your provider does not know the credit. Look there if the person still has it."),
        Withdrawal.State.IMPOSSIBLE: _(
            "We cannot take the credit back. Do it at your provider, or look if it was used."
        ),
    }
    return texts[Withdrawal.State(withdrawal.state)]
