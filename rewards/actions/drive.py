"""What people and shop do in a test drive, on its stage: each by the action that does it for real, each only once.

The stage's workspace row is locked first where something could be done twice: the clock, and the friend's visit.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from advocates.actions.customers import new_customer
from advocates.actions.enrol import enrol_advocate
from advocates.actions.imports import store_customers
from advocates.models import Advocate, Customer, Link
from advocates.selectors import main_link
from kit.tenancy import transaction_required
from merchants.actions.clock import LONGEST_STEP, advance_clock
from merchants.events import SHOP
from merchants.locks import workspace_for_update
from merchants.models import Merchant
from merchants.selectors import merchant
from programs.models import Program
from programs.rules import Fulfilment
from programs.rules.drive import Basket, basket
from rewards.actions.blocks import RewardStateError
from rewards.actions.manual import mark_sent
from rewards.actions.sales import mark_delivered
from rewards.actions.settle import Settled, take_in
from rewards.models import Reward
from tracking.actions.clicks import record_click, token_of
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey, PersonIn
from tracking.models import Claim, Click, Order
from tracking.rules import Fact, FactKind

ADVOCATE_EMAIL, FRIEND_EMAIL = "dana@advocate.example", "eve@friend.example"
ADVOCATE_NAME, FRIEND_NAME = "Dana Muster", "Eve Example"
ORDER = OrderKey("drive", "T-1001")
#: How long the parcel is under way.
UNDER_WAY = timedelta(days=2)
#: So that the end of the hold has passed, and has not only just come.
A_MOMENT = timedelta(minutes=1)


@transaction_required
def join(*, by: str, now: datetime) -> Advocate:
    """Dana, who has bought as often as the program asks for, joins. Again: the advocate there is."""
    program: Program = Program.objects.select_related("terms", "merchant").get()
    terms = program.live_terms
    dana = new_customer(email=ADVOCATE_EMAIL, name=ADVOCATE_NAME, source=Customer.Source.IMPORT, now=now)
    dana.imported_orders = max(terms.advocate_min_orders, int(terms.advocates_must_be_customers))
    store_customers([dana])
    known = Customer.objects.get(email_key=dana.email_key)
    return enrol_advocate(program=program, customer=known, by=by, now=now).advocate


@transaction_required
def open_link(*, now: datetime) -> Click:
    """Eve opens Dana's link; opened before, that visit. The merchant may have opened it too: the first one counts."""
    workspace_for_update()
    link = _danas_link()
    return first_click(link) or record_click(link=link, device="phone", now=now)


def _danas_link() -> Link:
    """Whoever drives may have opened her portal, which makes a link for each way to share: the one from enrolment."""
    return main_link(Advocate.objects.get(customer__email=ADVOCATE_EMAIL))


def first_click(link: Link) -> Click | None:
    found: Click | None = Click.objects.filter(link=link).order_by("at", "pk").first()
    return found


@transaction_required
def place_order(*, usual_minor: int, now: datetime) -> Settled | None:
    """Eve's order as a shop would tell it, by the one way in. None where it is there already."""
    lock_order(ORDER)
    if Order.objects.filter(platform=ORDER.platform, external_id=ORDER.external_id).exists():
        return None
    program: Program = Program.objects.select_related("terms", "merchant").get()
    goods = basket(program.live_terms, usual_minor=usual_minor)
    fact = Fact(FactKind.SNAPSHOT, "order", now, _snapshot(goods, program.live_terms.currency, now))
    eve = PersonIn(email=FRIEND_EMAIL, name=FRIEND_NAME, country=goods.country)
    return take_in(key=ORDER, facts=[fact], person=eve, now=now, by=SHOP)


def _snapshot(goods: Basket, currency: str, now: datetime) -> dict[str, Any]:
    claim = Claim.objects.exclude(code="").filter(friend__email=FRIEND_EMAIL).first()
    link = _danas_link()
    click = first_click(link)
    line = {"id": "1", "product_id": goods.product_id, "quantity": 1, "net_minor": goods.net_minor, "tax_minor": 0}
    if goods.collection_id:
        line["collection_ids"] = [goods.collection_id]
    return {
        "number": ORDER.external_id,
        "currency": currency,
        "placed_at": now.isoformat(),
        "paid_at": now.isoformat(),
        "cancelled_at": None,
        "test": False,
        "country": goods.country,
        "lines": [line],
        "stated_net_minor": None,
        "codes": [{"code": claim.code, "discount_minor": goods.discount_minor}] if claim else [],
        "tokens": [token_of(click)] if click else [],
        "shipped_all": False,
        "reports_shipping": True,
    }


@transaction_required
def deliver(*, stage: Merchant, by: str, now: datetime) -> None:
    """Two days later the parcel arrives. Again: nothing."""
    workspace_for_update()
    order: Order = Order.objects.get(platform=ORDER.platform, external_id=ORDER.external_id)
    if order.delivered_at is None:
        there = advance_clock(merchant=stage, by=UNDER_WAY, who=by, now=now)
        mark_delivered(order=order, delivered_at=there, by=SHOP, now=there)


@transaction_required
def wait_for_hold(*, stage: Merchant, by: str, now: datetime) -> None:
    """The clock moves to the end of the longest hold; where it is there already, or nothing is held, it stands.

    ``now`` is what ``stage`` says; whoever moved the clock while this waited for the lock is taken into account.
    """
    workspace_for_update()
    now += merchant().clock_offset - stage.clock_offset
    ends = [reward.release_at for reward in Reward.objects.filter(state=Reward.State.HELD) if reward.release_at]
    while ends and now < max(ends):
        step = min(max(ends) - now + A_MOMENT, LONGEST_STEP)
        now = advance_clock(merchant=stage, by=step, who=by, now=now)


@transaction_required
def give_by_hand(*, by: str, now: datetime) -> None:
    """What a person of the team would send or pay is marked as given, unless another press was faster."""
    for reward in Reward.objects.filter(state=Reward.State.RELEASED, fulfilment=Fulfilment.MANUAL).order_by("pk"):
        with suppress(RewardStateError):
            mark_sent(reward=reward, voucher="", by=by, now=now)


@transaction_required
def send_back(*, now: datetime) -> None:
    """All of the order comes back and is refunded. Again: nothing."""
    lock_order(ORDER)
    order: Order = Order.objects.get(platform=ORDER.platform, external_id=ORDER.external_id)
    if order.net_base_minor == 0:
        return
    lines = [{"id": "1", "quantity": 1, "net_minor": order.base_minor}]
    told = {"lines": lines, "other_minor": 0, "shipping_minor": 0}
    take_in(key=ORDER, facts=[Fact(FactKind.REFUND, "r1", now, told)], person=None, now=now, by=SHOP)
