"""Enrolling advocates from the shop's own software."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.actions.customers import know_customer
from advocates.actions.enrol import Enrolled, NotEligible, enrol_advocate
from advocates.actions.links import link_for
from advocates.models import Advocate, Channel, Customer
from engagement.addresses import link_home
from kit.ids import parse_public_id
from merchants.selectors import merchant
from programs.models import Program
from programs.selectors import program_by_id, program_by_slug
from referral_saas.api.base import Writes
from referral_saas.api.body import Body
from referral_saas.api.idempotency import Answer
from referral_saas.api.present import advocate_json
from referral_saas.api.problems import Problem
from referral_saas.api.views.lists import AdvocateRows

NOT_ELIGIBLE: dict[str, Promise | str] = {
    "program_draft": _("The program is not published yet. Publish it, then enrol advocates."),
    "program_ended": _("The program has ended and takes no more advocates."),
    "not_a_customer": _("The program admits customers only, and this person has no paid order yet."),
    "too_few_orders": _("This person has fewer paid orders than the program asks of its advocates."),
    "other_country": _("The program does not include the country of this person."),
    "banned": _("This advocate was banned from the program. Lift the ban in the dashboard first."),
}


class Advocates(AdvocateRows, Writes):
    """POST enrols somebody; GET lists advocates. Enrolling again gives the advocate there is."""

    def write(self, body: Body, **ids: str) -> Answer:
        program = _program(body)
        person = _person(body)
        kind = body.choice("kind", Advocate.Kind.values, default=Advocate.Kind.CUSTOMER)
        place = body.text("place")
        body.done()
        now, by = self.caller.now(), self.caller.by
        customer = know_customer(**person, source=Customer.Source.API, now=now)
        enrolled = _enrol(program, customer, kind=kind, place=place, by=by, now=now)
        link = link_for(advocate=enrolled.advocate, channel=Channel.LINK, now=now)
        home = link_home(merchant().slug)
        return Answer(advocate_json(enrolled.advocate, link, home), 201 if enrolled.created else 200)


def _program(body: Body) -> Program:
    """By id or by slug; archived ones are no longer there for joining."""
    text = body.text("program", required=True)
    key = parse_public_id("prg", text)
    program = program_by_id(key) if key else program_by_slug(text)
    if text and (program is None or program.archived_at):
        body.refuse(
            "program", "no_such_program", _now("Send the id or the slug of one of your programs (GET /programs).")
        )
    return program or Program()


def _person(body: Body) -> dict[str, str]:
    return {
        "email": body.email(),
        "name": body.text("name", longest=200),
        "country": body.country(),
        "language": body.text("language", longest=10),
        "external_id": body.key("customer_id", required=False),
    }


def _enrol(program: Program, customer: Customer, **details: object) -> Enrolled:
    try:
        return enrol_advocate(program=program, customer=customer, **details)  # type: ignore[arg-type]
    except NotEligible as refusal:
        detail = str(NOT_ELIGIBLE.get(refusal.reason, refusal.reason))
        raise Problem(422, refusal.reason, _now("This person cannot join the program"), detail) from refusal
