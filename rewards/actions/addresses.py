"""Where a thing is sent: asked of the recipient, taken from the stock, forgotten 30 days after it was sent.

The address stays in its own row: events, ledger and exports know only that there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kit.locks import Rank, note
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants.events import SYSTEM, record
from programs.actions.kinds import put_back, take_pieces
from programs.locks import lock_stock
from programs.models import KindStock
from programs.rules import Fulfilment
from rewards.actions.blocks import RewardStateError, lift_block, stop_until
from rewards.locks import reward_for_update
from rewards.models import DeliveryAddress, Reward, RewardBlock

State = Reward.State
#: While it is in one of these it has not been sent.
NOT_SENT = (State.HELD, State.RELEASED)
KEPT_AFTER_SENDING = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Where:
    """As the recipient wrote it. ``size`` is "" where the thing has none."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    more: str = ""
    size: str = ""


class NoneLeft(Exception):
    """Nothing changed: there is no such size (any more). ``sizes`` still have some."""

    def __init__(self, sizes: list[str]) -> None:
        super().__init__(", ".join(sizes))
        self.sizes = sizes


@transaction_required
def give_address(*, reward: Reward, where: Where, by: str, now: datetime) -> DeliveryAddress:
    """Keep the address and a piece from the shelf for it, and let the reward go on. Again while it is not sent: the
    new address counts, and another size is taken for the first one. RewardStateError, NoneLeft."""
    locked = reward_for_update(reward.pk)
    if locked is None or locked.fulfilment != Fulfilment.SHIPMENT or locked.state not in NOT_SENT:
        raise RewardStateError("reward_not_waiting_for_address")
    row = DeliveryAddress.objects.filter(reward=locked).first()
    _keep_pieces(locked, row, where.size, now)
    told = {name: _kept(where, name) for name in Where.__dataclass_fields__}
    kept = {**told, "kind": locked.kind, "pieces": locked.amount_minor, "given_at": now}
    address: DeliveryAddress
    address, is_new = DeliveryAddress.objects.update_or_create(reward=locked, defaults=kept)
    record("reward.address_given" if is_new else "reward.address_changed", subject=locked, by=by, now=now)
    if RewardBlock.objects.filter(reward=locked, kind=RewardBlock.Kind.ADDRESS, lifted_at=None).exists():
        lift_block(reward=locked, kind=RewardBlock.Kind.ADDRESS, by=by, now=now)
    return address


def _kept(where: Where, name: str) -> str:
    """Cleaning can make a text longer than the form allowed it to be: the column's length counts."""
    column: Any = DeliveryAddress._meta.get_field(name)
    return clean_text(getattr(where, name), max_length=column.max_length).strip()


def sizes_left(reward: Reward) -> list[str]:
    """What there is enough of for this reward."""
    rows = KindStock.objects.filter(kind_id=reward.kind_id, left__gte=max(reward.amount_minor, 1))
    return list(rows.order_by("pk").values_list("size", flat=True))


def _keep_pieces(reward: Reward, standing: DeliveryAddress | None, size: str, now: datetime) -> None:
    """From the shelf into this parcel; what was kept before goes back."""
    if reward.kind_id is None or (standing and (standing.size, standing.pieces) == (size, reward.amount_minor)):
        return
    lock_stock(reward.kind_id)
    if standing:
        put_back(kind_id=reward.kind_id, size=standing.size, pieces=standing.pieces)
    if not take_pieces(kind_id=reward.kind_id, size=size, pieces=reward.amount_minor, now=now):
        if standing:
            take_pieces(kind_id=reward.kind_id, size=standing.size, pieces=standing.pieces, now=now)
        raise NoneLeft(sizes_left(reward))


@transaction_required
def follow_address(*, reward: Reward, now: datetime, has_moved: bool = False) -> None:
    """After any change of a reward: a thing that stands waits for its address, and of one that is off the pieces go
    back to the shelf. The caller holds the row; the stock comes last in the order of locks.

    ``has_moved``: it is for somebody else now, or something else. Where the first one lives is nobody's business then.
    """
    if has_moved and (address := DeliveryAddress.objects.filter(reward=reward).first()):
        _forget(address)
    is_thing = reward.fulfilment == Fulfilment.SHIPMENT
    if not is_thing and not reward.chosen:
        return
    if is_thing and reward.state in NOT_SENT:
        _ask(reward, now)
    elif not is_thing or reward.state in (State.CANCELLED, State.EXPIRED):
        _let_go(reward, now)


def _ask(reward: Reward, now: datetime) -> None:
    address = DeliveryAddress.objects.filter(reward=reward).first()
    if address and address.kind_id == reward.kind_id:
        return
    if address:
        _forget(address)
    kind = RewardBlock.Kind.ADDRESS
    if stop_until(reward=reward, kind=kind, now=now):
        record("reward.blocked", subject=reward, by=SYSTEM, now=now, data={"kind": kind})


def _let_go(reward: Reward, now: datetime) -> None:
    waiting = RewardBlock.objects.filter(reward=reward, kind=RewardBlock.Kind.ADDRESS, lifted_at=None)
    waiting.update(lifted_at=now, lifted_by=SYSTEM)
    address = DeliveryAddress.objects.filter(reward=reward).first()
    if address and reward.fulfilled_at is None:
        _forget(address)


def _forget(address: DeliveryAddress) -> None:
    if address.kind_id:
        put_back(kind_id=address.kind_id, size=address.size, pieces=address.pieces)
    address.delete()


@transaction_required
def forget_addresses(*, now: datetime) -> int:
    """Addresses of what was sent 30 days ago. (What will never be sent loses its own at once: follow_address.)
    Returns how many."""
    note(Rank.REWARD)
    long_sent = DeliveryAddress.objects.filter(reward__fulfilled_at__lte=now - KEPT_AFTER_SENDING)
    deleted, _by_model = long_sent.delete()
    return deleted
