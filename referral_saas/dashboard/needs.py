"""What needs somebody: each in a sentence, with the page that shows the rows and lets them be mended."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.models import Advocate
from insights.home import rewards_to_see
from insights.programs import NO_STOCK, Stock, stock_everywhere
from insights.together import CountOf, count_of, row_of
from integrations.models import Connection
from integrations.selectors import connections, events_set_aside
from kit.asked import asked_often
from kit.ids import public_id
from kit.language import language_of_page
from kit.many import any_of
from kit.wording import percent
from leads.selectors import overdue
from merchants.selectors import api_keys
from programs.models import CodePool, Program, RewardKind
from programs.selectors import given_by, has_unpublished_changes, pools_needed, programs
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.limits_page import share_of, tone_of
from referral_saas.dashboard.reward_filters import to_disable, to_give_anew
from referral_saas.dashboard.stock_words import supplies
from rewards.actions.audit import checks_of_books
from rewards.actions.setbacks import setbacks_aside
from rewards.models import Budget
from rewards.review_selectors import reviews_open
from tracking.models import Breaker, Leak, Referral


@dataclass(frozen=True, slots=True)
class Need:
    """``path`` is below the workspace's address."""

    tone: str
    text: str
    path: str
    action: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the needs and the first steps are read from. Everything that is only counted is one statement."""

    programs: list[Program]
    connections: list[Connection]
    counts: dict[str, int]

    @property
    def was_published(self) -> bool:
        """Any program at all, those that were put away too."""
        return bool(self.counts["any_published"])


def look_around(today: date) -> Seen:
    """``today`` on the workspace's calendar."""
    return Seen(programs=_programs(), connections=_connected(), counts=_counted(today))


@asked_often
def _programs() -> QuerySet[Program]:
    tripped = Exists(Breaker.objects.filter(program=OuterRef("pk"), tripped_at__isnull=False))
    return programs().annotate(is_tripped=tripped)


@asked_often
def _connected() -> QuerySet[Connection]:
    return connections()


def _counted(today: date) -> dict[str, int]:
    """One statement, whose SQL is made once: making it takes several times as long as answering it."""
    [row] = _asked(today)
    return {name: int(number or 0) for name, number in zip(_names(), row, strict=True)}


@asked_often
def _asked(today: date) -> QuerySet[Any]:
    return row_of(*_questions(today).values())


@cache
def _names() -> tuple[str, ...]:
    return tuple(_questions(date.min))


def _questions(today: date) -> dict[str, Subquery]:
    reviews = reviews_open()
    return dict(
        **rewards_to_see(),
        messages=count_of(events_set_aside()),
        setbacks=count_of(setbacks_aside()),
        differences=Subquery(_last_differences()),
        to_disable=count_of(to_disable()),
        to_give_anew=count_of(to_give_anew()),
        reviews=count_of(reviews),
        late=count_of(reviews.filter(reminded_at__isnull=False)),
        leaks=count_of(Leak.objects.filter(state=Leak.State.OPEN)),
        leads=count_of(overdue(today)),
        worths=count_of(Referral.objects.filter(needs_worth=True)),
        any_referral=_any_of(Referral.objects),
        any_advocate=_any_of(Advocate.objects),
        any_published=_any_of(Program.objects.exclude(state=Program.State.DRAFT)),
    )


def _any_of(rows: Any) -> CountOf:
    return CountOf(rows.order_by().values("pk")[:1])


def _last_differences() -> Any:
    """How many the newest check of the books found."""
    found = checks_of_books().order_by("-seq").annotate(found=Cast(KT("data__differences"), IntegerField()))
    return found.values("found")[:1]


def needs_of(desk: Desk, seen: Seen) -> list[Need]:
    """The worst first. What a role may not mend is shown too: somebody has to tell the others."""
    known, counts = seen.programs, seen.counts
    found = [
        *(*_connections(seen), *_books(counts), *_set_aside(counts), *_reviews(seen), *_leaks(counts)),
        *(*_rewards(counts), *_worths(counts), *_leads(counts)),
        *(*_stock(desk, known), *_budgets(desk, known), *_paused(known), *_drafts(desk, known)),
    ]
    return sorted(found, key=lambda need: ["bad", "warn", "info"].index(need.tone))


def _connections(seen: Seen) -> Iterator[Need]:
    broken = {Connection.Health.FAILING, Connection.Health.OFF}
    for one in seen.connections:
        if one.health in broken:
            text = _("%(name)s: %(health)s.") % {"name": one.name, "health": one.get_health_display()}
            yield Need("bad", text, f"/connections/{public_id('con', one.pk)}", _("See why"))
    if count := seen.counts["messages"]:
        text = ngettext(
            "%(count)s message of your shop was set aside.", "%(count)s messages of your shop were set aside.", count
        )
        yield Need("bad", text % {"count": count}, "/connections/deliveries?state=SET_ASIDE", _("See them"))


def _set_aside(counts: dict[str, int]) -> Iterator[Need]:
    if count := counts["setbacks"]:
        text = ngettext("%(count)s thing broke again and again.", "%(count)s things broke again and again.", count)
        yield Need("bad", text % {"count": count}, "/set-aside", _("See what it is"))


def _reviews(seen: Seen) -> Iterator[Need]:
    """Cases that wait, and programs whose new referrals all wait because there were too many at once."""
    if count := seen.counts["reviews"]:
        text = ngettext("%(count)s review waits for you.", "%(count)s reviews wait for you.", count)
        yield Need("bad" if seen.counts["late"] else "warn", text % {"count": count}, "/reviews", _("Look at them"))
    for program in (one for one in seen.programs if one.is_tripped):  # type: ignore[attr-defined]  # look_around
        text = _("%(program)s: unusually many referrals, so new ones are held.") % {"program": program.name}
        yield Need("bad", text, f"/programs/{program.slug}/checks", _("See what is going on"))


def _leaks(counts: dict[str, int]) -> Iterator[Need]:
    if count := counts["leaks"]:
        text = ngettext("%(count)s link has got out.", "%(count)s links have got out.", count)
        yield Need("warn", text % {"count": count}, "/leaks?state=OPEN", _("See where"))


def _rewards(counts: dict[str, int]) -> Iterator[Need]:
    failed = ngettext(
        "%(count)s reward could not be delivered.", "%(count)s rewards could not be delivered.", counts["failed"]
    )
    to_send = ngettext(
        "%(count)s reward is to be sent by hand.", "%(count)s rewards are to be sent by hand.", counts["to_send"]
    )
    stopped = ngettext("%(count)s reward is stopped.", "%(count)s rewards are stopped.", counts["stopped"])
    unshipped = ngettext(
        "%(count)s reward waits for an order that was not shipped for more than 60 days.",
        "%(count)s rewards wait for orders that were not shipped for more than 60 days.",
        counts["unshipped"],
    )
    asked = [("bad", failed, counts["failed"], "FAILED"), ("warn", to_send, counts["to_send"], "TO_SEND"),
             ("warn", stopped, counts["stopped"], "STOPPED_HERE"),
             ("warn", unshipped, counts["unshipped"], "UNSHIPPED_LONG")]  # fmt: skip
    for tone, text, count, state in asked:
        if count:
            yield Need(tone, text % {"count": count}, f"/rewards?state={state}", _("See them"))


def _worths(counts: dict[str, int]) -> Iterator[Need]:
    """Orders in another currency than their program's: nobody converts them, so somebody has to say."""
    if count := counts["worths"]:
        text = ngettext(
            "%(count)s referral is in another currency than its program.",
            "%(count)s referrals are in another currency than their program.",
            count,
        )
        yield Need("warn", text % {"count": count}, "/referrals?state=NEEDS_WORTH", _("Say what it is worth"))


def _books(counts: dict[str, int]) -> Iterator[Need]:
    """Differences in the ledger, and codes that only a person can disable or replace."""
    if count := counts["differences"]:
        text = ngettext("The books differ in %(count)s place.", "The books differ in %(count)s places.", count)
        yield Need("bad", text % {"count": count}, "/ledger", _("See where"))
    if count := counts["to_disable"]:
        text = ngettext("%(count)s code is to be disabled.", "%(count)s codes are to be disabled.", count)
        yield Need("warn", text % {"count": count}, "/rewards?state=TO_DISABLE", _("See them"))
    if count := counts["to_give_anew"]:
        text = ngettext("%(count)s code has to be replaced.", "%(count)s codes have to be replaced.", count)
        yield Need("warn", text % {"count": count}, "/rewards?state=TO_GIVE_ANEW", _("See them"))


def _leads(counts: dict[str, int]) -> Iterator[Need]:
    if count := counts["leads"]:
        text = ngettext("%(count)s lead waits for its next step.", "%(count)s leads wait for their next step.", count)
        yield Need("warn", text % {"count": count}, "/leads?due=late", _("See them"))


def _stock(desk: Desk, known: list[Program]) -> Iterator[Need]:
    """What programs promise and what is running out: codes of programs and of kinds, pieces on the shelf."""
    live = [program for program in known if program.state == Program.State.ACTIVE]
    needed = [(program, purpose) for program in live for purpose in pools_needed(program.live_terms)]
    promised = {gives.id for program in live for _field, _way, gives in given_by(program.live_terms) if gives}
    of_programs, of_kinds = stock_everywhere() if needed or promised else ({}, {})
    for program, purpose in needed:
        yield from _pool(desk, program, purpose, of_programs.get((program.pk, purpose), NO_STOCK))
    if promised:
        yield from _kinds(promised, of_kinds)


def _pool(desk: Desk, program: Program, purpose: str, stock: Stock) -> Iterator[Need]:
    if not stock.is_low:
        return
    what, may_edit = str(CodePool.Purpose(purpose).label), desk.may("program.edit")
    path = f"/programs/{program.slug}" + (f"/codes/{purpose.lower()}" if may_edit else "")
    action = _("Upload codes") if may_edit else _("See the program")
    if stock.left:
        text = ngettext(
            "%(program)s, %(what)s: %(count)s code left.", "%(program)s, %(what)s: %(count)s codes left.", stock.left
        )
        yield Need("warn", text % {"program": program.name, "what": what, "count": stock.left}, path, action)
    else:
        text = _("%(program)s, %(what)s: no codes left.") % {"program": program.name, "what": what}
        yield Need("bad", text, path, action)


def _kinds(promised: Collection[Any], codes: Mapping[UUID, Stock]) -> Iterator[Need]:
    kinds = {kind.pk: kind for kind in RewardKind.objects.filter(pk__in=promised)}
    for key, supply in supplies(kinds.values(), codes).items():
        if supply.is_short:
            text = _("%(name)s: %(left)s.") % {"name": kinds[key].name, "left": supply.text}
            yield Need(supply.tone, text, f"/kinds/{public_id('knd', key)}", _("See the stock"))


def _budgets(desk: Desk, known: list[Program]) -> Iterator[Need]:
    """At 80 % and used up; of programs that run."""
    running = {program.pk: program for program in known if program.state == Program.State.ACTIVE}
    action = _("See the budget") if desk.may("budget.view") else _("See the program")
    for budget in _budgets_of(list(running)):
        program, tone = running[budget.program_id], tone_of(budget)
        path = f"/programs/{program.slug}" + ("/budget" if desk.may("budget.view") else "")
        values = {"program": program.name, "share": percent(share_of(budget), language_of_page())}
        if tone == "bad" and budget.is_hard:
            yield Need("bad", _("%(program)s: the budget is used up, so the offer pauses.") % values, path, action)
        elif tone == "bad":
            yield Need("warn", _("%(program)s: the budget is used up; rewards go on.") % values, path, action)
        elif tone:
            yield Need("warn", _("%(program)s: %(share)s of the budget is used.") % values, path, action)


@asked_often
def _budgets_of(programs: list[UUID]) -> QuerySet[Budget]:
    return Budget.objects.filter(any_of("program", programs)).order_by("pk")


def _paused(known: list[Program]) -> Iterator[Need]:
    """Wanted, and forgotten easily: the links are out there, and friends find nothing behind them."""
    for program in known:
        if program.state == Program.State.PAUSED:
            text = _("%(program)s is paused: its links give no offer.") % {"program": program.name}
            yield Need("info", text, f"/programs/{program.slug}", _("See the program"))


def _drafts(desk: Desk, known: list[Program]) -> Iterator[Need]:
    may_edit = desk.may("program.edit")
    for program in known:
        if program.state == Program.State.ENDED or not has_unpublished_changes(program):
            continue
        text = _("%(program)s is a draft.") if program.terms is None else _("%(program)s has changes to publish.")
        path = f"/programs/{program.slug}" + ("/publish" if may_edit else "")
        action = _("Look and publish") if may_edit else _("See the program")
        yield Need("info", text % {"program": program.name}, path, action)


def first_steps(desk: Desk, seen: Seen) -> list[dict[str, str]]:
    """The way to the first referral, each step done when its rows say so; empty once referrals come."""
    if seen.counts["any_referral"]:
        return []
    states = {program.state for program in seen.programs}
    is_connected = bool(seen.connections) or api_keys().filter(revoked_at=None).exists()
    done = [
        (_("Make a program"), bool(states), "/programs"),
        (_("Publish it"), Program.State.ACTIVE in states, "/programs"),
        (_("Connect your shop"), is_connected, "/connections"),
        (_("Enrol the first advocates"), bool(seen.counts["any_advocate"]), "/advocates"),
    ]
    return _as_steps(done, f"/w/{desk.merchant.slug}")


def _as_steps(done: list[tuple[str, bool, str]], base: str) -> list[dict[str, str]]:
    """The first that is not done is the one to do now."""
    now = next((index for index, (_label, is_done, _path) in enumerate(done) if not is_done), len(done))
    return [
        {"label": label, "url": base + path, "state": "done" if is_done else "now" if index == now else "ahead"}
        for index, (label, is_done, path) in enumerate(done)
    ]
