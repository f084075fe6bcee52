"""Mails about what runs out, and to the team about books that differ."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values
from merchants.models import Event, Membership
from rewards.gift_words import given_text
from rewards.models import Reward

State = Reward.State
WAITING = (State.HELD, State.RELEASED)


def ending(event: Event, house: House) -> Occasion | None:
    """Fourteen days before the last: use it, or say where to send it."""
    reward = _reward(event)
    if reward is None:
        return None
    last = datetime.fromisoformat(event.data["ends_at"])
    is_code = reward.state == State.FULFILLED

    def values(pen: Pen) -> Values:
        show = {"show_label": _("Your voucher code"), "show": reward.voucher} if is_code and reward.voucher else {}
        facts = [(_("Reward"), _amount(reward, pen)), (_("Last day"), pen.day(last))]
        common = {"amount": _amount(reward, pen), "day": pen.day(last), "is_delivered": is_code}
        return {**common, **show, "facts": facts, "link": _link(reward, house)}

    still = reward.used_at is None and reward.state in (*WAITING, State.FULFILLED)
    return Occasion(_to(reward), values, skip="" if still else "overtaken")


def ended(event: Event, house: House) -> Occasion | None:
    reward = _reward(event)
    if reward is None:
        return None

    def values(pen: Pen) -> Values:
        common = {"amount": _amount(reward, pen), "was_delivered": reward.fulfilled_at is not None}
        return {**common, "facts": [(_("Reward"), _amount(reward, pen))], "link": _link(reward, house)}

    return Occasion(_to(reward), values, skip="" if reward.state == State.EXPIRED else "overtaken")


def books_differ(event: Event, house: House) -> Occasion | None:
    """To one person of the team, who may have left meanwhile."""
    members = Membership.objects.select_related("user").filter(merchant=house.merchant)
    member = members.filter(pk=event.data["member"]).first()
    if member is None:
        return None
    count = int(event.data["differences"])

    def values(_pen: Pen) -> Values:
        return {"count": count, "link": addresses.workspace(house.merchant.slug, "ledger")}

    return Occasion(Recipient(member.user.email, language=member.user.language), values)


def _reward(event: Event) -> Reward | None:
    rewards = Reward.objects.select_related("recipient", "advocate__customer", "kind")
    found: Reward | None = rewards.filter(pk=event.subject_id).first()
    return found


def _to(reward: Reward) -> Recipient:
    return Recipient.of(reward.recipient, reward.advocate if reward.side == Reward.Side.ADVOCATE else None)


def _amount(reward: Reward, pen: Pen) -> str:
    return given_text(reward, reward.standing_minor, pen.language)


def _link(reward: Reward, house: House) -> str:
    to_portal = reward.side == Reward.Side.ADVOCATE
    return addresses.portal(house.merchant.slug) if to_portal else house.workspace.shop_url
