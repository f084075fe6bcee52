"""A person's story as a page: every moment in words, with the page it leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from advocates.link_words import share_name
from advocates.models import Link
from engagement.models import Message
from insights.lacking import missing
from insights.people import Moment, Story, What, considered_of, timeline
from kit.language import language_of_page
from kit.units import amount_text
from referral_saas.dashboard.decisions import Considered, considered_lines
from referral_saas.dashboard.event_words import Line, lines_of, names_of
from referral_saas.dashboard.find_actions import actions_for
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.mail_words import mail_reason, mail_title
from referral_saas.dashboard.order_page import fact_line
from referral_saas.dashboard.paths import PLACES, link_to, path_of
from referral_saas.dashboard.vouchers import voucher_shown
from referral_saas.templatetags.desk import device
from referral_saas.templatetags.ui import day
from rewards.models import Reward
from tracking.models import Assignment, Claim, Click, Introduction, Leak, Order
from tracking.wording import decision_text

DECISION_TONES = {"ATTRIBUTED": "good", "BLOCKED": "bad"}
MAIL_TONES = {Message.State.FAILED: "bad", Message.State.SKIPPED: "neutral"}


@dataclass(frozen=True)
class StoryLine:
    """One line of the story. ``href`` is the page of what it is about; ``touches`` stand under a decision."""

    title: str
    at: datetime
    text: str = ""
    tone: str = ""
    state: str = "done"
    href: str = ""
    about: str = ""
    touches: list[Considered] = field(default_factory=list)


@dataclass(frozen=True)
class Missed:
    text: str
    href: str
    about: str


@dataclass(frozen=True)
class Gift:
    reward: Reward
    voucher: str


def story_context(desk: Desk, story: Story) -> dict[str, Any]:
    lacks = missing(story, now=desk.now, zone=desk.workspace.time_zone, language=language_of_page())
    words = _Words(desk, story)
    return {
        "story": story,
        "customer": story.customer,
        "lines": words.lines(timeline(story)),
        "missing": [Missed(lack.text, words.href(lack.about), words.name(lack.about)) for lack in lacks],
        "facts": _facts(desk, story),
        "gifts": [Gift(reward, voucher_shown(desk, reward)) for reward in story.rewards],
        "actions": actions_for(desk, story),
    }


def _facts(desk: Desk, story: Story) -> list[tuple[str, object]]:
    person, base, zone = story.customer, f"/w/{desk.merchant.slug}", desk.workspace.time_zone
    if person is None:
        return []
    paid = day(person.first_paid_at, zone) if person.first_paid_at else _("Has not bought yet")
    rows = [
        (_("Person"), link_to(base, person)),
        (_("E-mail"), person.email),
        (_("Number in the shop"), person.external_id),
        (_("Known through"), person.get_source_display()),
        (_("Known since"), day(person.created_at, zone)),
        (_("First paid order"), paid),
        (_("Orders in the imported history"), person.imported_orders),
    ]
    return [row for row in rows if row[1]]


def order_name(order: Order) -> str:
    return _("Order %(number)s") % {"number": order.number or order.external_id}


class _Words:
    """Words for the moments of one story; whoever is named has been read with it."""

    def __init__(self, desk: Desk, story: Story) -> None:
        self.desk, self.story = desk, story
        self.base, self.zone = f"/w/{desk.merchant.slug}", desk.workspace.time_zone
        self.orders = {order.pk: order for order in story.orders} | {row.order_id: row.order for row in story.brought}
        self.things = {thing.pk: thing for thing in self._things()}

    def _things(self) -> Iterable[Model]:
        story = self.story
        yield from (*self.orders.values(), *story.rewards, *story.places, *story.referrals.values(), *story.brought)
        yield from (*story.claims, *story.reviews, *story.leaks)

    def lines(self, moments: list[Moment]) -> list[StoryLine]:
        """Newest last, as it happened. Two statements for the names in the log, however many lines there are."""
        events = [moment.row for moment in moments if moment.what == What.EVENT]
        told = dict(zip((row.pk for row in events), lines_of(events, zone=self.zone), strict=True))
        self.names = names_of(row.by for row in self.story.assignments)
        return [self._line(moment, told) for moment in moments]

    def _line(self, moment: Moment, told: dict[Any, Line]) -> StoryLine:
        if moment.what == What.EVENT:
            line, about = told[moment.row.pk], self.things.get(moment.row.subject_id)
            return StoryLine(line.title, line.at, line.text, line.tone, "done", self.href(about), self.whose(about))
        return _TELL[moment.what](self, moment.row, moment.at)

    def visit(self, click: Click, at: datetime) -> StoryLine:
        advocate = click.link.advocate
        where = [_link_name(click.link), device(click.device), click.referrer]
        title = _("Opened the link of %(name)s") % {"name": advocate}
        return StoryLine(title, at, _joined(where), "info", href=self.href(advocate), about=str(click.program))

    def claim(self, claim: Claim, at: datetime) -> StoryLine:
        until = _("until %(day)s") % {"day": day(claim.expires_at, self.zone)} if claim.code else ""
        title = _("Claimed the offer of %(name)s") % {"name": claim.advocate}
        text = _joined([_link_name(claim.link), claim.code, until, str(claim.get_state_display())])
        return StoryLine(title, at, text, "info", href=self.href(claim.advocate), about=str(claim.program))

    def fact(self, row: Any, at: datetime) -> StoryLine:
        order = self.orders[row.order_id]
        line = fact_line(row, order.currency, self.zone)
        return StoryLine(line.title, at, line.text, line.tone, href=self.href(order), about=order_name(order))

    def introduction(self, row: Introduction, at: datetime) -> StoryLine:
        order = self.orders[row.order_id]
        text = _joined([str(row.advocate or ""), str(row.get_state_display())])
        return StoryLine(_("Said who sent them"), at, text, "info", href=self.href(order), about=order_name(order))

    def decision(self, order: Order, at: datetime) -> StoryLine:
        how = str((order.decision or {}).get("how") or "")
        coded = {**self.story.named_links, **{claim.pk: claim for claim in self.story.claims}}
        touches = considered_lines(considered_of(order), self.story.advocates, coded, how=how)
        tone, text = DECISION_TONES.get(order.outcome, "neutral"), decision_text(order)
        return StoryLine(_("Decision"), at, text, tone, "done", self.href(order), order_name(order), touches)

    def assignment(self, row: Assignment, at: datetime) -> StoryLine:
        undone = _("taken back on %(day)s") % {"day": day(row.undone_at, self.zone)} if row.undone_at else ""
        rewards = "" if row.with_rewards else _("without rewards")
        title = _("Given to %(name)s by hand") % {"name": row.advocate}
        text = _joined([row.reason, rewards, undone, self.names[row.by]])
        order = self.orders[row.order_id]
        return StoryLine(title, at, text, "warn", href=self.href(order), about=order_name(order))

    def mail(self, row: Message, at: datetime) -> StoryLine:
        text = _joined([str(row.get_state_display()), mail_reason(row)])
        title = _("Mail: %(title)s") % {"title": mail_title(row)}
        return StoryLine(title, at, text, MAIL_TONES.get(Message.State(row.state), "info"))

    def ahead(self, reward: Reward, at: datetime) -> StoryLine:
        return StoryLine(_("Hold ends"), at, "", "", "ahead", self.href(reward), self.name(reward))

    def href(self, thing: Model | None) -> str:
        """The page of what a line is about; a claim's is its advocate's, a row without a page has none."""
        if isinstance(thing, Claim):
            return path_of(self.base, thing.advocate)
        return path_of(self.base, thing) if thing is not None and thing._meta.model_name in PLACES else ""

    def whose(self, thing: Model | None) -> str:
        """As ``name``, where the line itself tells the amount."""
        if isinstance(thing, Reward):
            return _("For %(name)s") % {"name": thing.recipient}
        return share_name(thing.link) if isinstance(thing, Leak) else self.name(thing)

    def name(self, thing: Model | None) -> str:
        if isinstance(thing, Order):
            return order_name(thing)
        if isinstance(thing, Reward):
            amount = amount_text(thing.amount_minor, thing.unit, language_of_page())
            return _("%(amount)s for %(name)s") % {"amount": amount, "name": thing.recipient}
        order_id = getattr(thing, "order_id", None)
        return order_name(self.orders[order_id]) if order_id in self.orders else ""


_TELL: dict[What, Any] = {
    What.VISIT: _Words.visit,
    What.CLAIM: _Words.claim,
    What.FACT: _Words.fact,
    What.INTRODUCTION: _Words.introduction,
    What.DECISION: _Words.decision,
    What.ASSIGNMENT: _Words.assignment,
    What.MAIL: _Words.mail,
    What.AHEAD: _Words.ahead,
}


def _link_name(link: Link) -> str:
    """Which of their links: the channel, and where it was put."""
    channel = str(link.get_channel_display())
    return f"{channel}, {link.placement}" if link.placement else channel


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)
