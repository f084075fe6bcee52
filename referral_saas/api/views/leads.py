"""Leads from the merchant's own forms and software, and where they stand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from advocates.models import Link
from advocates.selectors import link_by_code
from kit.ids import parse_public_id, public_id
from kit.signing import parse_click_token
from leads.actions.arrive import LONGEST, MOST_MINOR, LeadIn, take_lead
from leads.models import Lead
from programs.models import Program
from programs.selectors import program_by_id, program_by_slug
from referral_saas.api.base import Writes
from referral_saas.api.body import Body
from referral_saas.api.idempotency import Answer
from referral_saas.api.orders_in import LONGEST_TOKEN
from referral_saas.api.present import Json, moment, money
from referral_saas.api.problems import bad_field
from referral_saas.api.views.lists import Listing


class LeadRows(Listing):
    """GET lists leads, newest first, or shows one."""

    prefix = "lea"
    filters = ("stage", "program", "advocate")

    def rows(self) -> QuerySet[Any]:
        return Lead.objects.select_related("customer", "order")

    def show(self, rows: list[Any]) -> list[Json]:
        return [_with_person(row) for row in rows]

    def condition(self, name: str, value: str) -> dict[str, Any]:
        if name != "stage":
            return super().condition(name, value)
        if value not in Lead.Stage.values:
            detail = _("Send one of: %(choices)s.") % {"choices": ", ".join(Lead.Stage.values)}
            raise bad_field(name, "not_a_choice", detail)
        return {"stage": value}


class Leads(LeadRows, Writes):
    """POST tells of somebody who was recommended and is talked to. Told again, the lead there is is given."""

    def write(self, body: Body, **ids: str) -> Answer:
        code, token = body.text("code", longest=40), body.text("referral_token", longest=LONGEST_TOKEN)
        program = _program(body, code, token)
        words: dict[str, Any] = {name: body.text(name, longest=most) for name, most in LONGEST.items()}
        email = body.email()
        value = body.money("value", program.live_terms.currency if program else "")
        if value is not None and value > MOST_MINOR:
            body.refuse("value", "too_large", _("Send a smaller amount."))
        body.done()
        assert program is not None, "refused otherwise"
        lead = LeadIn(email=email, source=Lead.Source.API, code=code, token=token, value_minor=value, **words)
        arrived = take_lead(program=program, told=lead, by=self.caller.by, now=self.caller.now())
        return Answer(lead_json(arrived.lead), 201 if arrived.is_new else 200)


def _program(body: Body, code: str, token: str) -> Program | None:
    """That of the code or the click; where neither says anything, the one that is named."""
    link = link_by_code(code) if code else _link_of(token)
    if code and link is None:
        body.refuse("code", "no_such_code", _("No advocate of yours has this code."))
    named = _named(body, is_needed=link is None and not code)
    return link.advocate.program if link else named


def _named(body: Body, *, is_needed: bool) -> Program | None:
    """By id or by slug."""
    text = body.text("program", required=is_needed)
    key = parse_public_id("prg", text)
    program = program_by_id(key) if key else program_by_slug(text) if text else None
    if text and program is None:
        body.refuse("program", "no_such_program", _("Send the id or the slug of one of your programs (GET /programs)."))
    return program


def _link_of(tokens: str) -> Link | None:
    """The first that is one of ours; others are evidence of nothing, as with orders."""
    found = (parse_click_token(text.strip(), keys=settings.CLICK_TOKEN_KEYS) for text in tokens.split(","))
    keys = [token.link_id for token in found if token]
    ours = Link.objects.select_related("advocate__program__terms").in_bulk(keys)
    return next((ours[key] for key in keys if key in ours), None)


def lead_json(lead: Lead) -> Json:
    """Without the person: answers of a POST are kept for a day."""
    return {
        "id": public_id("lea", lead.pk),
        "program": public_id("prg", lead.program_id),
        "advocate": public_id("adv", lead.advocate_id) if lead.advocate_id else None,
        "reason": lead.decision.get("reason", ""),
        "stage": lead.stage,
        "source": lead.source,
        "currency": lead.currency,
        "value": None if lead.value_minor is None else money(lead.value_minor, lead.currency),
        "won_amount": None if lead.won_minor is None else money(lead.won_minor, lead.currency),
        "won_at": moment(lead.won_at),
        "lost_reason": lead.lost_reason or None,
        "order": public_id("ord", lead.order_id) if lead.order_id else None,
        "due_date": lead.due_date.isoformat() if lead.due_date else None,
        "created_at": moment(lead.created_at),
        "moved_at": moment(lead.moved_at),
    }


def _with_person(lead: Lead) -> Json:
    person = {"email": lead.customer.email, "name": lead.name, "company": lead.company, "phone": lead.phone}
    return lead_json(lead) | person
