"""Which rule decided how long a reward is held, in words for the merchant."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.wording import day
from rewards.rules import Due, HoldRule
from tracking.rules import DAYS_FROM_PAID, DAYS_FROM_SHIPPED, Basis


def hold_words(due: Due, *, zone: str, language: str) -> str:
    """What the hold counts from, how many days, and the rule that says so."""
    if due.at is None or due.anchored_at is None:
        return _not_begun(due.basis)
    words = f"{_window(due)} {_counted_from(due.basis, day(due.anchored_at, zone, language))}"
    return f"{words} {_holiday(due.at, zone, language)}" if due.decided_by == HoldRule.HOLIDAY else words


def _not_begun(basis: Basis) -> str:
    if basis == Basis.WAITING_FOR_PAYMENT:
        return _("The hold begins when the order is paid and delivered.")
    return _("The hold begins with the delivery of the order.")


def _window(due: Due) -> str:
    days, ids = due.window.days, ", ".join(due.window.ids)
    if due.window.rule == HoldRule.TRUST:
        text = ngettext(
            "%(days)s day: shortened, for the advocate has trust level %(level)s.",
            "%(days)s days: shortened, for the advocate has trust level %(level)s.",
            days,
        )
        return text % {"days": days, "level": due.window.trust}
    if due.window.rule == HoldRule.OVERRIDE:
        text = ngettext(
            "%(days)s day: the longest return window in the order, that of %(ids)s.",
            "%(days)s days: the longest return window in the order, that of %(ids)s.",
            days,
        )
        return text % {"days": days, "ids": ids}
    text = ngettext(
        "%(days)s day: the return window of the program.", "%(days)s days: the return window of the program.", days
    )
    return text % {"days": days}


def _counted_from(basis: Basis, on: str) -> str:
    if basis == Basis.SHIPPED:
        text = _("Counted from %(day)s, %(days)s days after shipping, as nobody reported the delivery.")
        return text % {"day": on, "days": DAYS_FROM_SHIPPED}
    if basis == Basis.PAID:
        text = _("Counted from %(day)s, %(days)s days after payment, as this shop reports no shipping.")
        return text % {"day": on, "days": DAYS_FROM_PAID}
    return _("Counted from the delivery on %(day)s.") % {"day": on}


def _holiday(ends_at: datetime, zone: str, language: str) -> str:
    """It ends with the last second of its last day."""
    last = day(ends_at - timedelta(seconds=1), zone, language)
    return _("It arrived in the holiday range, so it is held to the end of %(day)s.") % {"day": last}
