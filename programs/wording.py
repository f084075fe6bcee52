"""What a program's terms mean, in sentences. Everything people read about the rules is made here, from the rules.

"You" is the advocate, except where a function says that it speaks to the friend. Each sentence is a whole message with
placeholders, so that other languages can order their words as they need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.lists import format_list
from babel.numbers import format_percent
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.money import format_money
from kit.wording import day, locale_of
from programs.models import Program
from programs.problems import field_name as field_name
from programs.problems import problem_text as problem_text
from programs.rules import CodeSource, Fulfilment, Offer, RewardRule, Scope, Terms, TouchRule, Value


@dataclass(frozen=True, slots=True)
class Clause:
    heading: str
    sentences: list[str]

    def __str__(self) -> str:
        return " ".join(self.sentences)


@dataclass(frozen=True, slots=True)
class _Words:
    """What every sentence needs: the terms, how their values are written, and the shop's name."""

    terms: Terms
    shop: str
    language: str

    def money(self, minor: int) -> str:
        return format_money(minor, self.terms.currency, self.language)

    def percent(self, basis_points: int) -> str:
        """Exact: what is promised is never rounded for show."""
        locale = locale_of(self.language)
        pattern = str(locale.percent_formats[None].pattern).replace("#,##0", "#,##0.##")
        return str(format_percent(Decimal(basis_points) / 10_000, format=pattern, locale=locale))

    def value(self, kind: Value, value: int) -> str:
        return self.percent(value) if kind == Value.PERCENT else self.money(value)

    def date(self, iso: str) -> str:
        return day(date.fromisoformat(iso), "UTC", self.language)

    def countries(self) -> str:
        locale = locale_of(self.language)
        names = [str(locale.territories.get(code, code)) for code in self.terms.countries]
        return str(format_list(sorted(names), style="standard", locale=locale))


def plain_summary(terms: Terms, program: Program, language: str) -> list[str]:
    """The whole of the terms for the advocate: one short paragraph per subject."""
    return [str(clause) for clause in terms_page(terms, program, language)]


def terms_page(terms: Terms, program: Program, language: str) -> list[Clause]:
    """The same as clauses with headings, for the page that is accepted."""
    with translation.override(language):
        words = _words(terms, program, language)
        return [
            Clause(_("Who can take part"), list(_who(words))),
            Clause(_("What your friend gets"), list(_friend_side(words))),
            Clause(_("What you get"), list(_advocate_side(words))),
            Clause(_("Which orders count"), list(_conditions(words))),
            Clause(_("When your reward comes"), list(_timing(words))),
            Clause(_("How to recommend"), list(_manners(words))),
            Clause(_("If the program changes"), list(_changes(words))),
        ]


def advocate_promise(terms: Terms, program: Program, language: str) -> str:
    """One line for the advocate: what a referral brings."""
    with translation.override(language):
        words, rule = _words(terms, program, language), terms.advocate_reward
        if rule.kind == Value.FIXED:
            return _("Get %(amount)s for each friend who buys.") % {"amount": words.money(rule.value)}
        if rule.cap_minor is None:
            return _("Get %(share)s of each friend's order.") % {"share": words.percent(rule.value)}
        values = {"share": words.percent(rule.value), "cap": words.money(rule.cap_minor)}
        return _("Get %(share)s of each friend's order, up to %(cap)s.") % values


def friend_headline(terms: Terms, program: Program, language: str, *, advocate: str = "") -> str:
    """One line for the friend. ``advocate`` is a first name, or empty."""
    with translation.override(language):
        words = _words(terms, program, language)
        if terms.offer:
            values = {"name": advocate, "value": words.value(terms.offer.kind, terms.offer.value), "shop": words.shop}
            if advocate:
                return _("%(name)s gives you %(value)s off at %(shop)s") % values
            return _("A friend gives you %(value)s off at %(shop)s") % values
        return _later_headline(words, advocate)


def _later_headline(words: _Words, advocate: str) -> str:
    rule = words.terms.friend_reward
    if rule is None:
        return _("A friend recommends %(shop)s") % {"shop": words.shop}
    values = {"name": advocate, "value": words.value(rule.kind, rule.value), "shop": words.shop}
    if rule.kind == Value.PERCENT:
        if advocate:
            return _("%(name)s recommends %(shop)s: you get %(value)s of your order back as a reward") % values
        return _("A friend recommends %(shop)s: you get %(value)s of your order back as a reward") % values
    if advocate:
        return _("%(name)s recommends %(shop)s: you get a reward of %(value)s after your order") % values
    return _("A friend recommends %(shop)s: you get a reward of %(value)s after your order") % values


def friend_conditions(terms: Terms, program: Program, language: str) -> list[str]:
    """The conditions as the friend must know them before claiming. "You" is the friend."""
    with translation.override(language):
        return list(_friend_conditions(_words(terms, program, language)))


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


def _words(terms: Terms, program: Program, language: str) -> _Words:
    return _Words(terms, program.merchant.name, language)


# --- the clauses ------------------------------------------------------------------------------------------------


def _who(words: _Words) -> Iterator[str]:
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


def _dates(words: _Words) -> Iterator[str]:
    start, end = words.terms.starts_on, words.terms.ends_on
    if start and end:
        yield _("The program runs from %(start)s to %(end)s.") % {"start": words.date(start), "end": words.date(end)}
    elif start:
        yield _("The program starts on %(start)s.") % {"start": words.date(start)}
    elif end:
        yield _("The program ends on %(end)s.") % {"end": words.date(end)}


def _friend_side(words: _Words) -> Iterator[str]:
    terms = words.terms
    if terms.offer:
        yield _offer_sentence(words, terms.offer)
    if terms.friend_reward:
        yield _friend_reward_sentence(words, terms.friend_reward)
    if not terms.offer and not terms.friend_reward:
        yield _("Nothing is promised to your friend yet.")
    if terms.new_customers_only:
        yield _("This is for people who have not bought from %(shop)s before.") % {"shop": words.shop}


def _offer_sentence(words: _Words, offer: Offer) -> str:
    values = {"value": words.value(offer.kind, offer.value), "count": offer.valid_days}
    if offer.source == CodeSource.SHOP_CODE:
        text = ngettext(
            "Your friend gets %(value)s off with a code that is valid for %(count)s day after they ask for it.",
            "Your friend gets %(value)s off with a code that is valid for %(count)s days after they ask for it.",
            offer.valid_days,
        )
    else:
        text = ngettext(
            "Your friend gets %(value)s off with a code that works once and is valid for %(count)s day after they "
            "ask for it.",
            "Your friend gets %(value)s off with a code that works once and is valid for %(count)s days after they "
            "ask for it.",
            offer.valid_days,
        )
    return text % values


def _friend_reward_sentence(words: _Words, rule: RewardRule) -> str:
    if rule.kind == Value.FIXED:
        return _("Your friend gets a reward of %(amount)s after their order, at the same time as you.") % {
            "amount": words.money(rule.value)
        }
    values = {"share": words.percent(rule.value)}
    if rule.cap_minor is None:
        return _("Your friend gets a reward of %(share)s of their order's value, at the same time as you.") % values
    return _(
        "Your friend gets a reward of %(share)s of their order's value, %(cap)s at most, at the same time as you."
    ) % {**values, "cap": words.money(rule.cap_minor)}


def _advocate_side(words: _Words) -> Iterator[str]:
    rule, cap = words.terms.advocate_reward, words.terms.advocate_cap
    yield _advocate_reward_sentence(words, rule)
    if rule.fulfilment in (Fulfilment.COUPON_POOL, Fulfilment.COUPON_WEBHOOK):
        yield _("It comes as a voucher code for %(shop)s.") % {"shop": words.shop}
    else:
        yield _("%(shop)s sends it to you.") % {"shop": words.shop}
    if cap is not None:
        text = ngettext(
            "You can be rewarded for %(count)s friend in total; friends after that still get what is promised to them.",
            "You can be rewarded for %(count)s friends in total; friends after that still get what is promised to "
            "them.",
            cap,
        )
        yield text % {"count": cap}


def _advocate_reward_sentence(words: _Words, rule: RewardRule) -> str:
    if rule.kind == Value.FIXED:
        return _("You get %(amount)s for each friend whose order counts.") % {"amount": words.money(rule.value)}
    values = {"share": words.percent(rule.value)}
    if rule.cap_minor is None:
        return _("For each friend whose order counts, you get %(share)s of the order's value.") % values
    return _("For each friend whose order counts, you get %(share)s of the order's value, %(cap)s at most.") % {
        **values,
        "cap": words.money(rule.cap_minor),
    }


def _conditions(words: _Words) -> Iterator[str]:
    terms = words.terms
    yield _order_within(terms)
    yield _paid_within(terms)
    yield _(
        "The value of an order is what your friend pays for products after all discounts, without tax, shipping, tips "
        "and gift cards."
    )
    yield from _limits(words)
    yield _first_or_last(words)
    yield _("Your own orders do not count, and each friend counts once.")


def _order_within(terms: Terms) -> str:
    return ngettext(
        "Your friend must order within %(count)s day of opening your link or receiving their code.",
        "Your friend must order within %(count)s days of opening your link or receiving their code.",
        terms.attribution_window_days,
    ) % {"count": terms.attribution_window_days}


def _paid_within(terms: Terms) -> str:
    return ngettext(
        "The order must be paid within %(count)s day of that.",
        "The order must be paid within %(count)s days of that.",
        terms.qualification_window_days,
    ) % {"count": terms.qualification_window_days}


def _limits(words: _Words) -> Iterator[str]:
    terms = words.terms
    if terms.min_order_minor:
        yield _("The order must be worth at least %(amount)s.") % {"amount": words.money(terms.min_order_minor)}
    if terms.scope != Scope.SHOP:
        yield _scope_sentence(terms)
    if terms.countries:
        yield _("Only orders from these countries count: %(countries)s.") % {"countries": words.countries()}


def _scope_sentence(terms: Terms) -> str:
    if terms.scope == Scope.PRODUCTS:
        return _("Only certain products count; the friend's page leads to them.")
    return _("Only products of certain collections count; the friend's page leads to them.")


def _first_or_last(words: _Words) -> str:
    shop = {"shop": words.shop}
    if words.terms.touch_rule == TouchRule.LAST:
        return (
            _(
                "If several people recommend %(shop)s to the same friend, the last one gets the reward, unless the "
                "friend enters the code of another one at checkout."
            )
            % shop
        )
    return (
        _(
            "If several people recommend %(shop)s to the same friend, the first one gets the reward, unless the friend "
            "enters the code of another one at checkout."
        )
        % shop
    )


def _timing(words: _Words) -> Iterator[str]:
    days = words.terms.return_window_days
    if days:
        text = ngettext(
            "Your reward is held until %(count)s day after your friend's whole order was delivered, because it can be "
            "returned until then.",
            "Your reward is held until %(count)s days after your friend's whole order was delivered, because it can be "
            "returned until then.",
            days,
        )
        yield text % {"count": days}
    else:
        yield _("Your reward comes when your friend's whole order was delivered.")
    yield _("Where no delivery is reported, the time is counted from dispatch or payment with a few days added.")
    yield _return_sentence(words)


def _return_sentence(words: _Words) -> str:
    if words.terms.advocate_reward.kind == Value.PERCENT:
        return _(
            "If part of the order is returned, the reward becomes smaller in proportion; if the order is cancelled or "
            "returned as a whole, there is no reward."
        )
    return _(
        "If the order is cancelled or returned as a whole, or so much is returned that it no longer meets these "
        "conditions, there is no reward."
    )


def _manners(words: _Words) -> Iterator[str]:
    shop = {"shop": words.shop}
    yield _("Say openly that you get a reward from %(shop)s when you recommend it.") % shop
    yield _("Recommend it only to people you know, and send nobody messages they did not ask for.")


def _changes(words: _Words) -> Iterator[str]:
    yield _("%(shop)s can change, pause or end this program for the future.") % {"shop": words.shop}
    yield _("Referrals made before keep the conditions they were made under, and rewards already earned still come.")


def _friend_conditions(words: _Words) -> Iterator[str]:
    terms, shop = words.terms, {"shop": words.shop}
    if terms.new_customers_only:
        yield _("For people who have not bought from %(shop)s before.") % shop
    if terms.min_order_minor:
        yield _("From an order of %(amount)s on, without tax and shipping.") % {
            "amount": words.money(terms.min_order_minor)
        }
    if terms.scope != Scope.SHOP:
        yield _("For certain products only.")
    if terms.countries:
        yield _("For orders from: %(countries)s.") % {"countries": words.countries()}
    if terms.offer:
        yield _code_condition(terms.offer)
    if terms.friend_reward:
        yield from _friend_timing(terms)


def _code_condition(offer: Offer) -> str:
    if offer.source == CodeSource.SHOP_CODE:
        text = ngettext(
            "Your code is valid for %(count)s day.", "Your code is valid for %(count)s days.", offer.valid_days
        )
    else:
        text = ngettext(
            "Your code works once and is valid for %(count)s day.",
            "Your code works once and is valid for %(count)s days.",
            offer.valid_days,
        )
    return text % {"count": offer.valid_days}


def _friend_timing(terms: Terms) -> Iterator[str]:
    days = terms.return_window_days
    if days:
        yield ngettext(
            "Your reward comes %(count)s day after your order was delivered, unless you return it.",
            "Your reward comes %(count)s days after your order was delivered, unless you return it.",
            days,
        ) % {"count": days}
    else:
        yield _("Your reward comes when your order was delivered, unless you return it.")
