"""What the team keeps: notes and tags of people, views of lists."""

from __future__ import annotations

from datetime import timedelta

from advocates.actions.notes import add_note
from advocates.actions.tags import add_tag
from advocates.actions.tasks import TaskIn, add_task, finish_task
from advocates.models import Customer
from engagement.models import Message
from kit.days import local_date
from kit.ids import public_id, uuid7
from merchants.actions.saved import keep_view
from merchants.events import by_user
from merchants.models import Membership, Role
from tests.cast import World, at_work


def desk_of(world: World) -> dict[str, str]:
    with at_work(world.merchant) as now:
        owner = Membership.objects.get(merchant=world.merchant, role=Role.OWNER, user__email__startswith="alice")
        dana = Customer.objects.get(pk=world.advocate.customer_id)
        note = add_note(customer=dana, text="Asked for a poster.", member=owner, now=now)
        add_tag(customer=dana, word="regular", by=by_user(owner.user_id), now=now)
        until = local_date(now, world.zone) + timedelta(days=2)
        task = add_task(customer=dana, task=TaskIn("Ask about the poster", until, owner), member=owner, now=now)
        add_task(customer=dana, task=TaskIn("Say thank you", until), member=owner, now=now)
        other = add_task(customer=dana, task=TaskIn("Send a card", until), member=owner, now=now)
        finish_task(task=other, member=owner, now=now)
        mail = Message.objects.create(customer=dana, kind="welcome", outbox_id=uuid7(), state="SKIPPED", at=now)
        told = {"list": "orders", "query": "outcome=ATTRIBUTED", "seat": owner, "now": now}
        view = keep_view(name="What counts", is_shared=True, **told)
        keep_view(name="For the autumn", is_shared=False, **told)
        return {
            "view": public_id("sav", view.pk),
            "message": public_id("msg", mail.pk),
            "note": public_id("nte", note.pk),
            "task": public_id("tsk", task.pk),
        }
