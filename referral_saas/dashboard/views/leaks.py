"""Links that got out: the list, a page each, and what people decide about one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from advocates.actions.rotation import UNDO_FOR, RotationError, can_undo
from advocates.link_words import share_name
from advocates.selectors import links_of
from kit.language import language_of_page
from merchants.selectors import events_of, events_since
from referral_saas.dashboard.access import leak_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.event_words import lines_of, names_of
from referral_saas.dashboard.frame import Desk, DeskRequest, change, page, show
from referral_saas.dashboard.lists.reviews import LEAKS
from referral_saas.dashboard.paths import link_to
from referral_saas.templatetags.ui import day
from tracking.actions.leaks import LeakError, dismiss_leak, reopen_leak, rotate_leak, undo_leak_rotation
from tracking.leak_wording import first_site, signs_text, state_text
from tracking.models import Leak

_OF_CODES = ("link.rotated", "link.rotation_undone")


@page()
def leaks(request: DeskRequest) -> HttpResponse:
    filters, found = LEAKS.shown(request)
    context = {"filters": filters, "page": found}
    return show(request, "dashboard/leaks/list.html", context | LEAKS.export(request, filters))


@page()
def leak(request: DeskRequest, public_id: str) -> HttpResponse:
    return show(request, "dashboard/leaks/page.html", leak_context(request.desk, leak_for(public_id)))


def leak_context(desk: Desk, found: Leak) -> dict[str, Any]:
    zone, link = desk.workspace.time_zone, found.link
    return {
        "leak": found,
        "share": share_name(link),
        "title": _("Link of %(name)s: %(share)s") % {"name": link.advocate, "share": share_name(link)},
        "signs": signs_text(found, zone=zone, language=language_of_page()),
        "said": state_text(found),
        "others": links_of(link.advocate).exclude(pk=link.pk).count(),
        "facts": _facts(desk, found),
        "events": lines_of(_story(found), zone=zone),
        "can_undo": found.state == Leak.State.ROTATED and can_undo(link, desk.now),
        "undo_until": link.retired_at + UNDO_FOR if link.retired_at else None,
    }


def _story(found: Leak) -> list[Any]:
    """What happened to the leak, and to the code since it was found: events of codes are their advocate's."""
    of_codes = (event for event in events_since(found.link.advocate_id, found.found_at) if event.code in _OF_CODES)
    of_link = [event for event in of_codes if event.data.get("link") == str(found.link_id)]
    return sorted([*events_of(found.pk), *of_link], key=lambda event: (event.at, event.pk))


def _facts(desk: Desk, found: Leak) -> list[tuple[str, object]]:
    base, zone = f"/w/{desk.merchant.slug}", desk.workspace.time_zone
    link, by = found.link, found.decided_by
    rows = [
        (_("Advocate"), link_to(base, link.advocate)),
        (_("Program"), link_to(base, link.advocate.program)),
        (_("Shared as"), link.get_channel_display()),
        (_("Given to"), link.placement),
        (_("Code"), link.code),
        (_("Since"), day(found.since, zone)),
        (_("First site"), first_site(found)),
        (_("Found"), day(found.found_at, zone)),
        (_("Decided"), day(found.decided_at, zone)),
        (_("Decided by"), names_of([by])[by] if by else ""),
        (_("New code"), found.new_link.code if found.new_link else ""),
    ]
    return [row for row in rows if row[1]]


_VERBS: dict[str, Callable[..., Leak]] = {
    "replace": rotate_leak,
    "undo": undo_leak_rotation,
    "leave": dismiss_leak,
    "reopen": reopen_leak,
}


@change("advocate.edit")
def move(request: DeskRequest, public_id: str, verb: str) -> HttpResponse:
    """Replace the link, take that back within a day, leave it as it is, or look at it again."""
    found, desk, path = leak_for(public_id), request.desk, f"/leaks/{public_id}"
    try:
        _VERBS[verb](leak=found, by=desk.by, now=desk.now)
    except (LeakError, RotationError) as error:
        return refused(request, path, problem_text(error.code))
    said = {
        "replace": _("The link was replaced. %(name)s gets the new one by mail."),
        "undo": _("The link from before works again, and so does the new one."),
        "leave": _("Left as it is. You hear of it again when something new happens."),
        "reopen": _("It is on the list again."),
    }
    return done(request, path, said[verb] % {"name": found.link.advocate})


def problem_text(code: str) -> str:
    texts = {
        "decided_already": _("Somebody decided this meanwhile."),
        "not_decided": _("Somebody changed this meanwhile."),
        "already_retired": _("This link was taken out of use meanwhile."),
        "not_rotated": _("This link was not replaced, or is in use again."),
        "too_late": _("That was possible for a day. By now too many people have met the other page."),
    }
    return texts.get(code) or _("This cannot be done any more.")
