"""A click: evidence that somebody opened a link. The signed token it yields is what attributes."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from advocates.models import Link
from kit.ids import uuid7
from kit.signing import make_click_token
from kit.tenancy import transaction_required
from tracking.models import Click


@transaction_required
def record_click(*, link: Link, device: str, now: datetime) -> Click:
    """One row per human click, with the variant of the advocate; the id holds the real time."""
    click: Click = Click.objects.create(
        id=uuid7(),
        link=link,
        program_id=link.advocate.program_id,
        variant=link.advocate.variant,
        device=device,
        at=now,
    )
    return click


def token_of(click: Click) -> str:
    """What the friend carries to the shop: ``v1.<click>.<link>.<time>.<mac>``."""
    return make_click_token(click_id=click.pk, link_id=click.link_id, at=click.at, key=settings.CLICK_TOKEN_KEYS[0])
