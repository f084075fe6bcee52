"""The only way from a view to an object: it exists for this merchant, or it is 404. A foreign id is never 403."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
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
#: A question (kit.asked) for a row by its key.
Read = Callable[[UUID], list[Any]]


def program_for(slug: str) -> Program:
    return _one(_programs(slug))


@asked_often
def _programs(slug: str) -> QuerySet[Program]:
    rows: QuerySet[Program] = Program.objects.select_related("terms", "merchant").filter(slug=slug)
    return rows


def advocate_for(public: str, read: Read | None = None) -> Advocate:
    """``read``: the question for one by its key, where more than the row is wanted."""
    return _by_id("adv", public, read or Advocate, "program__terms", "customer", "accepted_terms")


def link_by(public: str) -> Link:
    """With its advocate; former and retired ones too."""
    needs = ("advocate__program__terms", "advocate__program__merchant", "advocate__customer", "replaced_by")
    return _by_id("lnk", public, Link, *needs)


def host_for(public: str) -> Host:
    return _by_id("hst", public, Host)


def customer_for(public: str, read: Read | None = None) -> Customer:
    """As ``advocate_for``."""
    return _by_id("cus", public, read or Customer)


def message_for(public: str) -> Message:
    return _by_id("msg", public, Message.objects.filter(customer__isnull=False).select_related("customer"))


def task_for(public: str) -> Task:
    return _by_id("tsk", public, Task, "customer")


def note_for(public: str) -> Note:
    return _by_id("nte", public, Note, "customer")


def order_for(public: str) -> Order:
    return _by_id("ord", public, Order, "customer")


def lead_for(public: str) -> Lead:
    needs = ("program", "customer", "advocate__customer", "owner", "order")
    return _by_id("lea", public, Lead, *needs)


def claim_for(public: str) -> Claim:
    return _by_id("clm", public, Claim, "friend")


def leak_for(public: str) -> Leak:
    needs = ("link__advocate__customer", "link__advocate__program", "new_link")
    return _by_id("lek", public, Leak, *needs)


def referral_for(public: str) -> Referral:
    needs = ("program", "terms", "advocate__customer", "order", "friend", "claim", "link")
    return _by_id("ref", public, Referral, *needs)


def review_for(public: str) -> Review:
    of_referral = [f"referral__{name}" for name in ("order", "friend", "program", "link", "advocate__customer")]
    return _by_id("rev", public, Review, "advocate__customer", *of_referral)


def list_entry_for(public: str) -> ListEntry:
    return _by_id("lst", public, ListEntry)


def reward_for(public: str) -> Reward:
    needs = ("program", "terms", "advocate__customer", "recipient", "order", "referral", "kind")
    return _by_id("rwd", public, Reward, *needs)


def payout_for(public: str) -> Payout:
    return _by_id("pay", public, Payout)


def payout_line_for(payout: Payout, public: str) -> PayoutLine:
    return _by_id("pln", public, PayoutLine.objects.filter(payout=payout).select_related("payout", "recipient"))


def tax_form_for(public: str) -> TaxForm:
    return _by_id("tax", public, TaxForm, "customer")


def kind_for(public: str) -> RewardKind:
    return _by_id("knd", public, RewardKind)


def surprise_for(public: str) -> Surprise:
    needs = ("reward__recipient", "reward__program", "reward__kind", "user")
    return _by_id("gft", public, Surprise, *needs)


def connection_for(public: str) -> Connection:
    return _by_id("con", public, Connection.objects.filter(removed_at=None))


def inbound_event_for(public: str) -> InboundEvent:
    return _by_id("evt", public, InboundEvent, "connection")


def staff_link_for(program: Program, public: str) -> StaffLink:
    return _by_id("stf", public, StaffLink.objects.filter(program=program))


def setback_for(public: str) -> Setback:
    return _by_id("stk", public, Setback)


def export_for(public: str, seat: Membership) -> Export:
    """Of the person in this seat alone."""
    return _by_id("exp", public, exports_of(seat))


def import_for(public: str, seat: Membership) -> Import:
    """Of a kind that this person may import: its file names people."""
    mine = [name for name, kind in kinds().items() if can(seat.role, kind.need)]
    return _by_id("imp", public, imports_of(mine))


def view_for(public: str, seat: Membership) -> SavedView:
    """One that this person may change; of others there is only what stands above the list."""
    found: SavedView = _by_id("sav", public, SavedView)
    if not may_change(found, seat):
        raise Http404
    return found


def key_for(public: str) -> ApiKey:
    return _by_id("key", public, ApiKey)


def _by_id(prefix: str, public: str, rows: QuerySet[Any] | type[Model] | Read, *needs: str) -> Any:
    """``rows``: those it may be among; or all of a table, with the rows that ``needs`` names joined; or a question."""
    key = parse_public_id(prefix, public)
    if key is None:
        raise Http404
    if isinstance(rows, QuerySet):
        return _one(rows.filter(pk=key)[:1])
    return _one(_by_key(rows, needs)(key) if isinstance(rows, type) else rows(key))


@cache
def _by_key(model: type[Model], needs: tuple[str, ...]) -> Read:
    """Made once: so much is joined that it is made, and planned, longer than it is looked for."""

    @asked_often
    def rows(key: UUID) -> QuerySet[Any]:
        found: QuerySet[Any] = model._default_manager.filter(pk=key)
        return found.select_related(*needs) if needs else found

    return rows


def _one(rows: Iterable[Any]) -> Any:
    for found in rows:
        return found
    raise Http404
