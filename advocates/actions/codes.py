"""A link's life after its first code: links for places of one's own, chosen codes, changes, and the end.

Events are the advocate's (``link.added``, ``link.changed``, ``link.retired``), whose lock guards all of their links.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from advocates.actions.links import NotSharing, clean_placement, make_link
from advocates.locks import advocate_for_update
from advocates.models import Advocate, Channel, Link
from advocates.rules import LONGEST_CODE, SHORTEST_CODE, BadSpelling, clean_code
from advocates.selectors import link_at, links_of
from kit.tenancy import transaction_required
from merchants import events
from merchants.selectors import workspace
from programs.destinations import clean_destination, clean_utm
from programs.selectors import is_shop_code

#: Links of one advocate that are in use. Each is a row in reports; nobody shares in more places.
MOST_LINKS = 60


class BadLink(ValueError):
    """Refused, nothing changed: ``field`` says where, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction_required
def add_link(*, advocate: Advocate, channel: str, placement: str, code: str = "", by: str, now: datetime) -> Link:
    """A link for a place of one's own, such as "podcast". ``code``: chosen by a person; empty: generated.

    Raises NotSharing or BadLink; then nothing was written.
    """
    found = _held(advocate)
    if channel not in Channel.values:
        raise BadLink("channel", _("Choose one of the ways to share on the list."))
    where = clean_placement(placement)
    if not where:
        raise BadLink("placement", _("Say where this link will stand, for example podcast."))
    if link_at(found, Channel(channel), where):
        raise BadLink("placement", _("There is a link for this place already."))
    if links_of(found).count() >= MOST_LINKS:
        raise BadLink("placement", _("That are too many links: take one out of use first."))
    chosen = _free_code(code) if code.strip() else ""
    link = _keep(found, channel, where, chosen, now) if chosen else make_link(found, channel, where, now)
    _record("link.added", found, link, by, now)
    return link


@transaction_required
def choose_code(*, link: Link, code: str, by: str, now: datetime) -> Link:
    """Give the place of ``link`` a code that a person chose; the code before goes on answering, counting and
    attributing. A code this place had earlier comes back. Raises NotSharing or BadLink; then nothing was changed."""
    found, standing = _held_with(link)
    chosen = _spelled(code)
    if chosen == standing.code:
        return standing
    own = Link.objects.filter(advocate=found, code=chosen, retired_at=None).first()
    if own is not None and (own.channel, own.placement) == (standing.channel, standing.placement):
        return _swap(found, standing, own, by, now)
    _refuse_taken(chosen)
    return _replace(found, standing, chosen, by, now)


@transaction_required
def renew_code(*, link: Link, by: str, now: datetime) -> Link:
    """Another generated code for the place of ``link``; the one before goes on. Raises NotSharing or BadLink."""
    found, standing = _held_with(link)
    return _replace(found, standing, "", by, now)


@transaction_required
def retire_link(*, link: Link, why: str, by: str, now: datetime) -> Link | None:
    """Take a code out of use: new visitors meet a kind page, tokens and claims from before stay valid.

    A place that the portal shares by itself gets a fresh code at once. Returns the link that is shown there from now
    on; None for a place of one's own. A retired link is left as it is. ``why`` is a Link.Retired.
    """
    found = advocate_for_update(link.advocate_id)
    gone: Link = Link.objects.get(pk=link.pk)
    if gone.retired_at is not None:
        return link_at(found, Channel(gone.channel), gone.placement)
    gone.retired_at, gone.retired_for = now, Link.Retired(why)
    gone.save(update_fields=["retired_at", "retired_for"])
    shown = link_at(found, Channel(gone.channel), gone.placement)
    if shown is None and not gone.placement:
        shown = make_link(found, gone.channel, "", now)
        gone.replaced_by = shown
        gone.save(update_fields=["replaced_by"])
    _record("link.retired", found, gone, by, now, why=str(why), **({"instead": str(shown.pk)} if shown else {}))
    return shown


@transaction_required
def change_way(*, link: Link, destination: str, utm: Mapping[str, object], by: str, now: datetime) -> Link:
    """Where this link alone leads and what it carries. Raises BadWay; then nothing was changed."""
    found = advocate_for_update(link.advocate_id)
    kept: Link = Link.objects.get(pk=link.pk)
    wanted = {"destination": clean_destination(destination, workspace()), "utm": clean_utm(utm)}
    changed = [field for field, value in wanted.items() if getattr(kept, field) != value]
    for field, value in wanted.items():
        setattr(kept, field, value)
    if changed:
        kept.save(update_fields=list(wanted))
        _record("link.changed", found, kept, by, now, fields=changed)
    return kept


# --- parts ------------------------------------------------------------------------------------------------------


def _held(advocate: Advocate) -> Advocate:
    found = advocate_for_update(advocate.pk)
    if found.state != Advocate.State.ACTIVE:
        raise NotSharing(found.state)
    return found


def _held_with(link: Link) -> tuple[Advocate, Link]:
    """The advocate, locked, and the link as it is now: one that is shown, for only those change."""
    found = _held(link.advocate)
    standing: Link = Link.objects.get(pk=link.pk)
    if standing.replaced_by_id is not None or standing.retired_at is not None:
        raise BadLink("code", _("This link was changed meanwhile. Look at the links again."))
    return found, standing


def _spelled(code: str) -> str:
    try:
        return clean_code(code)
    except BadSpelling as error:
        raise BadLink("code", spelling_text(error.reason)) from error


def _free_code(code: str) -> str:
    chosen = _spelled(code)
    _refuse_taken(chosen)
    return chosen


def _refuse_taken(code: str) -> None:
    """Once given, a code is its owner's for ever; and a code of the shop would attribute everybody who uses it."""
    if Link.objects.filter(code=code).exists() or is_shop_code(code):
        raise BadLink("code", _taken())


def _taken() -> str:
    return _("This code is taken. Try another one.")


def _keep(advocate: Advocate, channel: str, placement: str, code: str, now: datetime) -> Link:
    """A link with a chosen code: no door, since it lives under the merchant's name and host alone."""
    link = Link(
        advocate=advocate, channel=Channel(channel), placement=placement, code=code, is_vanity=True, created_at=now
    )
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:  # somebody took it between the look and this
        raise BadLink("code", _taken()) from error
    return link


def _replace(advocate: Advocate, before: Link, code: str, by: str, now: datetime) -> Link:
    """The new row cannot stand beside the old one in the same place, so the old one steps back first."""
    with transaction.atomic():
        Link.objects.filter(pk=before.pk).update(replaced_by_id=before.pk)
        link = (
            _keep(advocate, before.channel, before.placement, code, now)
            if code
            else make_link(advocate, before.channel, before.placement, now)
        )
        Link.objects.filter(pk=link.pk).update(destination=before.destination, utm=before.utm)
        Link.objects.filter(pk=before.pk).update(replaced_by_id=link.pk)
    link.refresh_from_db()
    _record("link.changed", advocate, link, by, now, fields=["code"], before=str(before.pk))
    return link


def _swap(advocate: Advocate, standing: Link, earlier: Link, by: str, now: datetime) -> Link:
    Link.objects.filter(pk=standing.pk).update(replaced_by_id=earlier.pk)
    Link.objects.filter(pk=earlier.pk).update(replaced_by=None, destination=standing.destination, utm=standing.utm)
    earlier.refresh_from_db()
    _record("link.changed", advocate, earlier, by, now, fields=["code"], before=str(standing.pk))
    return earlier


def _record(code: str, advocate: Advocate, link: Link, by: str, now: datetime, **data: object) -> None:
    told = {"link": str(link.pk), "channel": link.channel, **data}
    events.record(code, subject=advocate, by=by, now=now, data=told)


def spelling_text(reason: str) -> str:
    """What is wrong with a code somebody chose, in words."""
    return {
        "short": _("Use %(least)s characters at least."),
        "long": _("Use %(most)s characters at most."),
        "characters": _("Use letters and digits, with - or _ between them."),
        "number": _("Add letters: a long number could be somebody's telephone."),
        "reserved": _("This word is kept for the shop. Try another one."),
        "rude": _("Some people would be hurt by this word. Try another one."),
    }[reason] % {"least": SHORTEST_CODE, "most": LONGEST_CODE}
