"""What differs between two versions of a program's terms, rule by rule, in the merchant's words. Pure.

One table says of every rule how it is called and how it reads; whatever it does not tell apart is said as such, so that
two versions that differ never look alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

from programs.kind_wording import fulfilment_name
from programs.models import Program
from programs.rules import (
    CapPeriod,
    CodeRule,
    CodeSource,
    RewardRule,
    Scope,
    Terms,
    TierMetric,
    TouchRule,
)
from programs.wording.given import choices, levels, value_per_friend
from programs.wording.words import Words, words_of

#: Numbers of products or collections that are written out.
IDS_TOLD = 12


class Section(StrEnum):
    """Where in the editor a rule stands."""

    FRIEND = "friend"
    ADVOCATE = "advocate"
    ORDERS = "orders"
    HOLD = "hold"
    JOINING = "joining"


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule as it was and as it is. ``field`` is what the editor calls it; empty where it has no field."""

    section: Section
    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Rule:
    section: Section
    field: str
    label: str | Promise
    says: Callable[[Words], str]


def differences(before: Terms, after: Terms, program: Program, language: str) -> list[Difference]:
    """In the order of the editor; empty only for equal terms."""
    if before == after:
        return []
    with translation.override(language):
        was, now = words_of(before, program, language), words_of(after, program, language)
        found = [
            Difference(rule.section, rule.field, str(rule.label), rule.says(was), rule.says(now))
            for rule in RULES
            if rule.says(was) != rule.says(now)
        ]
        return found or [_told_apart_by_nothing()]


def _told_apart_by_nothing() -> Difference:
    label, other = _("Details that people do not read"), _("changed")
    return Difference(Section.ORDERS, "", label, _("as they were"), other)


# --- how each rule reads ------------------------------------------------------------------------------------------


def _none() -> str:
    return _("none")


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _days(words: Words, count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": words.number(count)}


def _offer(words: Words) -> str:
    offer = words.terms.offer
    return _("%(value)s off") % {"value": words.offer(offer)} if offer else _("nothing")


_SOURCES = {
    CodeSource.POOL: _later("single-use codes that you upload"),
    CodeSource.SHOP_CODE: _later("one code for everybody"),
    CodeSource.WEBHOOK: _later("your webhook"),
}


def _offer_source(words: Words) -> str:
    offer = words.terms.offer
    if offer is None:
        return _none()
    text = str(_SOURCES[offer.source])
    return f"{text}: {offer.shop_code}" if offer.source == CodeSource.SHOP_CODE else text


def _offer_days(words: Words) -> str:
    offer = words.terms.offer
    return _days(words, offer.valid_days) if offer else _none()


def _reward(words: Words, rule: RewardRule | None) -> str:
    return value_per_friend(words, rule) if rule else _("nothing")


def _delivery(rule: RewardRule | None) -> str:
    if rule is None:
        return _none()
    return fulfilment_name((rule.gives.fulfilment if rule.gives else rule.fulfilment).value)


def _every(words: Words) -> str:
    every = words.terms.advocate_reward.every
    if every == 1:
        return _("each friend")
    return ngettext("every %(count)s friend", "every %(count)s friends", every) % {"count": words.number(every)}


def _further(words: Words) -> str:
    months = words.terms.advocate_reward.recurring_months
    if not months:
        return _("no")
    return ngettext("for %(count)s month", "for %(count)s months", months) % {"count": words.number(months)}


def _choices(words: Words) -> str:
    return next(iter(choices(words)), "") or _none()


def _levels(words: Words) -> str:
    """Without the sentence that is the same for all."""
    return " ".join(list(levels(words))[:-1]) or _none()


_METRICS = {
    TierMetric.REFERRALS: _later("friends whose order counted"),
    TierMetric.REVENUE: _later("what those friends ordered"),
}
_PERIODS = {
    CapPeriod.EVER: _later("for ever"),
    CapPeriod.MONTH: _later("per calendar month"),
    CapPeriod.YEAR: _later("per calendar year"),
    CapPeriod.ROLLING_30: _later("within 30 days"),
    CapPeriod.ROLLING_365: _later("within 365 days"),
}
_TOUCHES = {TouchRule.FIRST: _later("the first one"), TouchRule.LAST: _later("the last one")}
_CODES = {CodeRule.OVERRIDES: _later("always wins"), CodeRule.TOUCH: _later("counts like a link opened then")}
_SCOPES = {
    Scope.SHOP: _later("the whole shop"),
    Scope.PRODUCTS: _later("certain products"),
    Scope.COLLECTIONS: _later("certain collections"),
}


def _cap(words: Words) -> str:
    cap = words.terms.advocate_cap
    return _none() if cap is None else words.number(cap)


def _cap_value(words: Words) -> str:
    cap = words.terms.advocate_cap_minor
    return _none() if cap is None else words.amount(cap, words.terms.advocate_reward)


def _least_order(words: Words) -> str:
    return words.money(words.terms.min_order_minor) if words.terms.min_order_minor else _none()


def _scope(words: Words) -> str:
    terms = words.terms
    text = str(_SCOPES[terms.scope])
    return text if terms.scope == Scope.SHOP else f"{text}: {_ids(words, terms.scope_ids)}"


def _ids(words: Words, ids: tuple[str, ...]) -> str:
    """All of a few; of many the first ones and how many more."""
    if len(ids) <= IDS_TOLD:
        return ", ".join(ids)
    rest = _("and %(count)s more") % {"count": words.number(len(ids) - IDS_TOLD)}
    return ", ".join([*ids[:IDS_TOLD], rest])


def _date(words: Words, iso: str | None) -> str:
    return words.date(iso) if iso else _("open")


def _product_holds(words: Words) -> str:
    told = [f"{_ids(words, one.ids)}: {_days(words, one.days)}" for one in words.terms.hold_overrides]
    return "; ".join(told) or _none()


def _holiday(words: Words) -> str:
    holiday = words.terms.holiday
    if holiday is None:
        return _none()
    days = {"start": holiday.from_on, "end": holiday.to_on, "until": holiday.until_on}
    return _("delivered %(start)s to %(end)s, returns until %(until)s") % {
        name: words.date(iso) for name, iso in days.items()
    }


def _trust(words: Words) -> str:
    told = [
        _("level %(level)s: %(days)s") % {"level": words.number(level), "days": _days(words, days)}
        for level, days in enumerate(words.terms.trust_hold_days, 1)
    ]
    return "; ".join(told) or _none()


RULES = (
    _Rule(Section.FRIEND, "offer_value", _later("Friends get before they buy"), _offer),
    _Rule(Section.FRIEND, "offer_source", _later("Where codes come from"), _offer_source),
    _Rule(Section.FRIEND, "offer_valid_days", _later("A code is valid for"), _offer_days),
    _Rule(
        Section.FRIEND, "friend_reward_value", _later("Friends get after they bought"),
        lambda words: _reward(words, words.terms.friend_reward),
    ),
    _Rule(
        Section.FRIEND, "friend_reward_fulfilment", _later("How friends get it"),
        lambda words: _delivery(words.terms.friend_reward),
    ),
    _Rule(
        Section.ADVOCATE, "advocate_reward_value", _later("Advocates get"),
        lambda words: _reward(words, words.terms.advocate_reward),
    ),
    _Rule(
        Section.ADVOCATE, "advocate_reward_fulfilment", _later("How advocates get it"),
        lambda words: _delivery(words.terms.advocate_reward),
    ),
    _Rule(Section.ADVOCATE, "advocate_reward_every", _later("Advocates get it for"), _every),
    _Rule(Section.ADVOCATE, "advocate_reward_recurring_months", _later("Further orders of the same friend"), _further),
    _Rule(Section.ADVOCATE, "choice_1_gives", _later("Choices of the advocate"), _choices),
    _Rule(Section.ADVOCATE, "tier_1_name", _later("Levels"), _levels),
    _Rule(
        Section.ADVOCATE, "tier_metric", _later("Levels are reached by"),
        lambda words: str(_METRICS[words.terms.tier_metric]),
    ),
    _Rule(Section.ADVOCATE, "advocate_cap", _later("Most rewards per advocate"), _cap),
    _Rule(Section.ADVOCATE, "advocate_cap_minor", _later("Most value per advocate"), _cap_value),
    _Rule(
        Section.ADVOCATE, "cap_period", _later("These limits count"),
        lambda words: str(_PERIODS[words.terms.cap_period]),
    ),
    _Rule(
        Section.ORDERS, "new_customers_only", _later("Only for new customers"),
        lambda words: _yes(words.terms.new_customers_only),
    ),
    _Rule(Section.ORDERS, "min_order_minor", _later("Smallest order that counts"), _least_order),
    _Rule(Section.ORDERS, "count_tax", _later("Tax counts"), lambda words: _yes(words.terms.count_tax)),
    _Rule(Section.ORDERS, "count_shipping", _later("Shipping counts"), lambda words: _yes(words.terms.count_shipping)),
    _Rule(
        Section.ORDERS, "attribution_window_days", _later("Time from click to order"),
        lambda words: _days(words, words.terms.attribution_window_days),
    ),
    _Rule(
        Section.ORDERS, "qualification_window_days", _later("Time from click to payment"),
        lambda words: _days(words, words.terms.qualification_window_days),
    ),
    _Rule(
        Section.ORDERS, "touch_rule", _later("Of several who recommended, the reward goes to"),
        lambda words: str(_TOUCHES[words.terms.touch_rule]),
    ),
    _Rule(
        Section.ORDERS, "code_rule", _later("A code typed at the checkout"),
        lambda words: str(_CODES[words.terms.code_rule]),
    ),
    _Rule(Section.ORDERS, "starts_on", _later("First day"), lambda words: _date(words, words.terms.starts_on)),
    _Rule(Section.ORDERS, "ends_on", _later("Last day"), lambda words: _date(words, words.terms.ends_on)),
    _Rule(Section.ORDERS, "scope", _later("Which products count"), _scope),
    _Rule(Section.ORDERS, "countries", _later("Countries"), lambda words: words.countries() or _("everywhere")),
    _Rule(
        Section.HOLD, "return_window_days", _later("Rewards are held for"),
        lambda words: _days(words, words.terms.return_window_days),
    ),
    _Rule(Section.HOLD, "hold_1_ids", _later("Hold of certain products"), _product_holds),
    _Rule(Section.HOLD, "holiday_from", _later("Holidays"), _holiday),
    _Rule(Section.HOLD, "trust_1", _later("Longest hold of trusted advocates"), _trust),
    _Rule(
        Section.JOINING, "advocates_must_be_customers", _later("Advocates must have bought before"),
        lambda words: _yes(words.terms.advocates_must_be_customers),
    ),
    _Rule(
        Section.JOINING, "advocate_min_orders", _later("Orders an advocate must have"),
        lambda words: words.number(words.terms.advocate_min_orders),
    ),
    _Rule(Section.ORDERS, "", _later("Currency"), lambda words: words.terms.currency),
)  # fmt: skip
