"""What merging two entries of one person means, in words: what goes over, what stays, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

from advocates.models import Advocate, Customer
from insights.finding import find
from kit.language import language_of_page
from kit.units import amount_text
from kit.wording import day
from privacy.merging import Outlook, Part, Place, merge_outlook
from privacy.twins import Sign, Twin, twins_of
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.paths import public

SIGNS: dict[Sign, Promise] = {
    Sign.ACCOUNT: _later("Is paid to the same account"),
    Sign.NUMBER: _later("Has the same number in the shop"),
    Sign.ADDRESS: _later("The same mailbox, written in another way"),
    Sign.NAME: _later("Has the same name"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    customer: Customer
    why: str
    with_id: str


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """Amounts in words. ``whose``: one of the two. ``back`` (to be kept back) and ``left`` (on their account) are empty
    where there is nothing of the kind."""

    whose: Customer
    unit: str
    held: str
    due: str
    paid: str
    back: str
    left: str


def finding_context(person: Customer, asked: str) -> dict[str, Any]:
    found = find(asked)
    people = {hit.customer.pk: hit.customer for hit in found.hits if hit.customer is not None}
    others = [one for one in people.values() if one.pk != person.pk and one.erased_at is None]
    return {
        "person": person,
        "asked": found.asked,
        "found": [Choice(one, "", public(one)) for one in others],
        "twins": [] if found.asked else [_choice(twin) for twin in twins_of(person)],
    }


def _choice(twin: Twin) -> Choice:
    return Choice(twin.customer, str(SIGNS[twin.sign]), public(twin.customer))


def outlook_context(
    desk: Desk, person: Customer, other: Customer, *, goes: Customer, stays: Customer
) -> dict[str, Any]:
    outlook = merge_outlook(goes=goes, stays=stays, now=desk.now)
    money = [line for part in (outlook.stays, outlook.goes) for line in _money(part)]
    return {
        "person": person,
        "other": other,
        "with_id": public(other),
        "goes": goes,
        "stays": stays,
        "obstacles": [obstacle_text(code) for code in outlook.obstacles],
        "over": list(_over(outlook.goes)),
        "places": [_place_text(place) for place in outlook.places],
        "money": money,
        "has_back": any(line.back for line in money),
        "has_left": any(line.left for line in money),
        "after": list(_after(outlook, desk)),
        "seen": outlook.digest,
    }


def obstacle_text(code: str) -> str:
    texts = {
        "same": _("This is the same entry. Choose another one."),
        "gone": _("One of the two was merged meanwhile. Look for them again."),
        "changed": _("Something about them changed while you looked. Read again what it means, then confirm."),
        "erased": _("One of the two was erased. Nobody can be merged with them any more."),
        "payout": _("One of them is in a payout that is not over. Close or cancel it, and come back."),
        "delivery": _("A reward is on its way to one of them, or was tried. Come back when it has arrived or failed."),
        "in_doubt": _(
            "Of a reward of one of them it is not known whether it arrived. Say on its page what became of it."
        ),
        "tax_form": _("One of them is asked for a tax form. Mark it as received, and come back."),
        "accounts": _(
            "They want to be paid to different accounts. Ask which one is right, let them enter it for both in the"
            " portal, and come back."
        ),
        "both_referred": _("Both were referred in the same program, and each friend counts once. They stay apart."),
        "leads": _("Both are leads in the same program. They stay apart."),
        "own_rewards": _(
            "One referred the other, and a reward for it is still to come: it would be for themselves. Refuse that"
            " reward first, or let it be given."
        ),
        "balances": _("Something that had run out on one account would come back by what was used on the other."),
    }
    return texts[code]


def _over(goes: Part) -> Iterator[str]:
    """What goes over, counted."""
    for name, count in goes.counts.items():
        if count:
            yield _counted(name, count)


def _counted(name: str, count: int) -> str:
    words = {
        "orders": ngettext("%(count)s order", "%(count)s orders", count),
        "brought": ngettext("%(count)s referral they brought", "%(count)s referrals they brought", count),
        "came_by": ngettext("%(count)s referral by which they came", "%(count)s referrals by which they came", count),
        "claims": ngettext("%(count)s offer they claimed", "%(count)s offers they claimed", count),
        "rewards": ngettext("%(count)s reward", "%(count)s rewards", count),
        "links": ngettext("%(count)s link", "%(count)s links", count),
        "notes": ngettext("%(count)s note", "%(count)s notes", count),
        "tags": ngettext("%(count)s tag", "%(count)s tags", count),
        "tasks": ngettext("%(count)s task", "%(count)s tasks", count),
        "leads": ngettext("%(count)s lead", "%(count)s leads", count),
    }
    return words[name] % {"count": count}


def _place_text(place: Place) -> str:
    state = str(Advocate.State(place.state).label)
    told = {"program": place.program, "state": state}
    words = _("%(program)s: both take part, and are one advocate there afterwards (%(state)s).")
    text = (words if place.is_both else _("%(program)s: goes over as it is (%(state)s).")) % told
    if not place.codes:
        return text
    codes = ", ".join(place.codes) + (" …" if place.is_cut else "")
    return text + " " + _("These codes go on, and count for whoever stays: %(codes)s.") % {"codes": codes}


def _money(part: Part) -> Iterator[MoneyLine]:
    language = language_of_page()
    states: Mapping[str, Any] = {line.unit: line for line in part.money}
    left = {each.unit: each.left for each in part.balances}
    for unit in sorted({*states, *left, *part.back}):
        line = states.get(unit)
        amounts = (line.held_minor, line.due_minor, line.paid_minor) if line else (0, 0, 0)
        held, due, paid = (amount_text(each, unit, language) for each in amounts)
        back, balance = (amount_text(of[unit], unit, language) if unit in of else "" for of in (part.back, left))
        yield MoneyLine(part.customer, unit, held=held, due=due, paid=paid, back=back, left=balance)


def _after(outlook: Outlook, desk: Desk) -> Iterator[str]:
    goes, stays = outlook.goes.customer, outlook.stays.customer
    yield _("No amount changes. Rewards, balances and debts of both are one person's from then on.")
    if any(place.is_both for place in outlook.places):
        yield _("The most an advocate may get counts what both have had. What was granted stays granted.")
    yield _("Orders stay decided as they are.")
    if outlook.own_released:
        words = ngettext(
            "%(count)s order by which one referred the other was rewarded. It stays so, and nothing is taken back.",
            "%(count)s orders by which one referred the other were rewarded. They stay so, and nothing is taken back.",
            outlook.own_released,
        )
        yield words % {"count": outlook.own_released}
    told = {"gone": goes.email, "stays": stays.email}
    yield _("%(gone)s opens no portal any more: who asks with it gets the way in at %(stays)s.") % told
    yield _("Whoever buys or signs up as %(gone)s is %(stays)s.") % told
    if outlook.is_unsubscribed:
        since = min(filter(None, [goes.unsubscribed_at, stays.unsubscribed_at]))
        words = _("One of them wants no mails since %(day)s, so the person gets none.")
        yield words % {"day": day(since, desk.workspace.time_zone, language_of_page())}
