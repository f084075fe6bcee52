"""Every form with everybody who can deliver it: made, promised by a program, earned, held, released, delivered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from advocates.models import Link
from integrations.actions.connections import add_webhook_connection
from integrations.models import Connection
from merchants.events import SYSTEM
from merchants.models import Merchant
from programs.actions.lifecycle import NotPossible
from programs.actions.stock import upload_codes
from programs.models import KindStock, PoolCode, RewardKind
from programs.rules import FORMS, Form, Fulfilment
from rewards import ledger
from rewards.actions.addresses import Where, give_address
from rewards.actions.manual import mark_sent
from rewards.balances import Balance, balances_of
from rewards.models import Account, Reward, RewardBlock
from rewards.steps import fulfil, release
from tests.cast import World, at_work, enrolled, live_program, workspace_of
from tests.facts import DAY, delivery, snapshot
from tests.integrations.receiver import listening
from tests.integrations.services import answered_by, connect_all
from tests.providers import Providers, running_providers
from tests.rewards.kinds import a_kind, a_rule

pytestmark = pytest.mark.django_db

EVERY = [(form, fulfilment) for form, row in FORMS.items() for fulfilment in row.fulfilments]
#: Delivered by somebody outside: without an account there no program may promise them.
OUTSIDE = {
    Fulfilment.COUPON_WEBHOOK,
    Fulfilment.WEBHOOK,
    Fulfilment.SHOPIFY_DISCOUNT,
    Fulfilment.WOOCOMMERCE_COUPON,
    Fulfilment.STRIPE_PROMOTION,
    Fulfilment.STRIPE_BALANCE,
    Fulfilment.GIFT_CARD,
}
HOME = Where(name="Dana Muster", street="Am Kai 4", postcode="20457", city="Hamburg", country="DE")


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


def a_world_giving(merchant: Merchant, kind: RewardKind, value: int = 5) -> World:
    program = live_program(merchant, advocate_reward=a_rule(kind, value))
    advocate = enrolled(merchant, program)
    with at_work(merchant) as now:
        link = Link.objects.get(advocate=advocate, channel="LINK")
    return World(merchant, program, advocate, link, now)


def earn(world: World) -> None:
    """An order that arrived 31 days ago: the hold of 30 days is over."""
    token = world.click(at=world.now - 41 * DAY)
    world.take(snapshot(world.now - 40 * DAY, token=token), delivery(world.now - 31 * DAY))


def the_reward(world: World) -> Reward:
    with at_work(world.merchant):
        return Reward.objects.select_related("kind").get(side="ADVOCATE")


def balances(world: World, unit: str) -> dict[str, int]:
    with at_work(world.merchant):
        return {str(a): total for a in Account if (total := ledger.balance(a, unit=unit))}


@pytest.mark.parametrize(("form", "fulfilment"), EVERY)
def test_from_catalogue_to_person(merchant: Merchant, form: Form, fulfilment: Fulfilment) -> None:
    kind = a_kind(merchant, form, fulfilment, sizes={"": 20}, valid_days=90)
    if fulfilment in OUTSIDE:
        with pytest.raises(NotPossible) as refused:
            a_world_giving(merchant, kind)
        assert [p.code for p in refused.value.problems] == ["not_connected"]
        return
    if fulfilment == Fulfilment.COUPON_POOL:
        with at_work(merchant) as now:
            upload_codes(kind=kind, codes=["KIND-1"], by=SYSTEM, now=now)
    world = a_world_giving(merchant, kind)
    earn(world)
    held = the_reward(world)
    assert (held.state, held.kind, held.unit, held.amount_minor) == ("HELD", kind, kind.unit, 5)
    assert held.fair_minor == (5 if kind.unit == "EUR" else 1250)
    assert balances(world, kind.unit) == {"REWARD_COST": 5, "HELD": -5}

    release.sweep(merchant.tenant_ref())
    fulfil.sweep(merchant.tenant_ref())
    DELIVERED[fulfilment](world)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Providers]:
    with running_providers(tmp_path_factory.mktemp("providers")) as found:
        yield found


@pytest.mark.parametrize(("form", "fulfilment"), [pair for pair in EVERY if pair[1] in OUTSIDE])
def test_by_services_outside(merchant: Merchant, services: Providers, form: Form, fulfilment: Fulfilment) -> None:
    """With an account there: delivered once, with a voucher, a reference or a credit to show for it."""
    for name in ("stripe", "giftcards", "shopify", "woocommerce"):
        services.switch(name, reset=True, clear=True)
    services.switch("stripe", customer={"email": "dana@advocate.example", "price": 1900, "currency": "eur"})
    connect_all(merchant)
    with answered_by(services.url), listening() as receiver:
        receiver.says(200, {"id": "gift-1", "code": "HOOK-1"})
        with at_work(merchant) as now:
            every = Connection.Purpose.values
            add_webhook_connection(url=receiver.address, purposes=every, by=SYSTEM, now=now)
        setting = {"product_id": "632910395"} if form == Form.FREE_PRODUCT_CODE else None
        kind = a_kind(merchant, form, fulfilment, valid_days=90, **({"setting": setting} if setting else {}))
        world = a_world_giving(merchant, kind)
        earn(world)
        release.sweep(merchant.tenant_ref())
        fulfil.sweep(merchant.tenant_ref())
        fulfil.sweep(merchant.tenant_ref())
        told = receiver.messages()
    reward = the_reward(world)
    assert (reward.state, reward.reason, bool(reward.voucher), reward.attempts) == ("FULFILLED", "", True, 1)
    is_delivered(world)
    if fulfilment in (Fulfilment.WEBHOOK, Fulfilment.COUPON_WEBHOOK):
        assert [message["data"]["kind"]["form"] for message in told] == [form]
    else:
        given = services.ledger(AT[fulfilment])
        assert len([row for row in given if str(reward.pk) in row["key"]]) == 1


AT = {
    Fulfilment.SHOPIFY_DISCOUNT: "shopify",
    Fulfilment.WOOCOMMERCE_COUPON: "woocommerce",
    Fulfilment.STRIPE_PROMOTION: "stripe",
    Fulfilment.STRIPE_BALANCE: "stripe",
    Fulfilment.GIFT_CARD: "giftcards",
}


def by_pool(world: World) -> None:
    reward = the_reward(world)
    assert (reward.state, reward.voucher) == ("FULFILLED", "KIND-1")
    with at_work(world.merchant):
        assert PoolCode.objects.get(taken_for=reward.pk).pool.kind_id == reward.kind_id
    is_delivered(world)


def to_balance(world: World) -> None:
    reward = the_reward(world)
    assert (reward.state, reward.voucher) == ("FULFILLED", "")
    with at_work(world.merchant) as now:
        assert balances_of(reward.recipient, now=now) == [Balance(reward.unit, 5)]
    is_delivered(world)


def by_hand(world: World) -> None:
    reward = the_reward(world)
    assert reward.state == "RELEASED"
    with at_work(world.merchant) as now:
        mark_sent(reward=reward, voucher="", by="user:x", now=now)
    is_delivered(world)


def by_payout(world: World) -> None:
    reward = the_reward(world)
    assert (reward.state, reward.next_try_at) == ("RELEASED", None)
    assert balances(world, reward.unit) == {"REWARD_COST": 5, "PAYABLE": -5}


def by_post(world: World) -> None:
    """Without an address it is not even released; with one it waits for a hand."""
    reward = the_reward(world)
    with at_work(world.merchant) as now:
        assert RewardBlock.objects.get(reward=reward, lifted_at=None).kind == "ADDRESS"
        assert reward.state == "HELD"
        give_address(reward=reward, where=HOME, by="advocate:x", now=now)
        assert KindStock.objects.get().left == 15
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    released = the_reward(world)
    assert released.state == "RELEASED"
    with at_work(world.merchant) as now:
        mark_sent(reward=released, voucher="TRACK-1", by="user:x", now=now)
    assert the_reward(world).voucher == "TRACK-1"
    is_delivered(world)


def is_delivered(world: World) -> None:
    reward = the_reward(world)
    assert reward.state == "FULFILLED"
    assert reward.valid_until is not None
    assert 89 * DAY < reward.valid_until - reward.fulfilled_at < 91 * DAY
    assert balances(world, reward.unit) == {"REWARD_COST": 5, "FULFILLED": -5}


DELIVERED = {
    Fulfilment.COUPON_POOL: by_pool,
    Fulfilment.BALANCE: to_balance,
    Fulfilment.MANUAL: by_hand,
    Fulfilment.PAYOUT: by_payout,
    Fulfilment.SHIPMENT: by_post,
}
