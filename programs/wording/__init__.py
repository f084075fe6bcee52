"""What a program's terms mean, in sentences. Everything people read about the rules is made here, from the rules.

"You" is the advocate, except where a function says that it speaks to the friend. Each sentence is a whole message with
placeholders, so that other languages can order their words as they need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.models import Program
from programs.problems import field_name as field_name
from programs.problems import problem_text as problem_text
from programs.rules import RewardRule, Terms, Value
from programs.wording.conditions import conditions, friend_side_conditions, timing
from programs.wording.given import advocate_side, friend_side
from programs.wording.words import Words, words_of


@dataclass(frozen=True, slots=True)
class Clause:
    heading: str
    sentences: list[str]

    def __str__(self) -> str:
        return " ".join(self.sentences)


def plain_summary(terms: Terms, program: Program, language: str) -> list[str]:
    """The whole of the terms for the advocate: one short paragraph per subject."""
    return [str(clause) for clause in terms_page(terms, program, language)]


def terms_page(terms: Terms, program: Program, language: str) -> list[Clause]:
    """The same as clauses with headings, for the page that is accepted."""
    with translation.override(language):
        words = words_of(terms, program, language)
        return [
            Clause(_("Who can take part"), list(_who(words))),
            Clause(_("What your friend gets"), list(friend_side(words))),
            Clause(_("What you get"), list(advocate_side(words))),
            Clause(_("Which orders count"), list(conditions(words))),
            Clause(_("When your reward comes"), list(timing(words))),
            Clause(_("How to recommend"), list(_manners(words))),
            Clause(_("If the program changes"), list(_changes(words))),
        ]


def advocate_promise(terms: Terms, program: Program, language: str) -> str:
    """One line for the advocate: what a referral brings."""
    with translation.override(language):
        words, rule = words_of(terms, program, language), terms.advocate_reward
        values = {"amount": words.reward(rule), "share": words.reward(rule), "every": words.number(rule.every)}
        if rule.cap_minor is not None:
            values["cap"] = words.amount(rule.cap_minor, rule)
        return _promise(rule) % values


def _promise(rule: RewardRule) -> str:
    if rule.kind == Value.FIXED and rule.every == 1:
        return _("Get %(amount)s for each friend who buys.")
    if rule.kind == Value.FIXED:
        return ngettext(
            "Get %(amount)s for every %(every)s friend who buys.",
            "Get %(amount)s for every %(every)s friends who buy.",
            rule.every,
        )
    if rule.every > 1:
        return ngettext(
            "Get %(share)s of one order for every %(every)s friend who buys.",
            "Get %(share)s of one order for every %(every)s friends who buy.",
            rule.every,
        )
    if rule.cap_minor is None:
        return _("Get %(share)s of each friend's order.")
    return _("Get %(share)s of each friend's order, up to %(cap)s.")


def reward_value(rule: RewardRule, terms: Terms, language: str) -> str:
    """What a rule gives, alone: "10%", "€10.00", "500 MB", a thing by its name."""
    with translation.override(language):
        return Words(terms, "", language).reward(rule)


def friends_promise(terms: Terms, language: str) -> str:
    """The friend's side in one line to the advocate; empty where friends get nothing."""
    with translation.override(language):
        words = Words(terms, "", language)
        if terms.offer:
            return _("Your friends get %(value)s off their order.") % {"value": words.offer(terms.offer)}
        rule = terms.friend_reward
        if rule is None:
            return ""
        value = {"value": words.reward(rule)}
        if rule.kind == Value.PERCENT:
            return _("Your friends get %(value)s of their order back as a reward.") % value
        if rule.gives:
            return _("Your friends get %(value)s after their order.") % value
        return _("Your friends get a reward of %(value)s after their order.") % value


def friend_headline(terms: Terms, program: Program, language: str, *, advocate: str = "") -> str:
    """One line for the friend. ``advocate`` is a first name, or empty."""
    with translation.override(language):
        words = words_of(terms, program, language)
        if terms.offer:
            values = {"name": advocate, "value": words.offer(terms.offer), "shop": words.shop}
            if advocate:
                return _("%(name)s gives you %(value)s off at %(shop)s") % values
            return _("A friend gives you %(value)s off at %(shop)s") % values
        return _later_headline(words, advocate)


def _later_headline(words: Words, advocate: str) -> str:
    rule = words.terms.friend_reward
    if rule is None:
        return _("A friend recommends %(shop)s") % {"shop": words.shop}
    values = {"name": advocate, "value": words.reward(rule), "shop": words.shop}
    if rule.kind == Value.PERCENT:
        if advocate:
            return _("%(name)s recommends %(shop)s: you get %(value)s of your order back as a reward") % values
        return _("A friend recommends %(shop)s: you get %(value)s of your order back as a reward") % values
    if rule.gives:
        if advocate:
            return _("%(name)s recommends %(shop)s: you get %(value)s after your order") % values
        return _("A friend recommends %(shop)s: you get %(value)s after your order") % values
    if advocate:
        return _("%(name)s recommends %(shop)s: you get a reward of %(value)s after your order") % values
    return _("A friend recommends %(shop)s: you get a reward of %(value)s after your order") % values


def friend_conditions(terms: Terms, program: Program, language: str) -> list[str]:
    """The conditions as the friend must know them before claiming. "You" is the friend."""
    with translation.override(language):
        return list(friend_side_conditions(words_of(terms, program, language)))


def disclosure(terms: Terms, program: Program, language: str, *, advocate: str = "") -> str:
    """Tells the friend that whoever recommends is rewarded for it."""
    with translation.override(language):
        values = {"name": advocate, "shop": program.merchant.name}
        if advocate:
            return _("Advertisement: %(name)s gets a reward from %(shop)s if you buy.") % values
        return _("Advertisement: whoever sent you this link gets a reward from %(shop)s if you buy.") % values


def share_disclosure(terms: Terms, program: Program, language: str) -> str:
    """The same in the advocate's own words, for the text that is shared."""
    with translation.override(language):
        return _("Advertisement: I get a reward from %(shop)s if you buy.") % {"shop": program.merchant.name}


# --- the clauses ------------------------------------------------------------------------------------------------


def _who(words: Words) -> Iterator[str]:
    terms, shop = words.terms, {"shop": words.shop}
    if terms.advocate_min_orders > 0:
        text = ngettext(
            "You can take part once you have paid for %(count)s order at %(shop)s.",
            "You can take part once you have paid for %(count)s orders at %(shop)s.",
            terms.advocate_min_orders,
        )
        yield text % {"count": terms.advocate_min_orders, **shop}
    elif terms.advocates_must_be_customers:
        yield _("You can take part if you have bought from %(shop)s before.") % shop
    else:
        yield _("You can take part as soon as you have joined; you need not have bought from %(shop)s before.") % shop
    yield from _dates(words)


def _dates(words: Words) -> Iterator[str]:
    start, end = words.terms.starts_on, words.terms.ends_on
    if start and end:
        yield _("The program runs from %(start)s to %(end)s.") % {"start": words.date(start), "end": words.date(end)}
    elif start:
        yield _("The program starts on %(start)s.") % {"start": words.date(start)}
    elif end:
        yield _("The program ends on %(end)s.") % {"end": words.date(end)}


def _manners(words: Words) -> Iterator[str]:
    shop = {"shop": words.shop}
    yield _("Say openly that you get a reward from %(shop)s when you recommend it.") % shop
    yield _("Recommend it only to people you know, and send nobody messages they did not ask for.")


def _changes(words: Words) -> Iterator[str]:
    yield _("%(shop)s can change, pause or end this program for the future.") % {"shop": words.shop}
    yield _("Referrals made before keep the conditions they were made under, and rewards already earned still come.")
