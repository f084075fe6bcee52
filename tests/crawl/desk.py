"""What the team keeps about people: notes and tags."""

from __future__ import annotations

from advocates.actions.notes import add_note
from advocates.actions.tags import add_tag
from advocates.models import Customer
from kit.ids import public_id
from merchants.events import by_user
from merchants.models import Membership, Role
from tests.cast import World, at_work


def desk_of(world: World) -> dict[str, str]:
    with at_work(world.merchant) as now:
        owner = Membership.objects.get(merchant=world.merchant, role=Role.OWNER, user__email__startswith="alice")
        dana = Customer.objects.get(pk=world.advocate.customer_id)
        note = add_note(customer=dana, text="Asked for a poster.", member=owner, now=now)
        add_tag(customer=dana, word="regular", by=by_user(owner.user_id), now=now)
        return {"note": public_id("nte", note.pk)}
