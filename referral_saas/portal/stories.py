"""What became of each friend, as the advocate may know it: a first name after consent, a step, a day, a kind reason.

Never an e-mail address, an item, an order's number or amount, a signal or a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from advocates.models import Advocate
from engagement.wording import refusal
from kit.ids import public_id
from kit.language import language_of_page
from kit.wording import day
from leads.models import Lead
from leads.wording import progress_text
from programs.rules import CODE_GIVERS, Fulfilment
from referral_saas.portal.second_look import SecondLook, second_looks
from rewards.choices import options_for
from rewards.gift_words import given_text
from rewards.models import Reward, RewardBlock, Surprise
from rewards.rules import Why, kindly
from rewards.rules.ending import PATIENCE
from rewards.selectors import ASKED_OF_RECIPIENT, open_blocks
from tracking.models import Claim, Referral

State = Reward.State
PAGE = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """Where something is: a status word, and one sentence on what is missing or why it ended."""

    tone: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Story:
    """One friend. ``events`` are those of {% timeline %}."""

    name: str
    at: datetime
    standing: Standing
    reward: Reward | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    look: SecondLook | None = None


@dataclass(frozen=True, slots=True)
class Teller:
    """What all sentences need."""

    now: datetime
    zone: str

    def day(self, at: datetime) -> str:
        return day(at, self.zone, language_of_page())


def stories(advocate: Advocate, teller: Teller, *, before: datetime | None = None, most: int = PAGE) -> list[Story]:
    """Newest first, one more than asked for where there are older ones. The same number of queries for any number."""
    referrals = _referrals(advocate, before, most + 1)
    claims = _claims_without_order(advocate, before, most + 1)
    rewards = _rewards_of(referrals)
    stopped = open_blocks(rewards.values())
    looks = second_looks(referrals, zone=teller.zone, language=language_of_page())
    told = [_of_claim(claim, teller) for claim in claims]
    told += [_of_lead(lead) for lead in _leads_without_order(advocate, before, most + 1)]
    told += [_of_referral(each, rewards.get(each.pk), stopped, looks[each.pk], teller) for each in referrals]
    return sorted(told, key=lambda story: story.at, reverse=True)[: most + 1]


def _referrals(advocate: Advocate, before: datetime | None, most: int) -> list[Referral]:
    found = Referral.objects.filter(advocate=advocate).select_related("claim__friend")
    if advocate.program.takes_leads:
        talked_to = _leads_told(advocate).filter(order=OuterRef("order"))
        found = found.exclude(Exists(talked_to))  # a sale taken back: how the talks go tells the rest
    found = found.filter(attributed_at__lt=before) if before else found
    return list(found.order_by("-attributed_at", "-pk")[:most])


def _claims_without_order(advocate: Advocate, before: datetime | None, most: int) -> list[Claim]:
    ordered = Exists(Referral.objects.filter(claim=OuterRef("pk")))
    found = Claim.objects.filter(advocate=advocate).exclude(ordered).select_related("friend")
    found = found.filter(claimed_at__lt=before) if before else found
    return list(found.order_by("-claimed_at", "-pk")[:most])


def _leads_without_order(advocate: Advocate, before: datetime | None, most: int) -> list[Lead]:
    """Friends who are talked to, in a program that asks for it. Of one who has bought, their order tells the rest."""
    if not advocate.program.takes_leads:
        return []
    found = _leads_told(advocate)
    found = found.filter(created_at__lt=before) if before else found
    return list(found.order_by("-created_at", "-pk")[:most])


def _leads_told(advocate: Advocate) -> QuerySet[Any]:
    """Of a friend who is talked to, or was for nothing, the lead tells; of one who has bought, their order."""
    rows: QuerySet[Any] = Lead.objects.filter(advocate=advocate).exclude(stage=Lead.Stage.WON)
    return rows


def _rewards_of(referrals: Sequence[Referral]) -> dict[UUID, Reward]:
    found = Reward.objects.filter(referral__in=referrals, side=Reward.Side.ADVOCATE).select_related("referral")
    return {reward.referral_id: reward for reward in found}


def _shown_name(claim: Claim | None) -> str:
    """The friend's first name if they agreed, else nothing: the page says "a friend"."""
    return claim.friend.first_name if claim and claim.name_shown and claim.friend else ""


# --- friends who have not ordered ---------------------------------------------------------------------------------


def _of_lead(lead: Lead) -> Story:
    """How far the talks are, and nothing of what was said."""
    is_lost = lead.stage == Lead.Stage.LOST
    ahead = _("Your reward follows once they have become a customer.")
    sentence = _("They may come back to it another time.") if is_lost else ahead
    standing = Standing("neutral" if is_lost else "info", progress_text(lead), sentence)
    came = {"title": _("Left their details"), "at": lead.created_at, "state": "done"}
    last = {"title": standing.word, "text": sentence, "state": "done" if is_lost else "ahead"}
    return Story(lead.name.split(" ")[0] if lead.name_shown else "", lead.created_at, standing, events=[came, last])


def _of_claim(claim: Claim, teller: Teller) -> Story:
    standing = _standing_of_claim(claim, teller)
    ahead = {"title": _("Order"), "state": "ahead", "text": standing.sentence}
    return Story(_shown_name(claim), claim.claimed_at, standing, events=[_got_offer(claim.claimed_at), ahead])


def _got_offer(at: datetime) -> dict[str, Any]:
    return {"title": _("Asked for the offer"), "at": at, "tone": "good"}


def _standing_of_claim(claim: Claim, teller: Teller) -> Standing:
    if claim.state == Claim.State.USED:
        return Standing("neutral", _("No reward"), refusal(kindly("")))
    if claim.state != Claim.State.ISSUED:
        return Standing(
            "warn", _("Waiting for a code"), _("The shop has no code left at the moment and has been told.")
        )
    if claim.expires_at <= teller.now:
        return Standing("neutral", _("Not used"), _("The code ran out before an order came."))
    sentence = _("No order yet. The code is valid until %(day)s.") % {"day": teller.day(claim.expires_at)}
    return Standing("info", _("Has not ordered yet"), sentence)


# --- friends who have ---------------------------------------------------------------------------------------------


def _of_referral(
    referral: Referral, reward: Reward | None, stopped: dict[Any, Any], look: SecondLook, teller: Teller
) -> Story:
    standing = _standing_with(referral, reward, stopped.get(reward.pk, []) if reward else [], teller)
    if reward is None and look.is_declined:
        standing = Standing("neutral", _("No reward"), refusal(kindly("")))
    events = [_got_offer(referral.claim.claimed_at)] if referral.claim else []
    events.append({"title": _("Ordered"), "at": referral.attributed_at, "tone": "good"})
    events.append(_last_event(reward, standing))
    return Story(_shown_name(referral.claim), referral.attributed_at, standing, reward, events, look)


def _standing_with(
    referral: Referral | None, reward: Reward | None, blocks: Sequence[RewardBlock], teller: Teller
) -> Standing:
    """What only the advocate can say is asked for; every other stop is the shop's."""
    kinds = {block.kind for block in blocks}
    return standing_of(
        referral,
        reward,
        bool(blocks),
        teller,
        needs_address=reward is not None and kinds == {RewardBlock.Kind.ADDRESS} and _is_theirs(reward),
        needs_choice=RewardBlock.Kind.CHOICE in kinds and kinds <= ASKED_OF_RECIPIENT,
    )


def _last_event(reward: Reward | None, standing: Standing) -> dict[str, Any]:
    is_here = reward is not None and reward.state == State.FULFILLED
    state = "done" if is_here or standing.tone in ("neutral", "bad") else "now"
    at = reward.fulfilled_at if reward and is_here else None
    return {"title": standing.word, "text": standing.sentence, "tone": standing.tone, "state": state, "at": at}


def standing_of(
    referral: Referral | None,
    reward: Reward | None,
    is_stopped: bool,
    teller: Teller,
    *,
    needs_address: bool = False,
    needs_choice: bool = False,
) -> Standing:
    if reward is None:
        return _without_reward(referral) if referral else Standing("neutral", _("No reward"), "")
    if needs_choice and reward.state == State.HELD:
        return Standing("warn", _("You can choose"), _until_chosen(reward, teller))
    if needs_address and reward.state in (State.HELD, State.RELEASED):
        return Standing("warn", _("Your address is missing"), _("It is sent by post: tell where to send it."))
    if reward.state in (State.CANCELLED, State.REVERSED):
        word = _("Taken back") if reward.state == State.REVERSED else _("No reward")
        why = refusal(kindly(reward.reason)) if reward.referral_id else _("It was given by mistake.")
        return Standing("neutral", word, why)
    if reward.state == State.EXPIRED:
        return Standing("neutral", _("Run out"), _("This reward was not used in time."))
    return _living_reward(reward, is_stopped, teller)


def _until_chosen(reward: Reward, teller: Teller) -> str:
    """Chosen in time it comes with the end of the hold, else as the rule says when patience is over."""
    if reward.release_at is None:
        return _("Say how you would like it; without a word it comes as promised.")
    last = teller.day(reward.release_at + PATIENCE)
    if reward.release_at <= teller.now:
        return _("Say how you would like it; without a word it comes as promised on %(day)s.") % {"day": last}
    words = _("Say how you would like it, and it comes on %(day)s. Without a word it comes as promised on %(last)s.")
    return words % {"day": teller.day(reward.release_at), "last": last}


def _without_reward(referral: Referral) -> Standing:
    why = _first(referral.reasons)
    if referral.needs_worth:
        return Standing("info", _("Being worked out"), _("It was paid in another currency, so the shop works it out."))
    if referral.state in (Referral.State.BLOCKED, Referral.State.NOT_QUALIFIED):
        return Standing("neutral", _("No reward"), refusal(kindly(why)))
    if why == Why.WITHOUT_REWARDS:
        return Standing("good", _("Counts"), _("It counts as one of your friends. There is no reward for this order."))
    if why == Why.NOT_THE_NTH:
        return Standing("good", _("Counts"), _("It counts towards your next reward."))
    return Standing("info", _("Waiting for payment"), _("The order is not paid yet."))


def _first(reasons: Iterable[str]) -> str:
    return next(iter(reasons), "")


def _living_reward(reward: Reward, is_stopped: bool, teller: Teller) -> Standing:
    if reward.state == State.FULFILLED:
        return Standing("good", _("Reward is here"), " ".join(filter(None, [_where(reward, teller), _reduced(reward)])))
    if is_stopped:
        return Standing("info", _("Being checked"), _("The shop is looking at it, so it comes later than planned."))
    if reward.state == State.FAILED:
        return Standing("warn", _("Delayed"), _("Sending your reward did not work yet. The shop has been told."))
    if reward.fulfilment == Fulfilment.PAYOUT and reward.state != State.HELD:
        return _of_payout(reward)
    if reward.state != State.HELD or (reward.release_at and reward.release_at <= teller.now):
        return Standing("info", _("On its way"), _("Your reward is being sent."))
    if reward.release_at is None:
        return Standing(
            "info", _("Waiting for delivery"), _("The day of your reward is known once everything was shipped.")
        )
    if reward.is_discretionary:
        return Standing("info", _("On its way"), _("It comes on %(day)s.") % {"day": teller.day(reward.release_at)})
    sentence = _("Your reward comes on %(day)s, when the return period ends.") % {"day": teller.day(reward.release_at)}
    return Standing("info", _("Reward is coming"), " ".join(filter(None, [sentence, _reduced(reward)])))


def _of_payout(reward: Reward) -> Standing:
    if reward.state == State.FULFILLING:
        return Standing("info", _("Being transferred"), _("The shop is paying it. It arrives in a few days."))
    return Standing(
        "info", _("In your next payout"), _("It is yours. “Payouts” says when it comes and what is missing.")
    )


def _where(reward: Reward, teller: Teller) -> str:
    """Where to find what is delivered, and until when it can be used."""
    if not _is_theirs(reward):
        return _("You gave it to your friend, who has it now.")
    found = []
    if reward.fulfilment == Fulfilment.BALANCE:
        found.append(_("It is on your account."))
    if reward.fulfilment == Fulfilment.SHIPMENT:
        number = _("Your parcel is on its way: %(number)s.") % {"number": reward.voucher}
        found.append(number if reward.voucher else _("Your parcel is on its way."))
    if reward.valid_until:
        found.append(_("You can use it until %(day)s.") % {"day": teller.day(reward.valid_until)})
    return " ".join(found)


def _is_theirs(reward: Reward) -> bool:
    """Not given on to the friend: what the friend has is the friend's, its code and its parcel too."""
    return reward.referral is None or reward.recipient_id != reward.referral.friend_id


def _reduced(reward: Reward) -> str:
    if reward.clawed_back_minor:
        return _("Part of it was taken back, because part of the order was returned.")
    if reward.amount_minor < reward.full_minor:
        return _("It is smaller, because part of the order was returned.")
    return ""


# --- rewards by themselves ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnReward:
    reward: Reward
    standing: Standing
    friend: str
    message: str = ""
    look: SecondLook | None = None

    @property
    def public_id(self) -> str:
        return public_id("rwd", self.reward.pk)

    @property
    def title(self) -> str:
        return given_text(self.reward, self.reward.standing_minor or self.reward.full_minor, language_of_page())

    @property
    def wants_address(self) -> bool:
        """Asked for, or known and still to be changed."""
        is_open = self.reward.state in (State.HELD, State.RELEASED)
        return self.reward.fulfilment == Fulfilment.SHIPMENT and is_open and _is_theirs(self.reward)

    @property
    def can_choose(self) -> bool:
        return bool(options_for(self.reward))

    @property
    def code(self) -> str:
        """The voucher to use in the shop, once it is there; a provider's own id is no use to anybody."""
        is_here = self.reward.fulfilment in CODE_GIVERS and self.reward.state == State.FULFILLED
        return self.reward.voucher if is_here and _is_theirs(self.reward) else ""


def own_rewards(advocate: Advocate, teller: Teller, *, before: datetime | None = None) -> list[OwnReward]:
    """The advocate's rewards, newest first, one more than a page where there are older ones."""
    found = Reward.objects.filter(advocate=advocate, side=Reward.Side.ADVOCATE).select_related(
        "referral__claim__friend", "kind", "terms", "order"
    )
    found = found.filter(created_at__lt=before) if before else found
    rewards = list(found.order_by("-created_at", "-pk")[: PAGE + 1])
    stopped = open_blocks(rewards)
    words = dict(Surprise.objects.filter(reward__in=rewards).values_list("reward_id", "message"))
    referrals = [each.referral for each in rewards if each.referral]
    looks = second_looks(referrals, zone=teller.zone, language=language_of_page())
    return [
        _own(each, stopped.get(each.pk, []), words.get(each.pk, ""), looks.get(each.referral_id), teller)
        for each in rewards
    ]


def _own(
    reward: Reward, blocks: Sequence[RewardBlock], message: str, look: SecondLook | None, teller: Teller
) -> OwnReward:
    standing = _standing_with(reward.referral, reward, blocks, teller)
    friend = _shown_name(reward.referral.claim if reward.referral else None)
    return OwnReward(reward, standing, friend, message, look)
