"""What deleting this workspace means, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.language import language_of_page
from kit.units import amount_text
from privacy.selectors import closing_days
from privacy.stakes import Stakes, stakes_of
from referral_saas.dashboard.frame import Desk


def closing_context(desk: Desk) -> dict[str, Any]:
    stakes = stakes_of(desk.merchant)
    return {
        "is_closing_page": True,
        "days": closing_days(),
        "goes": _goes(stakes),
        "promised": _promised(stakes),
        "to_do": _to_do(stakes),
    }


def _goes(stakes: Stakes) -> list[str]:
    kinds = [
        (stakes.customers, ngettext("%(count)s customer", "%(count)s customers", stakes.customers)),
        (stakes.advocates, ngettext("%(count)s advocate", "%(count)s advocates", stakes.advocates)),
        (
            stakes.links,
            ngettext("%(count)s link that friends may have", "%(count)s links that friends may have", stakes.links),
        ),
        (stakes.connections, ngettext("%(count)s connection", "%(count)s connections", stakes.connections)),
        (stakes.members, ngettext("%(count)s seat in the team", "%(count)s seats in the team", stakes.members)),
    ]
    lines = [words % {"count": count} for count, words in kinds if count]
    return [*lines, _("All orders, referrals, rewards, payouts, the ledger and the audit")]


def _promised(stakes: Stakes) -> list[str]:
    """Money that people wait for."""
    language, lines = language_of_page(), []
    for one in stakes.money:
        if one.held_minor:
            lines.append(
                _("%(amount)s held until returns are over")
                % {"amount": amount_text(one.held_minor, one.unit, language)}
            )
        if one.due_minor:
            lines.append(
                _("%(amount)s due and not given yet") % {"amount": amount_text(one.due_minor, one.unit, language)}
            )
    return lines


def _to_do(stakes: Stakes) -> list[str]:
    kinds = [
        (
            stakes.programs,
            ngettext(
                "%(count)s program runs: it is paused at once",
                "%(count)s programs run: they are paused at once",
                stakes.programs,
            ),
        ),
        (
            stakes.payouts,
            ngettext(
                "%(count)s payout is not over: write down what the bank says",
                "%(count)s payouts are not over: write down what the bank says",
                stakes.payouts,
            ),
        ),
        (
            stakes.in_review,
            ngettext("%(count)s case waits for a decision", "%(count)s cases wait for a decision", stakes.in_review),
        ),
    ]
    lines = [words % {"count": count} for count, words in kinds if count]
    if stakes.connections:
        lines.append(_("Remove our address from the settings of your shop: we cannot do that from here"))
    return lines
