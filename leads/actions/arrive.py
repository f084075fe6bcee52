"""A lead comes: from the friend's page, from the team or by the API. Asked twice, one person is one lead.

Whose lead it is, is decided once, here, by the rules that decide whose an order is (tracking.rules.attribution): the
click, the typed code, an offer that was claimed before; never oneself, never somebody who is a customer already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from advocates.actions.customers import know_customer
from advocates.locks import customer_for_update
from advocates.models import Customer
from kit.ids import public_id
from kit.tenancy import transaction_required
from kit.text import clean_text, normalise_email
from leads.actions.refusals import Refused
from leads.locks import lead_for_update, lock_newcomer
from leads.models import Lead
from leads.rules import Stage
from leads.selectors import lead_of
from merchants import events
from merchants.selectors import workspace
from programs.models import Program
from rewards.actions.sales import LEAD, Sale, sale_data
from tracking.actions.attribute import decide
from tracking.facts import PersonIn
from tracking.models import Order
from tracking.rules import Decision, Fact, FactKind, Verdict, read_order

LONGEST = {"name": 200, "company": 120, "phone": 40, "message": 2000}
#: In any currency: far beyond every deal, far below what the column holds.
MOST_MINOR = 10**15
_SOURCES = {
    Lead.Source.FORM: Customer.Source.LEAD,
    Lead.Source.TEAM: Customer.Source.HAND,
    Lead.Source.API: Customer.Source.API,
}


@dataclass(frozen=True, slots=True)
class LeadIn:
    """What was told. ``token``: the signed click. ``code``: an advocate's, as it was typed or chosen."""

    email: str
    source: Lead.Source
    name: str = ""
    company: str = ""
    phone: str = ""
    message: str = ""
    name_shown: bool = False
    language: str = ""
    token: str = ""
    code: str = ""
    value_minor: int | None = None

    def cleaned(self) -> dict[str, str]:
        """Its words, on one line each but the message."""
        words = {name: clean_text(getattr(self, name), max_length=most).strip() for name, most in LONGEST.items()}
        return {name: text if name == "message" else " ".join(text.split()) for name, text in words.items()}


@dataclass(frozen=True, slots=True)
class Arrived:
    lead: Lead
    is_new: bool


@transaction_required
def take_lead(*, program: Program, told: LeadIn, by: str, now: datetime) -> Arrived:
    """The person's lead in this program, made if need be. Raises Refused."""
    if normalise_email(told.email) is None:
        raise Refused("no_email", "email")
    if told.value_minor is not None and not 0 <= told.value_minor <= MOST_MINOR:
        raise Refused("too_much", "value")
    lock_newcomer(program.pk, told.email)
    known = _known(program, told.email)
    if known is not None:
        return Arrived(_asked_again(known, told, by, now), is_new=False)
    return Arrived(_made(program, told, by, now), is_new=True)


def _known(program: Program, address: str) -> Lead | None:
    """Under its lock. Of whoever was erased in this very moment it says nothing any more, and is to stay so."""
    found = lead_of(program, address)
    lead = lead_for_update(found.pk) if found else None
    return lead if lead and lead.customer.erased_at is None else None


def _made(program: Program, told: LeadIn, by: str, now: datetime) -> Lead:
    words = told.cleaned()
    customer = _person(told, words["name"], now)
    lead = Lead(
        program=program,
        customer=customer,
        source=told.source,
        name_shown=told.name_shown,
        token=told.token,
        code=told.code,
        value_minor=told.value_minor,
        currency=program.live_terms.currency,
        created_at=now,
        moved_at=now,
        **words,
    )
    decision = _decided(lead)
    lead.decision = decision.to_json()
    if decision.verdict == Verdict.ATTRIBUTED and decision.touch:
        lead.advocate_id = decision.touch.advocate_id
    lead.save(force_insert=True)
    advocate = str(lead.advocate_id) if lead.advocate_id else None
    data = {"source": lead.source, "advocate_id": advocate, "decision": decision.reason}
    code = "lead.added" if told.source == Lead.Source.TEAM else "lead.created"
    events.record(code, subject=lead, by=by, now=now, data=data, is_first=True)
    return lead


def _person(told: LeadIn, name: str, now: datetime) -> Customer:
    """Under the lock that erasing takes as well: who was erased while we waited for it is somebody new."""
    known = {"email": told.email, "name": name, "language": told.language, "source": _SOURCES[told.source]}
    while True:
        customer = know_customer(**known, now=now)
        if customer_for_update(customer.pk).erased_at is None:
            return customer


def _decided(lead: Lead) -> Decision:
    """As of an order placed at this moment by this person with this evidence. The caller holds the person's lock."""
    order = Order(platform=LEAD, external_id=external_id(lead), customer=lead.customer, received_at=lead.created_at)
    data = sale_data(sale_of(lead), {}, lead.created_at)
    view = read_order([Fact(FactKind.SNAPSHOT, "order", lead.created_at, data)])
    assert view is not None, "a snapshot was told"
    return decide(order=order, view=view, standing=None, zone=workspace().time_zone)


def external_id(lead: Lead) -> str:
    """What its order is called: the same whenever it is won, so that it is one order."""
    return public_id("lea", lead.pk)


def sale_of(lead: Lead, **agreed: Any) -> Sale:
    """The lead as an order that was placed when it came, so that whose it is, is judged by that moment. ``agreed``:
    the number, the amount and when; without, nothing was sold yet."""
    customer = lead.customer
    person = PersonIn(email=customer.email, name=lead.name, country=customer.country, language=customer.language)
    known: dict[str, Any] = {"number": "", "amount_minor": 0, "is_paid": bool(agreed)}
    return Sale(
        **(known | agreed),
        person=person,
        currency=lead.currency,
        placed_at=lead.created_at,
        code=lead.code,
        tokens=tuple(token for token in lead.token.split(",") if token),
    )


def _asked_again(lead: Lead, told: LeadIn, by: str, now: datetime) -> Lead:
    """Blanks are filled, and nothing that is known is overwritten: whoever types an address may be anybody. Who asks
    again by themselves after all was lost is talked to anew. Whose lead it is, stays."""
    words = told.cleaned()
    filled = {name: words[name] for name in ("name", "company", "phone") if words[name] and not getattr(lead, name)}
    if words["message"] and words["message"] not in lead.message:
        filled["message"] = "\n\n".join(filter(None, [words["message"], lead.message]))[: LONGEST["message"]]
    for name, text in filled.items():
        setattr(lead, name, text)
    if told.source != Lead.Source.FORM:
        lead.save(update_fields=[*filled])
        return lead
    was = lead.stage
    lead.asked_again_at = now
    if was == Stage.LOST:
        lead.stage, lead.moved_at, lead.lost_reason, lead.lost_words = Lead.Stage.NEW, now, "", ""
    lead.save(update_fields=[*filled, "asked_again_at", "stage", "moved_at", "lost_reason", "lost_words"])
    events.record("lead.asked_again", subject=lead, by=by, now=now, data={"from": was, "to": lead.stage})
    return lead
