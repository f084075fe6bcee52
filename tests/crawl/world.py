"""A workspace in which everything has happened at least once, made by the product's own actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from advocates.actions.enrol import enrol_advocate
from advocates.actions.magic import magic_token, make_magic_link
from advocates.actions.standing import ban_advocate, pause_advocate
from advocates.models import Advocate, Customer
from engagement import addresses
from integrations.actions.connections import add_shopify_connection, add_webhook_connection
from integrations.models import Connection, InboundEvent
from kit.ids import public_id, uuid7
from merchants.actions.hosts import add_host
from merchants.actions.keys import create_key
from merchants.actions.team import invite_member
from merchants.events import SYSTEM, by_user
from merchants.models import ApiKey, Invitation, Membership, Merchant, Role
from merchants.steps import outbox
from programs.actions.edit import create_program
from programs.actions.lifecycle import archive_program, end_program, pause_program
from programs.rules import Fulfilment, RewardRule
from rewards.actions.blocks import block_reward
from rewards.actions.sales import Sale, record_sale
from rewards.models import Reward, RewardBlock
from rewards.steps import fulfil, release
from tests.again import again
from tests.cast import World, a_world, at_work, enrolled, live_program, member
from tests.crawl.desk import desk_of
from tests.crawl.doubts import doubts_of
from tests.crawl.drives import drive_of
from tests.crawl.exports import exports_of
from tests.crawl.gifts import gifts_of
from tests.crawl.imports import imports_of
from tests.crawl.leads import leads_of
from tests.crawl.leaks import leaks_of
from tests.crawl.money import payouts_of
from tests.crawl.promotion import promotion_of
from tests.crawl.whose import whose_of
from tests.facts import DAY, delivery, refund, snapshot
from tracking.facts import PersonIn
from tracking.models import Claim, Order, Referral
from tracking.steps.claims import claim_offer


@dataclass
class Full:
    """``ids`` are one public id or key of each kind, for addresses."""

    world: World
    secret_key: str = ""
    publishable_key: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return str(self.world.merchant.slug)

    @property
    def merchant(self) -> Merchant:
        return self.world.merchant

    @property
    def now(self) -> datetime:
        return self.world.now


def full_world(*, owner: str = "alice@nordlicht.example", name: str = "Nordlicht Kaffee") -> Full:
    full = _everything(owner=owner, name=name)
    full.ids |= _ids(full)
    full.ids |= drive_of(full.world)
    outbox.sweep(full.world.merchant.tenant_ref())
    return full


@again
def _everything(*, owner: str, name: str) -> Full:
    """All but what is signed, what stands in another workspace, and what must be there under this very name."""
    full = Full(a_world(owner=owner, name=name, advocate_cap=20))
    _team(full)
    _programs(full)
    _advocates(full)
    _orders(full)
    _connections(full)
    full.ids |= exports_of(full.world)
    full.ids |= imports_of(full.world)
    outbox.sweep(full.world.merchant.tenant_ref())
    return full


def _team(full: Full) -> None:
    merchant = full.world.merchant
    for role in Role:
        member(merchant, f"{role.lower()}@{full.slug}.example", role)
    with at_work(merchant) as now:
        owner = Membership.objects.filter(merchant=merchant, role=Role.OWNER).first()
        assert owner is not None
        invite_member(email=f"guest@{full.slug}.example", role=Role.ANALYST, by=owner, now=now)
        by = by_user(owner.user_id)
        full.secret_key = create_key(kind=ApiKey.Kind.SECRET, name="Server", by=by, now=now).value
        full.publishable_key = create_key(kind=ApiKey.Kind.PUBLISHABLE, name="Shop", by=by, now=now).value


def _programs(full: Full) -> None:
    merchant = full.world.merchant
    manual = RewardRule(fulfilment=Fulfilment.MANUAL)
    others = [live_program(merchant, name=name, advocate_reward=manual) for name in ("By hand", "Resting", "Over")]
    with at_work(merchant) as now:
        pause_program(program=others[1], by=SYSTEM, now=now)
        end_program(program=others[2], by=SYSTEM, now=now)
        create_program(name="Still a draft", template="subscription", by=SYSTEM, now=now)
        away = create_program(name="Put away", template="shop", by=SYSTEM, now=now)
        archive_program(program=away, by=SYSTEM, now=now)
    full.ids["by_hand"] = others[0].slug


def _advocates(full: Full) -> None:
    world = full.world
    paused = enrolled(world.merchant, world.program, email="pat@advocate.example", name="Pat Pause")
    banned = enrolled(world.merchant, world.program, email="ben@advocate.example", name="Ben Banned")
    enrolled(world.merchant, world.program, email="otto@advocate.example", name="Otto Brand")
    with at_work(world.merchant) as now:
        pause_advocate(advocate=paused, by=SYSTEM, now=now)
        ban_advocate(advocate=banned, by=SYSTEM, now=now)
        customer = Customer.objects.get(email="otto@advocate.example")
        enrol_advocate(
            program=world.program, customer=_known("ivy@advocate.example", now), by=SYSTEM, now=now, state="INVITED"
        )
        make_magic_link(advocate=Advocate.objects.get(customer=customer), now=now)


def _known(email: str, now: Any) -> Customer:
    from advocates.actions.customers import know_customer

    return know_customer(email=email, name="Ivy Invited", source=Customer.Source.IMPORT, now=now)


def _orders(full: Full) -> None:
    """Rewards held, released, delivered, taken back, cancelled, stopped; orders of every outcome."""
    world = full.world
    ref = world.merchant.tenant_ref()
    for number in range(1, 5):
        at = world.now - 50 * DAY
        facts = [snapshot(at, token=world.click(at=at - DAY), number=f"#{number}"), delivery(at + DAY)]
        world.take(*facts, number=str(number), email=f"f{number}@friend.example", now=at + 2 * DAY)
    release.sweep(ref)
    fulfil.sweep(ref)
    world.take(refund(world.now - DAY, amount=20000), number="1", email="", now=world.now - DAY)
    world.take(refund(world.now - DAY, amount=5000), number="2", email="", now=world.now - DAY)
    for number in range(5, 9):
        at = world.now - 6 * DAY
        world.take(
            snapshot(at, token=world.click(at=at - DAY), number=f"#{number}"),
            number=str(number),
            email=f"f{number}@friend.example",
            now=at + timedelta(hours=1),
        )
    world.take(delivery(world.now - 5 * DAY), number="5", email="", now=world.now - 4 * DAY)
    world.take(refund(world.now - DAY, amount=20000), number="6", email="", now=world.now - DAY)
    world.take(snapshot(world.now, token=world.click(), number="#9"), number="9", email="dana@advocate.example")
    world.take(snapshot(world.now, number="#10"), number="10", email="nobody@friend.example")
    world.take(refund(world.now, "r9", amount=100), number="11", email="")
    _by_hand(full)
    full.ids |= payouts_of(world)
    full.ids |= gifts_of(world)
    full.ids |= doubts_of(world)
    full.ids |= leaks_of(world)
    full.ids |= whose_of(world)
    full.ids |= promotion_of(world)
    full.ids |= desk_of(world)
    full.ids |= leads_of(world)
    claim_offer(ref, link_id=world.link.pk, email="hana@friend.example", name="Hana", click_id=None, name_shown=True)
    with at_work(world.merchant) as now:
        held = Reward.objects.filter(state=Reward.State.HELD, order__external_id="7").order_by("pk")
        block_reward(reward=held[0], kind=RewardBlock.Kind.REVIEW, reason="asked", by=SYSTEM, now=now)
        person = PersonIn(email="hand@friend.example", name="Hanna Hand")
        sale = Sale(number="H-1", person=person, amount_minor=9900, currency="EUR", placed_at=now - DAY)
        record_sale(sale=sale, by=SYSTEM, now=now)


def _by_hand(full: Full) -> None:
    """A program whose rewards wait for somebody to send them."""
    from advocates.models import Link
    from programs.models import Program

    world = full.world
    with at_work(world.merchant):
        program = Program.objects.get(slug=full.ids["by_hand"])
    advocate = enrolled(world.merchant, program, email="mia@advocate.example", name="Mia Manual")
    with at_work(world.merchant):
        link = Link.objects.get(advocate=advocate, channel="LINK")
    at = world.now - 50 * DAY
    facts = [snapshot(at, token=world.click(link, at=at - DAY), number="#20"), delivery(at + DAY)]
    world.take(*facts, number="20", email="f20@friend.example", now=at + 2 * DAY)
    release.sweep(world.merchant.tenant_ref())


def _connections(full: Full) -> None:
    with at_work(full.world.merchant) as now:
        shop = add_shopify_connection(domain=f"{full.slug}.myshopify.com", secret="s" * 20, by=SYSTEM, now=now)
        InboundEvent.objects.create(
            connection=shop, topic="orders/paid", delivery_id="d1", received_at=now, next_try_at=now,
            state="SET_ASIDE", handled_at=now, error="not_json", result="not_json", order_id=uuid7(), body=b"{",
        )  # fmt: skip
        add_webhook_connection(
            url=f"https://hooks.{full.slug}.example/in", purposes=[Connection.Purpose.COUPON], by=SYSTEM, now=now
        )


def _ids(full: Full) -> dict[str, str]:
    from engagement.mailbox import mails_of

    merchant = full.world.merchant
    outbox.sweep(merchant.tenant_ref())
    with at_work(merchant) as now:
        invitation = Invitation.objects.get(merchant=merchant, accepted_at=None)
        token = magic_token(make_magic_link(advocate=full.world.advocate, now=now))
        shop = Connection.objects.get(kind=Connection.Kind.SHOPIFY)
        mails = mails_of(merchant.slug)
        return {
            "advocate": public_id("adv", full.world.advocate.pk),
            "advocate_uuid": str(full.world.advocate.pk),
            "link": public_id("lnk", full.world.link.pk),
            "host": public_id("hst", add_host(host=f"friends.{full.slug}.example", by=SYSTEM, now=now).pk),
            "customer": public_id("cus", full.world.advocate.customer_id),
            "order": public_id("ord", Order.objects.get(external_id="2").pk),
            "referral": public_id("ref", Referral.objects.get(order__external_id="2").pk),
            "reward": public_id("rwd", Reward.objects.filter(order__external_id="5")[0].pk),
            "connection": public_id("con", shop.pk),
            "event": public_id("evt", InboundEvent.objects.all()[0].pk),
            "key": public_id("key", ApiKey.objects.all()[0].pk),
            "program": full.world.program.slug,
            "program_id": public_id("prg", full.world.program.pk),
            "invitation": str(invitation.pk),
            "join": urlsplit(addresses.invitation(invitation.pk)).path.rpartition("/")[2],
            "member": str(Membership.objects.filter(merchant=merchant, role=Role.ANALYST)[0].pk),
            "mail": mails[0].id if mails else str(uuid7()),
            "magic": token,
            "code": full.world.link.code,
            "claim": str(Claim.objects.all()[0].pk),
            "hook": shop.hook_token,
            "base": settings.PUBLIC_URL,
        }
