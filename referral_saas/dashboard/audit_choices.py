"""By whom and by what the audit is looked through."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from merchants.events import SHOP, SYSTEM, by_api_key, by_user
from merchants.models import ApiKey, Event
from merchants.selectors import team
from referral_saas.dashboard.event_titles import TITLES
from referral_saas.dashboard.event_words import names_of

Choices = list[tuple[str, Any]]

#: What stands before the dot of a code -> what such lines are about. Codes of nothing here stand under "Other".
SORTS: dict[str, Promise] = {
    "program": _("Programs"),
    "referral": _("Referrals"),
    "review": _("Reviews"),
    "reward": _("Rewards"),
    "payout": _("Payouts"),
    "advocate": _("Advocates"),
    "customer": _("Customers"),
    "note": _("Notes"),
    "tag": _("Tags"),
    "task": _("Tasks"),
    "link": _("Links"),
    "claim": _("Friends' codes"),
    "lead": _("Leads"),
    "codes": _("Codes"),
    "kind": _("Kinds of rewards"),
    "team": _("Team"),
    "workspace": _("Workspace"),
    "key": _("API keys"),
    "connection": _("Connections"),
    "host": _("Own link address"),
    "view": _("Saved views"),
    "export": _("Exports"),
    "import": _("Imports"),
}
#: Of those who have left the newest are offered.
MOST_LEFT = 50


def who_acts() -> Choices:
    """The team, those who have left it, API keys, the shop, and what happens by itself."""
    people = [(by_user(seat.user_id), str(seat.user)) for seat in team()]
    keys = [(by_api_key(key.pk), key.name) for key in ApiKey.objects.order_by("name", "pk")]
    groups: Choices = [(_now("Team"), people)] if people else []
    groups += [(_now("Has left the team"), left)] if (left := _who_left({who for who, _name in people})) else []
    groups += [(_now("API keys"), keys)] if keys else []
    return [*groups, (_now("Nobody in person"), [(SHOP, _now("The shop")), (SYSTEM, _now("Automatic"))])]


def _who_left(still_there: set[str]) -> Choices:
    gone = Event.objects.filter(code="team.removed").order_by("-at", "-pk").values_list("data", flat=True)[:MOST_LEFT]
    whom = dict.fromkeys(f"user:{data['user']}" for data in gone if "user" in data)
    names = names_of(who for who in whom if who not in still_there)
    return [(who, name) for who, name in names.items()]


def what_happens() -> Choices:
    """Every code, under what it is about; each of these by itself means all of them."""
    groups: Choices = []
    for sort, codes in codes_by_sort().items():
        label = str(SORTS.get(sort.rstrip("."), _now("Other")))
        everything = (sort, _now("%(sort)s: everything") % {"sort": label})
        titles = sorted(((code, str(TITLES[code])) for code in codes), key=lambda pair: pair[1])
        groups.append((label, [everything, *titles]))
    return groups


def codes_by_sort() -> dict[str, list[str]]:
    """ "reward." -> its codes, in the order of SORTS; "." holds the others. No code ends in a dot."""
    found: dict[str, list[str]] = defaultdict(list)
    for code in TITLES:
        sort = code.partition(".")[0]
        found[f"{sort}." if sort in SORTS else "."].append(code)
    return {f"{sort}.": found[f"{sort}."] for sort in [*SORTS, ""] if found[f"{sort}."]}
