"""A shop of the tests that gives codes and disables them, and forgets nothing while a test runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from rewards.fulfilment import Delivered, FulfilmentOrder, Withdrawn


@dataclass
class Shop:
    """``plan``: what is raised instead of an answer, call by call. ``used``: codes that were used up."""

    plan: list[Exception] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    disabled: list[str] = field(default_factory=list)
    asked: int = 0


SHOP = Shop()


def new_shop() -> Shop:
    SHOP.__init__()  # type: ignore[misc]  # the adapter below finds it by its module
    return SHOP


class OnlyGives:
    timeout = 5.0

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        return Delivered(voucher=f"CODE-{order.reward_id.hex[-6:]}".upper())

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        return None


class GivesAndDisables(OnlyGives):
    def withdraw(self, order: FulfilmentOrder, voucher: str) -> Withdrawn:
        SHOP.asked += 1
        if SHOP.plan:
            raise SHOP.plan.pop(0)
        if voucher in SHOP.used:
            return Withdrawn.USED
        if voucher not in SHOP.disabled:
            SHOP.disabled.append(voucher)
        return Withdrawn.DISABLED


class BreaksOff(GivesAndDisables):
    """Disables, and nobody hears of it."""

    def withdraw(self, order: FulfilmentOrder, voucher: str) -> Withdrawn:
        super().withdraw(order, voucher)
        raise RuntimeError("gone")
