"""Which orders count and when rewards come, in sentences, for the advocate and for the friend."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

from programs.rules import CodeRule, CodeSource, Holiday, Offer, Scope, Terms, TouchRule, Value
from programs.wording.words import Words


def conditions(words: Words) -> Iterator[str]:
    terms = words.terms
    yield _order_within(terms)
    yield _paid_within(terms)
    yield _base_sentence(terms)
    yield from _limits(words)
    yield _first_or_last(words)
    if terms.advocate_reward.recurring_months:
        yield _("Your own orders do not count.")
    else:
        yield _("Your own orders do not count, and each friend counts once.")


def _base_sentence(terms: Terms) -> str:
    if terms.count_tax and terms.count_shipping:
        return _(
            "The value of an order is what your friend pays for products and shipping after all discounts, with tax "
            "but without tips and gift cards."
        )
    if terms.count_tax:
        return _(
            "The value of an order is what your friend pays for products after all discounts, with tax but without "
            "shipping, tips and gift cards."
        )
    if terms.count_shipping:
        return _(
            "The value of an order is what your friend pays for products and shipping after all discounts, without "
            "tax, tips and gift cards."
        )
    return _(
        "The value of an order is what your friend pays for products after all discounts, without tax, shipping, tips "
        "and gift cards."
    )


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


def _limits(words: Words) -> Iterator[str]:
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


def _first_or_last(words: Words) -> str:
    return str(_SEVERAL[words.terms.touch_rule, words.terms.code_rule]) % {"shop": words.shop}


_SEVERAL = {
    (TouchRule.FIRST, CodeRule.OVERRIDES): _later(
        "If several people recommend %(shop)s to the same friend, the first one gets the reward, unless the friend "
        "enters the code of another one at checkout."
    ),
    (TouchRule.LAST, CodeRule.OVERRIDES): _later(
        "If several people recommend %(shop)s to the same friend, the last one gets the reward, unless the friend "
        "enters the code of another one at checkout."
    ),
    (TouchRule.FIRST, CodeRule.TOUCH): _later(
        "If several people recommend %(shop)s to the same friend, the first one gets the reward, also when the friend "
        "enters the code of another one at checkout."
    ),
    (TouchRule.LAST, CodeRule.TOUCH): _later(
        "If several people recommend %(shop)s to the same friend, the last one gets the reward. Entering a code at "
        "checkout counts as such a recommendation."
    ),
}


def timing(words: Words) -> Iterator[str]:
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
    yield from other_holds(words)
    yield _("Where no delivery is reported, the time is counted from dispatch or payment with a few days added.")
    yield _return_sentence(words)


def other_holds(words: Words) -> Iterator[str]:
    """Where the hold is not the plain window."""
    terms, usual = words.terms, words.terms.return_window_days
    most = max((override.days for override in terms.hold_overrides), default=usual)
    if most > usual:
        yield ngettext(
            "For some products the time is longer: up to %(count)s day.",
            "For some products the time is longer: up to %(count)s days.",
            most,
        ) % {"count": most}
    if any(override.days < usual for override in terms.hold_overrides):
        yield _("For some products the time is shorter.")
    if terms.trust_hold_days:
        yield _("For advocates whom %(shop)s has come to trust the time may be shorter.") % {"shop": words.shop}
    if terms.holiday:
        yield _holiday_sentence(words, terms.holiday)


def _holiday_sentence(words: Words, holiday: Holiday) -> str:
    values = {"start": holiday.from_on, "end": holiday.to_on, "until": holiday.until_on}
    return _(
        "What is delivered from %(start)s to %(end)s can be returned until %(until)s; rewards for it are held at least "
        "until then."
    ) % {name: words.date(iso) for name, iso in values.items()}


def _return_sentence(words: Words) -> str:
    if words.terms.advocate_reward.kind == Value.PERCENT:
        return _(
            "If part of the order is returned, the reward becomes smaller in proportion; if the order is cancelled or "
            "returned as a whole, there is no reward."
        )
    return _(
        "If the order is cancelled or returned as a whole, or so much is returned that it no longer meets these "
        "conditions, there is no reward."
    )


# --- for the friend -----------------------------------------------------------------------------------------------


def friend_side_conditions(words: Words) -> Iterator[str]:
    terms, shop = words.terms, {"shop": words.shop}
    if terms.new_customers_only:
        yield _("For people who have not bought from %(shop)s before.") % shop
    if terms.min_order_minor:
        yield _minimum(terms) % {"amount": words.money(terms.min_order_minor)}
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
    if any(override.days > days for override in terms.hold_overrides):
        yield _("For some products it takes longer, because they can be returned for longer.")


def _minimum(terms: Terms) -> str:
    if terms.count_tax and terms.count_shipping:
        return _("From an order of %(amount)s on, with tax and shipping.")
    if terms.count_tax:
        return _("From an order of %(amount)s on, with tax but without shipping.")
    if terms.count_shipping:
        return _("From an order of %(amount)s on, with shipping but without tax.")
    return _("From an order of %(amount)s on, without tax and shipping.")
