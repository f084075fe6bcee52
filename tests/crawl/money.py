"""Payouts in every state: put away, closed, at the bank, and a preview with people in and out of it."""

from __future__ import annotations

from advocates.models import Customer
from kit.ids import public_id
from programs.rules import Fulfilment, RewardRule
from rewards.actions.payouts.lines import leave_out
from rewards.actions.payouts.run import cancel_payout
from rewards.models import Payout, PayoutLine, TaxForm
from tests.cast import World, at_work, enrolled, live_program
from tests.rewards.cash import ALICE, Till


def payouts_of(world: World) -> dict[str, str]:
    """Gives one public id of each kind, for addresses."""
    rule = RewardRule(fulfilment=Fulfilment.PAYOUT)
    program = live_program(world.merchant, name="Partner cash", advocate_reward=rule)
    till = Till(World(world.merchant, program, world.advocate, world.link, world.now), orders=700)
    _people(till)
    payout = _closed(till)
    _at_the_bank(till)
    _preview(till)
    with at_work(world.merchant) as now:
        form = TaxForm.objects.create(customer=Customer.objects.get(name="Cora Muster"), country="US", asked_at=now)
        line = PayoutLine.objects.filter(payout__state=Payout.State.PREVIEW, state=PayoutLine.State.INCLUDED)[0]
    return {
        "payout": public_id("pay", line.payout_id),
        "payout_line": public_id("pln", line.pk),
        "tax_form": public_id("tax", form.pk),
        "closed_payout": public_id("pay", payout.pk),
    }


def _people(till: Till) -> None:
    """Cora and Carl have said where to pay, Cleo has not."""
    for name in ("cora", "carl", "cleo"):
        enrolled(till.world.merchant, till.world.program, f"{name}@advocate.example", f"{name.title()} Muster")
    till.account("cora")
    till.account("carl", "carl@pay.example", "PAYPAL")


def _closed(till: Till) -> Payout:
    number = till.earn(2000, "cora")
    till.earn(1000, "carl")
    payout = till.make()
    till.confirm(payout)
    carl, cora = till.lines(payout)
    till.paid(cora)
    till.failed(carl)
    till.give_back(number, 500)
    return payout


def _at_the_bank(till: Till) -> None:
    till.earn(700, "carl")
    payout = till.make()
    with at_work(till.world.merchant) as now:
        cancel_payout(payout=payout, by=ALICE, now=now)
    till.confirm(till.make())


def _preview(till: Till) -> None:
    till.policy(minimum_minor=100)
    for amount, name in ((3000, "cora"), (900, "carl"), (1200, "cleo")):
        till.earn(amount, name)
    payout = till.make()
    carl, _cleo, _cora = till.lines(payout)
    with at_work(till.world.merchant) as now:
        leave_out(line=carl, by=ALICE, now=now)
