"""Links and shares. Every channel and placement has a link of its own, so that it shows which one brings friends."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from advocates.locks import advocate_for_update
from advocates.models import Advocate, Channel, Link, Share
from advocates.selectors import link_at
from kit.ids import new_code
from kit.tenancy import current_merchant_id, transaction_required
from kit.text import clean_text
from merchants import events
from merchants.models import Door

CODE_TRIES = 5
LONGEST_PLACEMENT = 60
#: Doors of generated codes, which live on the host that all merchants share.
SHARED_PREFIX = "shared/"


class NotSharing(Exception):
    """The advocate is not active: invited, paused or banned people do not share."""


@transaction_required
def link_for(*, advocate: Advocate, channel: str, placement: str = "", now: datetime) -> Link:
    """The advocate's link for a channel and placement, made at first use. Asked twice at once it is still one."""
    placement = clean_placement(placement)
    found = link_at(advocate, Channel(channel), placement)
    if found:
        return found
    advocate_for_update(advocate.pk)
    return link_at(advocate, Channel(channel), placement) or make_link(advocate, channel, placement, now)


@transaction_required
def make_link(advocate: Advocate, channel: str, placement: str, now: datetime) -> Link:
    """A link with a fresh code and its door. The caller holds the advocate or has just made them.

    Codes of the shared host are unique over all merchants; the door's constraint says when one is taken.
    """
    for _attempt in range(CODE_TRIES):
        link = Link(advocate=advocate, channel=Channel(channel), placement=placement, code=new_code(), created_at=now)
        try:
            with transaction.atomic():
                link.save(force_insert=True)
                Door.objects.create(
                    kind=Door.Kind.LINK,
                    key=f"{SHARED_PREFIX}{link.code}",
                    merchant_id=current_merchant_id(),
                    object_id=link.pk,
                )
            return link
        except IntegrityError:
            continue
    raise RuntimeError("No free link code was found.")


def clean_placement(text: str) -> str:
    """One line; nothing for the channel's own link."""
    return " ".join(clean_text(text).split())[:LONGEST_PLACEMENT].strip()


@transaction_required
def record_share(*, advocate: Advocate, channel: str, now: datetime) -> Share:
    """One act of sharing. Raises NotSharing; then nothing was written."""
    found = advocate_for_update(advocate.pk)
    if found.state != Advocate.State.ACTIVE:
        raise NotSharing(found.state)
    link = link_for(advocate=found, channel=channel, now=now)
    share: Share = Share.objects.create(link=link, advocate=found, channel=link.channel, at=now)
    data = {"channel": link.channel, "link": str(link.pk), "share": str(share.pk)}
    events.record("advocate.shared", subject=found, by=events.by_advocate(found.pk), now=now, data=data)
    return share
