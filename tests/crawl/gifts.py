"""Kinds of reward, a parcel to be sent, another that waits for its address, balances and surprises."""

from __future__ import annotations

from advocates.models import Advocate, Link
from kit.ids import public_id
from merchants.events import SYSTEM
from merchants.models import Membership, Role
from programs.actions.stock import upload_codes
from programs.rules import Form
from rewards.actions.addresses import Where, give_address
from rewards.actions.spend import spend
from rewards.actions.surprise import give_surprise, take_back
from rewards.models import Reward, Surprise
from rewards.steps import fulfil, release
from tests.cast import World, at_work, enrolled, live_program
from tests.facts import DAY, delivery, snapshot
from tests.rewards.kinds import a_kind, a_rule

HOME = Where(name="Tom Thing", street="Am Kai 4", postcode="20457", city="Hamburg", country="DE", size="M")


def gifts_of(world: World) -> dict[str, str]:
    merchant = world.merchant
    shirt = a_kind(merchant, Form.SWAG, sizes={"S": 0, "M": 9}, name="Shirt")
    vouchers = a_kind(merchant, Form.FIXED_CODE, name="Voucher of five")
    points = a_kind(merchant, Form.POINTS, name="Stars")
    with at_work(merchant) as now:
        upload_codes(kind=vouchers, codes=["FIVE-1", "FIVE-2"], by=SYSTEM, now=now)
    program = live_program(merchant, name="Shirts", advocate_reward=a_rule(shirt, 1))
    advocate = enrolled(merchant, program, email="tom@advocate.example", name="Tom Thing")
    for number in ("40", "41"):
        _earn(world, advocate, number)
    with at_work(merchant) as now:
        reward = Reward.objects.get(order__external_id="40")
        give_address(reward=reward, where=HOME, by=SYSTEM, now=now)
        owner = Membership.objects.filter(merchant=merchant, role=Role.OWNER)[0]
        told = {"advocate": world.advocate, "giver": owner, "reason": "Wrote about us", "by": SYSTEM, "now": now}
        give_surprise(kind=points, amount_minor=500, at_once=True, message="Thank you", **told)
        give_surprise(amount_minor=1000, **told)
        give_surprise(kind=shirt, amount_minor=1, **told)
        last = Surprise.objects.order_by("-given_at", "-pk")[0]
        taken = give_surprise(kind=vouchers, amount_minor=500, **told)
        take_back(surprise=Surprise.objects.get(reward=taken), by=SYSTEM, now=now)
    release.sweep(merchant.tenant_ref())
    fulfil.sweep(merchant.tenant_ref())
    with at_work(merchant) as now:
        spend(customer=world.advocate.customer, unit="POINTS", amount_minor=20, reason="Cup", by=SYSTEM, now=now)
    return {"kind": public_id("knd", shirt.pk), "surprise": public_id("gft", last.pk),
            "parcel": public_id("rwd", reward.pk)}  # fmt: skip


def _earn(world: World, advocate: Advocate, number: str) -> None:
    with at_work(world.merchant):
        link = Link.objects.get(advocate=advocate, channel="LINK")
    at = world.now - 50 * DAY
    facts = [snapshot(at, token=world.click(link, at=at - DAY), number=f"#{number}"), delivery(at + DAY)]
    world.take(*facts, number=number, email=f"f{number}@friend.example", now=at + 2 * DAY)
