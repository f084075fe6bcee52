"""What erasing a person means, in words: what goes, what stays, what stands in the way."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.models import Customer
from kit.language import language_of_page
from kit.units import amount_text
from privacy.selectors import GivenUp, Outlook, outlook_for


def erasure_context(customer: Customer) -> dict[str, Any]:
    outlook = outlook_for(customer)
    return {
        "person": customer,
        "obstacles": [obstacle_text(code) for code in outlook.obstacles],
        "goes": list(_goes(outlook)),
        "stays": list(_stays(outlook)),
        "given_up": [_given_up(line) for line in outlook.given_up],
    }


def obstacle_text(code: str) -> str:
    texts = {
        "payout": _("They are in a payout that is not over. Close it, or leave them out of it, and come back."),
        "delivery": _("A reward is on its way to them at this moment. Come back when it has arrived."),
        "in_doubt": _("Of one of their rewards it is not known whether it arrived. Say on its page what became of it."),
        "unread": _("The shop has just sent something about them that is still to be read. Try again in a minute."),
        "merged": _("They were merged with another entry meanwhile. Nobody was erased."),
        "open_rewards": _("They still have something to get. Say that they do not get it, or give it to them first."),
    }
    return texts[code]


def _goes(outlook: Outlook) -> list[str]:
    lines = [_("Name, e-mail address, country, language and the number in the shop")]
    lines += [words for count, words in _counted(outlook) if count]
    lines.append(_("What they wrote, what was written about them, and hashes of where they came from"))
    lines.append(_("What the shop sent about them as it came, and all files of lists that are kept here"))
    return lines


def _counted(outlook: Outlook) -> list[tuple[int, str]]:
    kinds = [
        (outlook.notes, ngettext("%(count)s note", "%(count)s notes", outlook.notes)),
        (outlook.tags, ngettext("%(count)s tag", "%(count)s tags", outlook.tags)),
        (outlook.tasks, ngettext("%(count)s task", "%(count)s tasks", outlook.tasks)),
        (
            outlook.links,
            ngettext(
                "%(count)s link, which answers with a kind page from then on",
                "%(count)s links, which answer with a kind page from then on",
                outlook.links,
            ),
        ),
        (outlook.addresses, ngettext("%(count)s postal address", "%(count)s postal addresses", outlook.addresses)),
        (
            outlook.accounts,
            ngettext("%(count)s account for payouts", "%(count)s accounts for payouts", outlook.accounts),
        ),
        (
            outlook.leads,
            ngettext("What %(count)s lead says about them", "What %(count)s leads say about them", outlook.leads),
        ),
    ]
    return [(count, words % {"count": count}) for count, words in kinds]


def _stays(outlook: Outlook) -> list[str]:
    orders, referrals, rewards = outlook.orders, outlook.referrals, outlook.rewards
    kinds = [
        (
            orders,
            ngettext("%(count)s order, with amounts and dates", "%(count)s orders, with amounts and dates", orders),
        ),
        (referrals, ngettext("%(count)s referral", "%(count)s referrals", referrals)),
        (
            rewards,
            ngettext(
                "%(count)s reward, and its lines in the ledger",
                "%(count)s rewards, and their lines in the ledger",
                rewards,
            ),
        ),
    ]
    lines = [words % {"count": count} for count, words in kinds if count]
    if outlook.leaves_mark:
        mark = _("A hash of the address for %(days)s days, so that nobody takes an offer twice. It shows no name.")
        lines.append(mark % {"days": settings.ERASED_MARK_DAYS})
    return lines or [_("Nothing but the fact that there was somebody.")]


def _given_up(line: GivenUp) -> str:
    amount = amount_text(line.amount_minor, line.unit, language_of_page())
    words = ngettext("%(count)s reward: %(amount)s", "%(count)s rewards: %(amount)s", line.rewards)
    return words % {"count": line.rewards, "amount": amount}
