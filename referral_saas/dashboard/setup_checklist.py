"""What should stand before a program goes live, each line asked of what is there, with the page on which it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from insights.setting_up import took_offer
from kit.language import language_of_page
from programs.actions.lifecycle import publishing_problems
from programs.models import Program
from programs.rules import CodeSource
from programs.rules.margin import Guard, Verdict, guard
from programs.selectors import driven_drafts, terms_digest
from referral_saas.dashboard.drafts import WayOut, ways_out
from referral_saas.dashboard.margin_words import verdict_text
from referral_saas.dashboard.setup_page import Way

TONES = {Verdict.GOOD: "good", Verdict.DEAR: "warn", Verdict.LOSS: "bad", Verdict.UNKNOWN: "neutral"}


@dataclass(frozen=True, slots=True)
class Line:
    """``path`` is below the workspace's address, or a whole address; empty where nothing is left to do."""

    key: str
    title: str
    text: str
    tone: str
    path: str = ""
    action: str = ""

    @property
    def is_outside(self) -> bool:
        return not self.path.startswith("/")

    @property
    def is_done(self) -> bool:
        return self.tone == "good"


def checklist(way: Way, program: Program) -> list[Line]:
    return [
        *(_offer(program), _terms(way), _margin(way, program), _sender(way), _customers(way)),
        *(_budget(way, program), _test_order(way, program)),
    ]


def still_to_do(way: Way, program: Program) -> list[Line]:
    """The same once it is live: the terms were agreed to by publishing, and what is left is done where it always is."""
    places = {
        "offer": f"/programs/{program.slug}/edit#id_offer_shop_code",
        "margin": f"/programs/{program.slug}/edit#id_advocate_reward_value",
        "sender": "/settings",
        "customers": "/customers",
    }
    lines = [line for line in checklist(way, program) if line.key != "terms"]
    return [replace(line, path=places[line.key]) if "/setup/" in line.path else line for line in lines]


def in_the_way(way: Way, program: Program) -> list[WayOut]:
    """What publishing would refuse. What is asked for in a step is mended there."""
    found = ways_out(program, publishing_problems(program, now=way.desk.now))
    return [_in_step(problem, program) for problem in found]


def _in_step(problem: WayOut, program: Program) -> WayOut:
    edit = f"/programs/{program.slug}/edit?check=1#id_"
    name = problem.path.removeprefix(edit)
    if name == problem.path or not name.startswith(("offer_", "friend_", "advocate_reward_")):
        return problem
    return WayOut(problem.label, problem.text, f"/setup/reward#id_{name}", problem.action)


def guard_of(way: Way, program: Program) -> Guard:
    """By what was said in the step, else by what the shop's own orders say."""
    said, known = way.said, way.known
    return guard(program.draft_terms, said.or_else(known))


def _offer(program: Program) -> Line:
    title, offer = _("Your shop knows the friends' code"), program.live_terms.offer
    if offer is None:
        return Line("offer", title, _("No code is needed: friends are rewarded after their order."), "good")
    if took_offer(program.pk, offer.shop_code if offer.source == CodeSource.SHOP_CODE else ""):
        return Line("offer", title, _("An order of your shop came in with it."), "good")
    if offer.source == CodeSource.SHOP_CODE:
        text = _("Place an order in your shop with this code, and it is confirmed by itself: %(code)s")
        words = text % {"code": offer.shop_code} if offer.shop_code else _("Say which code it is.")
        return Line("offer", title, words, "neutral", "/setup/reward#id_offer_shop_code", _("See the code"))
    if offer.source == CodeSource.POOL:
        text = _("The first order with one of your codes confirms it.")
        return Line("offer", title, text, "neutral", f"/programs/{program.slug}/codes/offer", _("See the codes"))
    text = _("Your webhook makes the codes; the first order with one confirms it.")
    return Line("offer", title, text, "neutral", "/connections", _("See the connections"))


def _terms(way: Way) -> Line:
    title = _("Terms read")
    if way.has_read_terms:
        return Line("terms", title, _("You agreed to them as they stand now."), "good")
    return Line("terms", title, _("Read once what your program promises."), "warn", "/setup/terms", _("Read the terms"))


def _margin(way: Way, program: Program) -> Line:
    found = guard_of(way, program)
    text = verdict_text(found, program.draft_terms.currency, language_of_page())
    return Line(
        "margin",
        _("Referrals pay for themselves"),
        text,
        TONES[found.verdict],
        "/setup/reward#margin",
        _("Look at the numbers"),
    )


def _sender(way: Way) -> Line:
    title, address = _("Answers reach you"), way.desk.workspace.support_email
    if address:
        return Line("sender", title, _("People who answer a mail write to %(address)s.") % {"address": address}, "good")
    text = _("Name an address for questions; every mail shows it.")
    return Line("sender", title, text, "warn", "/setup/brand#id_support_email", _("Name an address"))


def _customers(way: Way) -> Line:
    title = _("Your customers are known")
    if way.shown.has_brought_customers:
        return Line("customers", title, _("So only new ones count, and old ones can be invited."), "good")
    text = _("Without them an old customer counts as a new one.")
    return Line("customers", title, text, "warn", "/setup/customers", _("Import customers"))


def _budget(way: Way, program: Program) -> Line:
    title = _("A budget")
    if way.shown.has_budget:
        return Line("budget", title, _("You hear of it when little is left."), "good")
    text = _("Not needed. It limits what all rewards together may cost.")
    return Line("budget", title, text, "neutral", f"/programs/{program.slug}/budget", _("Set a budget"))


def _test_order(way: Way, program: Program) -> Line:
    """Of the shop, or of a test drive of the rules as they are now."""
    title, driven = (
        _("A test order was attributed"),
        set() if way.shown.has_attributed_order else driven_drafts(program),
    )
    if way.shown.has_attributed_order or terms_digest(program.draft_terms) in driven:
        return Line("order", title, _("The way from a link to an order works."), "good")
    text = _("Play the whole way once with two invented people. It takes two minutes, and nothing of it counts.")
    if driven:
        text = _("Your rules changed since the last test drive.")
    return Line("order", title, text, "neutral", f"/programs/{program.slug}/drive", _("Take a test drive"))
