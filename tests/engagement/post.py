"""A merchant that is no sandbox, and the post office: hand an event's outbox rows to the mail reader."""

from __future__ import annotations

from typing import Any

from django.core import mail
from django.core.mail import EmailMultiAlternatives

from advocates.models import Link
from engagement.models import Message
from engagement.steps.mail import handle
from merchants.models import Outbox
from tests.cast import World, at_work, enrolled, live_program, workspace_of
from tracking.models import Claim
from tracking.steps.claims import claim_offer

FRIEND = "eve@friend.example"


def a_shop(*, name: str = "Nordlicht Kaffee", sandbox: bool = False, **changes: Any) -> World:
    merchant = workspace_of("alice@nordlicht.example", name, sandbox=sandbox)
    program = live_program(merchant, **changes)
    advocate = enrolled(merchant, program)
    with at_work(merchant) as now:
        link = Link.objects.get(advocate=advocate, channel="LINK")
    return World(merchant, program, advocate, link, now)


def rows_of(world: World, code: str) -> list[Any]:
    with at_work(world.merchant):
        rows = list(Outbox.objects.filter(event__code=code, reader="mail").order_by("pk").values_list("pk", flat=True))
    assert rows, f"nothing recorded {code}"
    return rows


def deliver(world: World, code: str) -> list[EmailMultiAlternatives]:
    """What is sent for every event of this code."""
    rows, before = rows_of(world, code), len(mail.outbox)
    for row in rows:
        handle(outbox_id=row, ref=world.merchant.tenant_ref())
    return list(mail.outbox[before:])  # type: ignore[arg-type]


def skipped(world: World) -> list[tuple[str, str]]:
    with at_work(world.merchant):
        return list(Message.objects.filter(state="SKIPPED").values_list("kind", "reason"))


def claim(world: World, *, email: str = FRIEND, name: str = "Eve Friend", name_shown: bool = False) -> Claim:
    return claim_offer(
        world.merchant.tenant_ref(), link_id=world.link.pk, email=email, name=name, click_id=None, name_shown=name_shown
    )


def html_of(sent: EmailMultiAlternatives) -> str:
    return str(sent.alternatives[0][0])
