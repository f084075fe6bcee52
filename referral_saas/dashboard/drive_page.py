"""What the pages of a test drive show: rows of its stage, in words. Read in the stage's scope; no link leads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from advocates.models import Link
from engagement.addresses import LinkHome
from engagement.mailbox import Mail, mails_of
from engagement.models import Message
from kit.language import language_of_page
from kit.money import format_money
from kit.units import amount_text
from merchants.models import Event
from programs.models import Drive
from programs.rules.drive import Step
from referral_saas.dashboard.decisions import Considered, considered_lines
from referral_saas.dashboard.drive_words import SUMMARY, SUMMARY_LABEL, WORDS
from referral_saas.dashboard.event_words import Line, lines_of
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.reward_page import Book, Leg, RewardLine, posting_text, rewards_with_missing
from referral_saas.templatetags.ui import day
from rewards.actions.drive import FRIEND_EMAIL
from rewards.actions.drive import ORDER as ORDER_KEY
from rewards.models import Account, LedgerEntry, Reward
from rewards.wording import reason_text
from tracking.models import Claim, Order, OrderFact, Referral
from tracking.wording import decision_text

#: Which events, postings and mails belong to a step. By their kind, for a worker may have been there before the person.
EVENTS: dict[Step, tuple[str, ...]] = {
    Step.JOIN: ("advocate.enrolled",),
    Step.VISIT: ("claim.issued",),
    Step.ORDER: ("referral.attributed", "referral.blocked", "claim.used", "reward.held", "review.opened"),
    Step.DELIVERY: ("reward.rescheduled",),
    Step.RELEASE: ("reward.released",),
    Step.GIFT: ("reward.fulfilled", "reward.failed"),
    Step.RETURN: ("referral.not_qualified", "reward.cancelled", "reward.clawed_back", "reward.withdrawn"),
}
POSTINGS: dict[Step, tuple[str, ...]] = {
    Step.ORDER: ("offer.granted", "reward.held"),
    Step.RELEASE: ("reward.released",),
    Step.GIFT: ("reward.fulfilled",),
    Step.RETURN: ("reward.follows", "reward.cancelled", "reward.clawed_back"),
}
MAILS: dict[Step, tuple[str, ...]] = {
    Step.JOIN: ("welcome",),
    Step.VISIT: ("friend_code",),
    Step.ORDER: ("reward_pending", "referral_not_rewarded"),
    Step.GIFT: ("reward_here",),
    Step.RETURN: ("reward_not_given", "reward_taken_back", "reward_changed"),
}
#: Steps that know an order.
WITH_ORDER = (Step.ORDER, Step.DELIVERY, Step.RETURN)
BEFORE_ORDER = (Step.JOIN, Step.VISIT)
PAST_RELEASE = {
    Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FULFILLED, Reward.State.REVERSED,
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """One step as it was really played. ``today``: where the stage's clock stands now."""

    today: datetime
    facts: list[tuple[str, object]]
    lines: list[Line]
    mails: list[Mail]
    rewards: list[RewardLine]
    book: Book | None = None
    decision: str = ""
    touches: list[Considered] = field(default_factory=list)
    link_url: str = ""
    #: Why it went otherwise than a drive should; empty where it went well.
    trouble: str = ""


def scene_of(desk: Desk, drive: Drive, step: Step) -> Scene:
    order = Order.objects.filter(platform=ORDER_KEY.platform).first() if step in WITH_ORDER else None
    is_judged = step == Step.ORDER and order is not None
    rewards = rewards_with_missing(desk, Reward.objects.order_by("side")) if step not in BEFORE_ORDER else []
    return Scene(
        today=_today(desk, drive),
        facts=[row for row in _facts(desk, drive, step, order) if row[1]],
        lines=lines_of(_events(step), zone=desk.workspace.time_zone) if step in EVENTS else [],
        mails=mails_in(drive, MAILS.get(step, ())),
        rewards=rewards,
        book=book_of(POSTINGS[step]) if step in POSTINGS else None,
        decision=decision_text(order) if is_judged and order else "",
        touches=_touches(order) if is_judged and order else [],
        link_url=_link_url(drive) if step in BEFORE_ORDER else "",
        trouble=_trouble(step, rewards) if step not in BEFORE_ORDER else "",
    )


def _trouble(step: Step, rewards: list[RewardLine]) -> str:
    """Asks only where something is amiss."""
    if not rewards:
        referral = Referral.objects.order_by("pk").first()
        return (
            reason_text(str(referral.reasons[0])) if referral and referral.reasons else _("The order earns no reward.")
        )
    expected = {Step.RELEASE: PAST_RELEASE, Step.GIFT: {Reward.State.FULFILLED, Reward.State.REVERSED}}.get(step)
    waiting = [line for line in rewards if expected and line.reward.state not in expected]
    return " ".join(text for line in waiting for text in line.missing or [line.why])


def _today(desk: Desk, drive: Drive) -> datetime:
    """What the stage's clock says: real time and how far it was moved."""
    return desk.now - desk.merchant.clock_offset + drive.stage.clock_offset


def _touches(order: Order) -> list[Considered]:
    """There is one advocate with one link, so nothing has to be looked up."""
    told = order.decision or {}
    return considered_lines(list(told.get("considered", ())), {}, {}, how=str(told.get("how") or ""))


def _events(step: Step) -> list[Event]:
    return list(Event.objects.filter(code__in=EVENTS[step]).order_by("pk"))


def _link_url(drive: Drive) -> str:
    link = Link.objects.order_by("pk").first()
    return LinkHome(drive.stage.slug).address(link) if link else ""


# --- the facts beside each step -----------------------------------------------------------------------------------


def _facts(desk: Desk, drive: Drive, step: Step, order: Order | None) -> list[tuple[str, object]]:
    zone = desk.workspace.time_zone
    if step == Step.VISIT:
        return _offer_facts(zone)
    if step == Step.ORDER and order:
        return _order_facts(order)
    if step == Step.DELIVERY and order:
        return [(_("Ordered"), day(order.placed_at, zone)), (_("Arrived"), day(order.delivered_at, zone))]
    if step == Step.HOLD:
        return [
            (_("Clock of this drive"), day(_today(desk, drive), zone)),
            (_("Your own clock"), day(desk.now, zone)),
        ]
    if step == Step.GIFT:
        return [(_side(reward), _given(reward)) for reward in Reward.objects.order_by("side")]
    if step == Step.RETURN and order:
        return [(_("Given back"), _money(order.base_minor - order.net_base_minor, order))]
    return []


def _offer_facts(zone: str) -> list[tuple[str, object]]:
    """Hers: whoever drives may have tried the page behind the link with an address of their own."""
    claim = Claim.objects.exclude(code="").filter(friend__email=FRIEND_EMAIL).first()
    if claim is None:
        return [(_("Offer"), _("Nothing before the order: Eve is rewarded afterwards."))]
    return [(_("Her code"), claim.code), (_("Can be used until"), day(claim.expires_at, zone))]


def _order_facts(order: Order) -> list[tuple[str, object]]:
    discount = _discount(order)
    return [
        (_("Price"), _money(order.base_minor + discount, order)),
        (_("Her discount"), _money(discount, order) if discount else ""),
        (_("Eve paid"), _money(order.base_minor, order)),
    ]


def _discount(order: Order) -> int:
    told = OrderFact.objects.filter(order=order, kind=OrderFact.Kind.SNAPSHOT).first()
    return sum(code["discount_minor"] for code in told.data["codes"]) if told else 0


def _side(reward: Reward) -> str:
    return _("Dana got") if reward.side == Reward.Side.ADVOCATE else _("Eve got")


def _given(reward: Reward) -> str:
    """The amount as it stands, and the code where one was given."""
    pieces = [amount_text(reward.amount_minor, reward.unit, language_of_page()), reward.voucher]
    return " · ".join(piece for piece in pieces if piece) if reward.state == Reward.State.FULFILLED else ""


# --- books and mails ----------------------------------------------------------------------------------------------


def book_of(kinds: Sequence[str]) -> Book | None:
    entries = LedgerEntry.objects.filter(posting__kind__in=kinds).select_related("posting")
    legs = [_leg(entry) for entry in entries.order_by("posting_id", "-amount_minor")]
    return Book(legs) if legs else None


def _leg(entry: LedgerEntry) -> Leg:
    amount = entry.amount_minor
    sides = {"debit_minor": amount if amount > 0 else None, "credit_minor": -amount if amount < 0 else None}
    account = str(entry.get_account_display())
    return Leg(posting_text(entry.posting.kind), account, entry.posting.at, entry.unit, **sides)


def mails_in(drive: Drive, kinds: Sequence[str]) -> list[Mail]:
    """Those the stage knows to have sent, oldest first."""
    if not kinds:
        return []
    sent = {str(key) for key in Message.objects.filter(kind__in=kinds).values_list("pk", flat=True)}
    return [mail for mail in reversed(mails_of(drive.stage.slug)) if message_of(mail) in sent]


def is_mail_of(mail: Mail) -> bool:
    """Whether the stage in scope sent it."""
    try:
        return bool(Message.objects.filter(pk=UUID(message_of(mail))).exists())
    except ValueError:
        return False


def message_of(mail: Mail) -> str:
    """The id of the row it was sent for, from its Message-ID; empty where it has none of ours."""
    told = dict(mail.headers).get("Message-ID", "")
    return told.strip("<> ").partition("@")[0]


# --- the row of steps, and the end --------------------------------------------------------------------------------


def steps_of(drive: Drive, base: str, here: str) -> list[dict[str, str]]:
    """As the component draws them."""
    course = drive.course
    rows = [(step.value, WORDS[step].label, step in course.played) for step in (*course.played, *course.ahead)]
    rows.append((SUMMARY, SUMMARY_LABEL, course.is_over))
    return [
        {
            "label": str(label),
            "url": f"{base}/{name}" if is_there else "",
            "state": "now" if name == here else "done" if is_there else "ahead",
        }
        for name, label, is_there in rows
    ]


@dataclass(frozen=True)
class Tile:
    label: str
    amount: str
    help: str


@dataclass(frozen=True)
class Outcome:
    """What everybody got of it, from the stage's books."""

    tiles: list[Tile]
    mails: list[Mail]
    paid: str


def outcome_of(drive: Drive) -> Outcome:
    order = Order.objects.get(platform=ORDER_KEY.platform, external_id=ORDER_KEY.external_id)
    rewards = {reward.side: reward for reward in Reward.objects.all()}
    tiles = [
        Tile(
            _("Eve, the friend, got"), _eves(order, rewards.get(Reward.Side.FRIEND)), _("off her order, or afterwards")
        ),
        Tile(_("Dana, the advocate, got"), _reward(rewards.get(Reward.Side.ADVOCATE)), _("after the return period")),
        Tile(_("It cost you"), _cost(order), _("discount and rewards, from the books of this drive")),
    ]
    every = [kind for kinds in MAILS.values() for kind in kinds]
    return Outcome(tiles, mails_in(drive, every), _money(order.net_base_minor, order))


def _eves(order: Order, reward: Reward | None) -> str:
    """What the order's price was less by, while it stands, and her reward."""
    discount = _discount(order) if order.net_base_minor else 0
    pieces = [_money(discount, order)] if discount else []
    pieces += [_reward(reward)] if reward and _is_hers(reward) else []
    return " + ".join(pieces) or _("Nothing")


def _reward(reward: Reward | None) -> str:
    if reward is None or not _is_hers(reward):
        return _("Nothing")
    return amount_text(reward.amount_minor, reward.unit, language_of_page())


def _is_hers(reward: Reward) -> bool:
    return reward.state == Reward.State.FULFILLED and reward.amount_minor > 0


def _cost(order: Order) -> str:
    """Of an order that came back the discount was no cost: its price was given back."""
    accounts = [Account.REWARD_COST] + ([Account.OFFER_COST] if order.net_base_minor else [])
    rows = LedgerEntry.objects.filter(account__in=accounts).values_list("unit").annotate(cost=Sum("amount_minor"))
    costs = sorted((unit != order.currency, unit, cost) for unit, cost in rows if cost)
    pieces = [amount_text(cost, unit, language_of_page()) for _is_other, unit, cost in costs]
    return " + ".join(pieces) or _money(0, order)


def _money(minor: int, order: Order) -> str:
    return format_money(minor, order.currency, language_of_page())
