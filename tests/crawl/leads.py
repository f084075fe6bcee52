"""Leads in every stage, one of them won, one lost, one overdue."""

from __future__ import annotations

from datetime import timedelta

from kit.days import local_date
from kit.ids import public_id
from leads.actions.arrive import LeadIn, take_lead
from leads.actions.care import Plan, plan_lead
from leads.actions.moves import lose_lead, move_lead, win_lead
from leads.models import Lead
from merchants.events import SYSTEM
from tests.cast import World, at_work


def leads_of(world: World) -> dict[str, str]:
    with at_work(world.merchant) as now:
        leads = []
        for n in range(5):
            person = {"email": f"lead{n}@buyer.example", "name": "Gwen Kaufmann", "company": f"Kaufmann {n}"}
            told = LeadIn(source=Lead.Source.TEAM, code=world.link.code, message="Fifty seats", **person)
            at = now - timedelta(days=9 - n)
            leads.append(take_lead(program=world.program, told=told, by=SYSTEM, now=at).lead)
        open_one, meeting, won, lost, _new = leads
        late = local_date(now, world.zone) - timedelta(days=1)
        earlier = now - timedelta(days=2)
        plan_lead(lead=meeting, plan=Plan(due_date=late, value_minor=90_000), by=SYSTEM, now=earlier)
        move_lead(lead=meeting, expected="NEW", to="MEETING", by=SYSTEM, now=now)
        win_lead(lead=won, expected="NEW", amount_minor=120_000, won_at=now, by=SYSTEM, now=now)
        lose_lead(lead=lost, expected="NEW", reason="PRICE", by=SYSTEM, now=now)
        return {"lead": public_id("lea", open_one.pk), "won_lead": public_id("lea", won.pk)}
