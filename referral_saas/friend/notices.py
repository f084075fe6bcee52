"""The pages for friends who cannot have the offer: why, in kind words, and what they can do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from advocates.models import Advocate
from kit.language import language_of_page
from kit.wording import day
from programs.selectors import Closed, closed_because
from referral_saas.friend.access import Place
from tracking.actions.claims import NO_CODE, NO_OFFER, PROGRAM_ENDED, PROGRAM_PAUSED
from tracking.rules import Reason

OWN_LINK = Reason.OWN_PURCHASE.value
LINK_RETIRED = "link_retired"


@dataclass(frozen=True, slots=True)
class Notice:
    """``shop`` and ``portal`` say which ways on the page offers."""

    status: int
    heading: str
    why: str
    now_what: str
    shop: bool = True
    portal: bool = False


def standing_obstacle(place: Place) -> str | None:
    """Why this link has nothing to offer now, whoever opens it; None while it has."""
    if place.link.retired_at is not None:
        return LINK_RETIRED
    return obstacle_beside_link(place)


def obstacle_beside_link(place: Place) -> str | None:
    """The same for a friend who came while the link was in use: what they began they may end."""
    if place.link.advocate.state != Advocate.State.ACTIVE:
        return Reason.ADVOCATE_INACTIVE
    closed = closed_because(place.program, place.now, place.workspace.time_zone)
    return f"program_{closed}" if closed else None


def notice_for(reason: str, place: Place) -> Notice:
    """The page for a reason code; whatever has no page of its own is said to be over."""
    makers = {
        PROGRAM_PAUSED: _paused,
        f"program_{Closed.OUT_OF_BUDGET}": _paused,
        PROGRAM_ENDED: _ended,
        f"program_{Closed.NOT_STARTED}": _not_started,
        f"program_{Closed.DRAFT}": _not_started,
        OWN_LINK: _own_link,
        LINK_RETIRED: _retired,
        Reason.EXISTING_CUSTOMER: _customer,
        Reason.SECOND_ADVOCATE: _referred,
        NO_CODE: _no_code,
        NO_OFFER: _ended,
    }
    return makers.get(reason, _inactive)(place)


def _shop(place: Place) -> dict[str, str]:
    return {"shop": place.merchant.name}


def _paused(place: Place) -> Notice:
    return Notice(
        200,
        _("This offer is taking a break"),
        _("%(shop)s has paused its recommendations for now.") % _shop(place),
        _("Keep the link and try it again in a few days. A code that you already have stays valid until its date."),
    )


def _ended(place: Place) -> Notice:
    return Notice(
        410,
        _("This offer is over"),
        _("%(shop)s no longer runs this program.") % _shop(place),
        _("A code that you already have stays valid until its date. You can of course still look around in the shop."),
    )


def _not_started(place: Place) -> Notice:
    starts = place.terms.starts_on
    values = _shop(place) | {"day": _day(starts) if starts else ""}
    why = _("It begins on %(day)s.") if starts else _("%(shop)s has not opened it yet.")
    return Notice(200, _("You are early"), why % values, _("Keep the link: it works as soon as the program has begun."))


def _day(iso: str) -> str:
    return day(date.fromisoformat(iso), "UTC", language_of_page())


def _own_link(place: Place) -> Notice:
    return Notice(
        409,
        _("This is your own link"),
        _("Orders of your own do not count, so there is no offer for you here."),
        _("Send it to a friend: you both get something when they buy."),
        portal=True,
    )


def _customer(place: Place) -> Notice:
    return Notice(
        409,
        _("Good to see you again"),
        _("This offer is for people who have not bought from %(shop)s before, and you already have.") % _shop(place),
        _("You can recommend %(shop)s yourself and be rewarded for it.") % _shop(place),
        portal=True,
    )


def _referred(place: Place) -> Notice:
    return Notice(
        409,
        _("Somebody was faster"),
        _("Another friend has already recommended %(shop)s to you, and each person is recommended once.")
        % _shop(place),
        _("Use the code that you got then. If you cannot find it, open that friend's link again."),
    )


def _no_code(place: Place) -> Notice:
    return Notice(
        503,
        _("No code is left right now"),
        _("So many friends came that %(shop)s has run out of codes. The shop has been told.") % _shop(place),
        _("Open this link again tomorrow: your place is kept."),
    )


def _retired(place: Place) -> Notice:
    return Notice(
        410,
        _("There is a new link"),
        _("This one was passed on very far, so it was replaced."),
        _("Ask whoever sent it to you for the new one. An offer that you already have stays valid."),
    )


def _inactive(place: Place) -> Notice:
    return Notice(
        410,
        _("This link is no longer in use"),
        _("Whoever sent it to you does not recommend %(shop)s at the moment.") % _shop(place),
        _("Ask them for a new link, or look around in the shop."),
    )
