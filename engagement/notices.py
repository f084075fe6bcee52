"""Which mails to the team somebody may do without, and what follows from that for one mail."""

from __future__ import annotations

from dataclasses import dataclass

from engagement import addresses
from engagement.models import SwitchedOff
from engagement.readers import TEAM_MAIL_OF_EVENT
from merchants.models import Event, Membership, User
from merchants.permissions import can

#: Kind of mail -> the permission of whose work it is: who may do that gets it, until they switch it off.
SWITCHES: dict[str, str] = {mail.kind: mail.need for mail in TEAM_MAIL_OF_EVENT.values() if not mail.is_always}
#: Why a mail was not sent.
SWITCHED_OFF = "switched_off"


def kinds_for(role: str) -> list[str]:
    return [kind for kind, need in SWITCHES.items() if can(role, need)]


def switched_off_by(user: User) -> set[str]:
    return set(SwitchedOff.objects.filter(user=user).values_list("kind", flat=True))


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail to one of the team that they may do without."""

    seat: Membership
    kind: str

    @property
    def is_off(self) -> bool:
        return bool(SwitchedOff.objects.filter(user=self.seat.user_id, kind=self.kind).exists())

    @property
    def way_out(self) -> str:
        return addresses.no_more_notices(self.seat.merchant_id, self.seat.user_id, self.kind)


def notice_of(event: Event, kind: str) -> Notice | None:
    """None for mail to customers, and for what a team is always told of."""
    if kind not in SWITCHES or "member" not in event.data:
        return None
    seat = Membership.objects.filter(pk=event.data["member"], merchant=event.merchant_id).first()
    return Notice(seat, kind) if seat else None
