"""What needs somebody: each in a sentence, with the page that shows the rows and lets them be mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from insights.home import has_advocates, has_referrals, rewards_to_see
from insights.programs import NO_STOCK, Stock, stock_by_pool
from integrations.models import Connection
from integrations.selectors import connections, events_set_aside
from kit.ids import public_id
from kit.wording import percent
from merchants.selectors import api_keys
from programs.models import CodePool, Program, RewardKind
from programs.selectors import given_by, has_unpublished_changes, pools_needed, programs
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.limits_page import share_of, tone_of
from referral_saas.dashboard.reward_filters import to_disable, to_give_anew
from referral_saas.dashboard.stock_words import supplies
from rewards.actions.audit import last_check
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


def needs_of(desk: Desk) -> list[Need]:
    """The worst first. What a role may not mend is shown too: somebody has to tell the others."""
    known = list(programs())
    found = [
        *(*_connections(), *_books(), *_set_aside(), *_reviews(), *_leaks(), *_rewards(), *_worths()),
        *(*_codes(desk, known), *_kinds(known), *_budgets(desk, known), *_drafts(desk, known)),
    ]
    return sorted(found, key=lambda need: ["bad", "warn", "info"].index(need.tone))


def _connections() -> Iterator[Need]:
    broken = {Connection.Health.FAILING, Connection.Health.OFF}
    for one in connections():
        if one.health in broken:
            text = _("%(name)s: %(health)s.") % {"name": one.name, "health": one.get_health_display()}
            yield Need("bad", text, f"/connections/{public_id('con', one.pk)}", _("See why"))
    if count := events_set_aside().count():
        text = ngettext(
            "%(count)s message of your shop was set aside.", "%(count)s messages of your shop were set aside.", count
        )
        yield Need("bad", text % {"count": count}, "/connections/deliveries?state=SET_ASIDE", _("See them"))


def _set_aside() -> Iterator[Need]:
    if count := setbacks_aside().count():
        text = ngettext("%(count)s thing broke again and again.", "%(count)s things broke again and again.", count)
        yield Need("bad", text % {"count": count}, "/set-aside", _("See what it is"))


def _reviews() -> Iterator[Need]:
    """Cases that wait, and programs whose new referrals all wait because there were too many at once."""
    waiting = reviews_open().aggregate(all=Count("pk"), late=Count("pk", filter=Q(reminded_at__isnull=False)))
    if count := waiting["all"]:
        text = ngettext("%(count)s review waits for you.", "%(count)s reviews wait for you.", count)
        yield Need("bad" if waiting["late"] else "warn", text % {"count": count}, "/reviews", _("Look at them"))
    for breaker in Breaker.objects.filter(tripped_at__isnull=False).select_related("program").order_by("pk"):
        text = _("%(program)s: unusually many referrals, so new ones are held.") % {"program": breaker.program.name}
        yield Need("bad", text, f"/programs/{breaker.program.slug}/checks", _("See what is going on"))


def _leaks() -> Iterator[Need]:
    if count := Leak.objects.filter(state=Leak.State.OPEN).count():
        text = ngettext("%(count)s link has got out.", "%(count)s links have got out.", count)
        yield Need("warn", text % {"count": count}, "/leaks?state=OPEN", _("See where"))


def _rewards() -> Iterator[Need]:
    found = rewards_to_see()
    failed = ngettext(
        "%(count)s reward could not be delivered.", "%(count)s rewards could not be delivered.", found.failed
    )
    to_send = ngettext(
        "%(count)s reward is to be sent by hand.", "%(count)s rewards are to be sent by hand.", found.to_send
    )
    stopped = ngettext("%(count)s reward is stopped.", "%(count)s rewards are stopped.", found.stopped)
    unshipped = ngettext(
        "%(count)s reward waits for an order that was not shipped for more than 60 days.",
        "%(count)s rewards wait for orders that were not shipped for more than 60 days.",
        found.unshipped,
    )
    asked = [("bad", failed, found.failed, "FAILED"), ("warn", to_send, found.to_send, "TO_SEND"),
             ("warn", stopped, found.stopped, "STOPPED_HERE"),
             ("warn", unshipped, found.unshipped, "UNSHIPPED_LONG")]  # fmt: skip
    for tone, text, count, state in asked:
        if count:
            yield Need(tone, text % {"count": count}, f"/rewards?state={state}", _("See them"))


def _worths() -> Iterator[Need]:
    """Orders in another currency than their program's: nobody converts them, so somebody has to say."""
    if count := Referral.objects.filter(needs_worth=True).count():
        text = ngettext(
            "%(count)s referral is in another currency than its program.",
            "%(count)s referrals are in another currency than their program.",
            count,
        )
        yield Need("warn", text % {"count": count}, "/referrals?state=NEEDS_WORTH", _("Say what it is worth"))


def _books() -> Iterator[Need]:
    """Differences in the ledger, and codes that only a person can disable or replace."""
    checked = last_check()
    if checked and (count := checked.data["differences"]):
        text = ngettext("The books differ in %(count)s place.", "The books differ in %(count)s places.", count)
        yield Need("bad", text % {"count": count}, "/ledger", _("See where"))
    if count := to_disable().count():
        text = ngettext("%(count)s code is to be disabled.", "%(count)s codes are to be disabled.", count)
        yield Need("warn", text % {"count": count}, "/rewards?state=TO_DISABLE", _("See them"))
    if count := to_give_anew().count():
        text = ngettext("%(count)s code has to be replaced.", "%(count)s codes have to be replaced.", count)
        yield Need("warn", text % {"count": count}, "/rewards?state=TO_GIVE_ANEW", _("See them"))


def _codes(desk: Desk, known: list[Program]) -> Iterator[Need]:
    stock = stock_by_pool()
    for program in known:
        if program.state == Program.State.ACTIVE:
            for purpose in pools_needed(program.live_terms):
                yield from _pool(desk, program, purpose, stock.get((program.pk, purpose), NO_STOCK))


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


def _kinds(known: list[Program]) -> Iterator[Need]:
    """What programs promise and what is running out: pieces on the shelf, codes of a kind."""
    live = [program for program in known if program.state == Program.State.ACTIVE]
    promised = {gives.id for program in live for _field, _way, gives in given_by(program.live_terms) if gives}
    kinds = {kind.pk: kind for kind in RewardKind.objects.filter(pk__in=promised)}
    for key, supply in supplies(kinds.values()).items():
        if supply.is_short:
            text = _("%(name)s: %(left)s.") % {"name": kinds[key].name, "left": supply.text}
            yield Need(supply.tone, text, f"/kinds/{public_id('knd', key)}", _("See the stock"))


def _budgets(desk: Desk, known: list[Program]) -> Iterator[Need]:
    """At 80 % and used up; of programs that run."""
    running = {program.pk: program for program in known if program.state == Program.State.ACTIVE}
    action = _("See the budget") if desk.may("budget.view") else _("See the program")
    for budget in Budget.objects.filter(program__in=running).order_by("pk"):
        program, tone = running[budget.program_id], tone_of(budget)
        path = f"/programs/{program.slug}" + ("/budget" if desk.may("budget.view") else "")
        values = {"program": program.name, "share": percent(share_of(budget), get_language() or "en")}
        if tone == "bad" and budget.is_hard:
            yield Need("bad", _("%(program)s: the budget is used up, so the offer pauses.") % values, path, action)
        elif tone == "bad":
            yield Need("warn", _("%(program)s: the budget is used up; rewards go on.") % values, path, action)
        elif tone:
            yield Need("warn", _("%(program)s: %(share)s of the budget is used.") % values, path, action)


def _drafts(desk: Desk, known: list[Program]) -> Iterator[Need]:
    may_edit = desk.may("program.edit")
    for program in known:
        if program.state == Program.State.ENDED or not has_unpublished_changes(program):
            continue
        text = _("%(program)s is a draft.") if program.terms is None else _("%(program)s has changes to publish.")
        path = f"/programs/{program.slug}" + ("/publish" if may_edit else "")
        action = _("Look and publish") if may_edit else _("See the program")
        yield Need("info", text % {"program": program.name}, path, action)


def first_steps(desk: Desk) -> list[dict[str, str]]:
    """The way to the first referral, each step done when its rows say so; empty once referrals come."""
    if has_referrals():
        return []
    states = set(programs().values_list("state", flat=True))
    is_live = Program.State.ACTIVE in states
    is_connected = connections().exists() or api_keys().filter(revoked_at=None).exists()
    done = [
        (_("Make a program"), bool(states), "/programs"),
        (_("Publish it"), is_live, "/programs"),
        (_("Connect your shop"), is_connected, "/connections"),
        (_("Enrol the first advocates"), has_advocates(), "/advocates"),
    ]
    return _as_steps(done, f"/w/{desk.merchant.slug}")


def _as_steps(done: list[tuple[str, bool, str]], base: str) -> list[dict[str, str]]:
    """The first that is not done is the one to do now."""
    now = next((index for index, (_label, is_done, _path) in enumerate(done) if not is_done), len(done))
    return [
        {"label": label, "url": base + path, "state": "done" if is_done else "now" if index == now else "ahead"}
        for index, (label, is_done, path) in enumerate(done)
    ]
