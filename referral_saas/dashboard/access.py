"""The only way from a view to an object: it exists for this merchant, or it is 404. A foreign id is never 403."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from advocates.models import Advocate, Customer, Link, Note, Task
from engagement.models import Message, StaffLink
from exports.models import Export
from exports.selectors import exports_of
from imports.kinds import kinds
from imports.models import Import
from imports.selectors import imports_of
from integrations.models import Connection, InboundEvent
from kit.asked import asked_often
from kit.ids import parse_public_id
from leads.models import Lead
from merchants.actions.saved import may_change
from merchants.models import ApiKey, Host, Membership, SavedView
from merchants.permissions import can
from programs.models import Program, RewardKind
from rewards.models import Payout, PayoutLine, Reward, Setback, Surprise, TaxForm
from tracking.models import Claim, Leak, ListEntry, Order, Referral, Review

M = TypeVar("M", bound=Model)


def program_for(slug: str) -> Program:
    return _one(Program.objects.select_related("terms", "merchant").filter(slug=slug)[:1])


def advocate_for(public: str, **counted: Any) -> Advocate:
    """``counted``: what else is asked in the same statement, by the name it gets on the row."""
    rows = Advocate.objects.select_related("program__terms", "customer", "accepted_terms")
    return _by_id("adv", public, rows.annotate(**counted))


def link_by(public: str) -> Link:
    """With its advocate; former and retired ones too."""
    needs = ("advocate__program__terms", "advocate__program__merchant", "advocate__customer", "replaced_by")
    return _by_id("lnk", public, Link.objects.select_related(*needs))


def host_for(public: str) -> Host:
    return _by_id("hst", public, Host.objects.all())


def customer_for(public: str, **counted: Any) -> Customer:
    return _by_id("cus", public, Customer.objects.annotate(**counted))


def message_for(public: str) -> Message:
    return _by_id("msg", public, Message.objects.filter(customer__isnull=False).select_related("customer"))


def task_for(public: str) -> Task:
    return _by_id("tsk", public, Task.objects.select_related("customer"))


def note_for(public: str) -> Note:
    return _by_id("nte", public, Note.objects.select_related("customer"))


def order_for(public: str) -> Order:
    return _by_id("ord", public, Order.objects.select_related("customer"))


def lead_for(public: str) -> Lead:
    needs = ("program", "customer", "advocate__customer", "owner", "order")
    return _by_id("lea", public, Lead.objects.select_related(*needs))


def claim_for(public: str) -> Claim:
    return _by_id("clm", public, Claim.objects.select_related("friend"))


def leak_for(public: str) -> Leak:
    return _by_id("lek", public, _leak)


@asked_often
def _leak(key: UUID) -> QuerySet[Leak]:
    needs = ("link__advocate__customer", "link__advocate__program", "new_link")
    return Leak.objects.filter(pk=key).select_related(*needs)


def referral_for(public: str) -> Referral:
    return _by_id("ref", public, _referral)


@asked_often
def _referral(key: UUID) -> QuerySet[Referral]:
    needs = ("program", "terms", "advocate__customer", "order", "friend", "claim", "link")
    return Referral.objects.filter(pk=key).select_related(*needs)


def review_for(public: str) -> Review:
    return _by_id("rev", public, _review)


@asked_often
def _review(key: UUID) -> QuerySet[Review]:
    of_referral = [f"referral__{name}" for name in ("order", "friend", "program", "link", "advocate__customer")]
    return Review.objects.filter(pk=key).select_related("advocate__customer", *of_referral)


def list_entry_for(public: str) -> ListEntry:
    return _by_id("lst", public, ListEntry.objects.all())


def reward_for(public: str) -> Reward:
    return _by_id("rwd", public, _reward)


@asked_often
def _reward(key: UUID) -> QuerySet[Reward]:
    needs = ("program", "terms", "advocate__customer", "recipient", "order", "referral", "kind")
    return Reward.objects.filter(pk=key).select_related(*needs)


def payout_for(public: str) -> Payout:
    return _by_id("pay", public, Payout.objects.all())


def payout_line_for(payout: Payout, public: str) -> PayoutLine:
    return _by_id("pln", public, PayoutLine.objects.filter(payout=payout).select_related("payout", "recipient"))


def tax_form_for(public: str) -> TaxForm:
    return _by_id("tax", public, TaxForm.objects.select_related("customer"))


def kind_for(public: str) -> RewardKind:
    return _by_id("knd", public, RewardKind.objects.all())


def surprise_for(public: str) -> Surprise:
    needs = ("reward__recipient", "reward__program", "reward__kind", "user")
    return _by_id("gft", public, Surprise.objects.select_related(*needs))


def connection_for(public: str) -> Connection:
    return _by_id("con", public, Connection.objects.filter(removed_at=None))


def inbound_event_for(public: str) -> InboundEvent:
    return _by_id("evt", public, InboundEvent.objects.select_related("connection"))


def staff_link_for(program: Program, public: str) -> StaffLink:
    return _by_id("stf", public, StaffLink.objects.filter(program=program))


def setback_for(public: str) -> Setback:
    return _by_id("stk", public, Setback.objects.all())


def export_for(public: str, seat: Membership) -> Export:
    """Of the person in this seat alone."""
    return _by_id("exp", public, exports_of(seat))


def import_for(public: str, seat: Membership) -> Import:
    """Of a kind that this person may import: its file names people."""
    mine = [name for name, kind in kinds().items() if can(seat.role, kind.need)]
    return _by_id("imp", public, imports_of(mine))


def view_for(public: str, seat: Membership) -> SavedView:
    """One that this person may change; of others there is only what stands above the list."""
    found: SavedView = _by_id("sav", public, SavedView.objects.all())
    if not may_change(found, seat):
        raise Http404
    return found


def key_for(public: str) -> ApiKey:
    return _by_id("key", public, ApiKey.objects.all())


def _by_id(prefix: str, public: str, rows: QuerySet[Any] | Callable[[UUID], list[Any]]) -> Any:
    """``rows``: those it may be among; or the question for one, where so much is joined that Postgres plans it longer
    than it looks for it."""
    key = parse_public_id(prefix, public)
    if key is None:
        raise Http404
    return _one(rows(key) if callable(rows) else rows.filter(pk=key)[:1])


def _one(rows: Iterable[Any]) -> Any:
    for found in rows:
        return found
    raise Http404
