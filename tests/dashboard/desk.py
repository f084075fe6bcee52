"""A workspace with people, orders and rewards in every state, and clients signed in to it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from advocates.actions.customers import know_customer
from kit.ids import public_id
from merchants.models import Role, User
from programs.rules import Fulfilment, RewardRule
from rewards.models import Reward
from rewards.steps import release
from tests.cast import World, a_world, at_work, member
from tests.facts import DAY, delivery, refund, snapshot
from tracking.actions.claims import begin_claim, finish_claim

BY_HAND = RewardRule(fulfilment=Fulfilment.MANUAL)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def owner(world: World) -> Client:
    return signed_in(User.objects.get(memberships__merchant=world.merchant, memberships__role=Role.OWNER))


def as_role(world: World, role: str) -> Client:
    return signed_in(member(world.merchant, f"{role.lower()}@nordlicht.example", Role(role)))


def base(world: World) -> str:
    return f"/w/{world.merchant.slug}"


def text_of(answer: Any) -> str:
    """What a person reads, with every run of blanks as one."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body.decode())).replace("&#x27;", "'").replace("\xa0", " ")


def a_busy_world(**changes: Any) -> World:
    """Two orders by link (one partly refunded), an own purchase, one of nobody, one whose snapshot has not come."""
    world = a_world(**changes)
    token = world.click()
    world.take(snapshot(world.now, token=token), number="1")
    world.take(refund(world.now + timedelta(minutes=1), amount=5000), number="1")
    world.take(snapshot(world.now, token=world.click()), number="2", email="finn@friend.example")
    world.take(snapshot(world.now, token=world.click()), number="3", email="dana@advocate.example")
    world.take(snapshot(world.now), number="4", email="gil@friend.example")
    world.take(refund(world.now, "r9", amount=100), number="5", email="")
    with at_work(world.merchant) as now:
        friend = know_customer(email="hana@friend.example", name="Hana Kim", source="CLAIM", now=now)
        begun = begin_claim(link=world.link, friend=friend, click_id=None, name_shown=True, now=now)
        finish_claim(claim=begun.claim, code="FREUND-1", is_own=True, now=now)
    return world


def a_released_world(**changes: Any) -> World:
    """One order delivered 31 days ago whose rewards are released."""
    world = a_world(**changes)
    token = world.click(at=world.now - 41 * DAY)
    world.take(snapshot(world.now - 40 * DAY, token=token), delivery(world.now - 31 * DAY))
    release.sweep(world.merchant.tenant_ref())
    return world


def only_reward(world: World) -> Reward:
    with at_work(world.merchant):
        found: Reward = Reward.objects.get()
        return found


def rwd(key: UUID) -> str:
    return public_id("rwd", key)
