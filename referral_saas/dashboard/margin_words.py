"""The margin guard in words for a shop owner."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kit.money import format_money
from kit.wording import number, percent
from programs.rules import Terms, Value
from programs.rules.margin import MOST_OF_ACQUISITION, Advice, Business, Guard, Verdict, advice

TONES = {Verdict.GOOD: "good", Verdict.DEAR: "warn", Verdict.LOSS: "bad", Verdict.UNKNOWN: "info"}


@dataclass(frozen=True, slots=True)
class Told:
    """``sums``: label and amount, in the order of the sum. ``notes``: what else is worth knowing."""

    tone: str
    verdict: str
    sums: list[tuple[str, str]]
    notes: list[str]


def told(found: Guard, terms: Terms, business: Business, *, orders: int, language: str) -> Told:
    notes = [*_break_even_notes(found, terms, language), *_acquisition_notes(found, terms, language)]
    if found.is_partial:
        notes.append(
            _("Something you give has no worth yet, so the true cost is higher. Say its worth in your catalogue.")
        )
    if words := _advice_words(advice(business, orders), terms, business, orders, language):
        notes.append(words)
    verdict = verdict_text(found, terms.currency, language)
    return Told(TONES[found.verdict], verdict, _sums(found, terms.currency, language), notes)


def verdict_text(found: Guard, currency: str, language: str) -> str:
    if found.verdict == Verdict.UNKNOWN:
        return _("Say what an order is worth on average and your margin, to see whether it pays.")
    left = format_money(abs(found.left_minor), currency, language)
    if found.verdict == Verdict.LOSS:
        return _("An average order loses %(amount)s. Give less, or set a minimum order.") % {"amount": left}
    if found.verdict == Verdict.DEAR:
        return _("An average order leaves %(amount)s, but this way a new customer costs a lot.") % {"amount": left}
    return _("An average order leaves %(amount)s after both sides.") % {"amount": left}


def _sums(found: Guard, currency: str, language: str) -> list[tuple[str, str]]:
    if found.verdict == Verdict.UNKNOWN:
        return []
    amounts = [
        (_("Margin of an average order"), found.margin_minor),
        (_("For the friend"), -found.friend_minor),
        (_("For the advocate"), -found.advocate_minor),
        (_("Left for you"), found.left_minor),
    ]
    return [(label, format_money(minor, currency, language)) for label, minor in amounts]


def _break_even_notes(found: Guard, terms: Terms, language: str) -> list[str]:
    if found.verdict == Verdict.UNKNOWN:
        return []
    if found.break_even_minor is None:
        return [_("No order is large enough to bear this: the shares together are more than your margin.")]
    if found.break_even_minor <= 1:
        return [_("Pays on every order, on small ones too.")]
    amount = format_money(found.break_even_minor, terms.currency, language)
    return [_("Pays from an order of %(amount)s on.") % {"amount": amount}]


def _acquisition_notes(found: Guard, terms: Terms, language: str) -> list[str]:
    if found.share_bp is None or found.most_minor is None:
        return []
    values = {
        "cost": format_money(found.both_minor, terms.currency, language),
        "share": percent(round(found.share_bp, -1), language),
        "limit": percent(MOST_OF_ACQUISITION, language),
        "most": format_money(found.most_minor, terms.currency, language),
    }
    if found.is_over_acquisition:
        return [_("Both sides cost %(cost)s: %(share)s of what a new customer costs you today. Stay below %(limit)s, "
                  "which is %(most)s.") % values]  # fmt: skip
    return [_("Both sides cost %(cost)s: %(share)s of what a new customer costs you today.") % values]


def _advice_words(found: Advice, terms: Terms, business: Business, orders: int, language: str) -> str:
    """Only where it would change something."""
    values = {"orders": number(orders, language), "spread": percent((business.spread_bp or 0) // 100 * 100, language)}
    is_percent = terms.advocate_reward.kind == Value.PERCENT
    if found == Advice.PERCENT and not is_percent and terms.advocate_reward.gives is None:
        return _("Your last %(orders)s orders differ widely in value (by %(spread)s of the average): a percentage with "
                 "a limit is fairer than a fixed amount.") % values  # fmt: skip
    if found == Advice.FIXED and is_percent:
        return _("Your last %(orders)s orders are much alike in value: a fixed amount costs the same and is understood "
                 "faster than a percentage.") % values  # fmt: skip
    return ""
