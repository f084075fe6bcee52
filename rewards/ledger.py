"""``post()`` and ``post_many()``: the only writers of ledger entries, and every move there is.

Balances are sums of entries and are stored nowhere; every posting sums to zero in its unit. What was spent and what is
still to come back is positive (debit); what is owed, was given or was set aside is negative (credit):

======================================= ================= =================
what happened                           debit (+)         credit (-)
======================================= ================= =================
budget allotted or raised (``allot``)   BUDGET            ALLOTTED
budget lowered (``take_away``)          ALLOTTED          BUDGET
reward promised within it (``commit``)  COMMITTED         BUDGET
promise gone again (``uncommit``)       BUDGET            COMMITTED
earned, in its hold (``hold``)          REWARD_COST       HELD
reduced or cancelled (``unhold``)       HELD              REWARD_COST
hold over (``release``)                 HELD              PAYABLE
reduced when owed (``owe_less``)        PAYABLE           REWARD_COST
raised when owed (``owe_more``)         REWARD_COST       PAYABLE
given (``fulfil``)                      PAYABLE           FULFILLED
never claimed or used (``expire``)      HELD, PAYABLE or  EXPIRED
                                        FULFILLED
used after it had expired (``revive``)  EXPIRED           FULFILLED
taken back (``claw_back``)              CLAWED_BACK       REWARD_COST
given back again (``give_back``)        REWARD_COST       CLAWED_BACK
debt came back (``recover``)            RECOVERED         CLAWED_BACK
did not come back (``owe_again``)       CLAWED_BACK       RECOVERED
friend's discount (``grant_discount``)  OFFER_COST        DISCOUNT_GRANTED
======================================= ================= =================

So minus HELD and minus PAYABLE are today's debt to people, CLAWED_BACK is people's debt to the merchant (negative: what
came back has to be given again), and minus EXPIRED is breakage. BUDGET + COMMITTED is what was allotted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from kit.ids import uuid7
from kit.many import columns, insert_many
from kit.tenancy import transaction_required
from rewards.models import Account, LedgerEntry, Posting, Reward
from tracking.models import Order


@dataclass(frozen=True, slots=True)
class Move:
    """``amount_minor`` goes from the credit account (minus) to the debit account (plus)."""

    debit: Account
    credit: Account
    amount_minor: int


def hold(amount_minor: int) -> Move:
    return Move(Account.REWARD_COST, Account.HELD, amount_minor)


def unhold(amount_minor: int) -> Move:
    return Move(Account.HELD, Account.REWARD_COST, amount_minor)


def release(amount_minor: int) -> Move:
    return Move(Account.HELD, Account.PAYABLE, amount_minor)


def owe_less(amount_minor: int) -> Move:
    return Move(Account.PAYABLE, Account.REWARD_COST, amount_minor)


def owe_more(amount_minor: int) -> Move:
    return Move(Account.REWARD_COST, Account.PAYABLE, amount_minor)


def fulfil(amount_minor: int) -> Move:
    return Move(Account.PAYABLE, Account.FULFILLED, amount_minor)


def claw_back(amount_minor: int) -> Move:
    """The cost is taken off, and the recipient owes it: a negative entry netted from what comes next."""
    return Move(Account.CLAWED_BACK, Account.REWARD_COST, amount_minor)


def give_back(amount_minor: int) -> Move:
    return Move(Account.REWARD_COST, Account.CLAWED_BACK, amount_minor)


def recover(amount_minor: int) -> Move:
    """What was clawed back did come back: netted in a payout, or its code was disabled or ran out unused."""
    return Move(Account.RECOVERED, Account.CLAWED_BACK, amount_minor)


def owe_again(amount_minor: int) -> Move:
    """It was thought to have come back and had not (the payout that netted it failed)."""
    return Move(Account.CLAWED_BACK, Account.RECOVERED, amount_minor)


#: Where something can be when it ends: waiting, owed or given and never used.
CAN_EXPIRE = frozenset({Account.HELD, Account.PAYABLE, Account.FULFILLED})


def expire(amount_minor: int, *, source: Account) -> Move:
    """Nobody claimed or used it in time. The cost stays where it was; EXPIRED is what to take off it (breakage)."""
    if source not in CAN_EXPIRE:
        raise ValueError(f"Nothing in {source} can expire.")
    return Move(source, Account.EXPIRED, amount_minor)


def revive(amount_minor: int) -> Move:
    """What had expired here was used all the same: it was given after all."""
    return Move(Account.EXPIRED, Account.FULFILLED, amount_minor)


def allot(amount_minor: int) -> Move:
    """A program's budget is set, or raised by this much."""
    return Move(Account.BUDGET, Account.ALLOTTED, amount_minor)


def take_away(amount_minor: int) -> Move:
    """A program's budget is lowered by this much."""
    return Move(Account.ALLOTTED, Account.BUDGET, amount_minor)


def commit(amount_minor: int) -> Move:
    """A reward was promised: so much of the budget is not free any more, though nothing was paid yet."""
    return Move(Account.COMMITTED, Account.BUDGET, amount_minor)


def uncommit(amount_minor: int) -> Move:
    return Move(Account.BUDGET, Account.COMMITTED, amount_minor)


def grant_discount(amount_minor: int) -> Move:
    """The discount an order really granted is offer cost at once; a negative amount corrects it."""
    if amount_minor >= 0:
        return Move(Account.OFFER_COST, Account.DISCOUNT_GRANTED, amount_minor)
    return Move(Account.DISCOUNT_GRANTED, Account.OFFER_COST, -amount_minor)


@dataclass(frozen=True, slots=True)
class Booking:
    """One posting to be made: what moves, in which unit, and what it belongs to."""

    moves: Iterable[Move]
    unit: str
    program_id: UUID
    reward: Reward | None = None
    claim_id: UUID | None = None
    order: Order | None = None


@transaction_required
def post(
    kind: str,
    *,
    moves: Iterable[Move],
    unit: str,
    program_id: UUID,
    now: datetime,
    reward: Reward | None = None,
    claim_id: UUID | None = None,
    order: Order | None = None,
) -> None:
    """Write one balanced posting; moves of nothing are left out, and a posting of nothing is not written."""
    booking = Booking(moves, unit, program_id, reward=reward, claim_id=claim_id, order=order)
    post_many(kind, bookings=[booking], now=now)


@transaction_required
def post_many(kind: str, *, bookings: Iterable[Booking], now: datetime) -> None:
    """Write balanced postings of one kind in two statements, however many there are.

    As with ``post()`` moves of nothing are left out, and a posting of nothing is not written: there may be fewer
    postings than bookings. Nothing at all is written if any move goes backwards.
    """
    real = [(uuid7(), booking, moves) for booking in bookings if (moves := _real(booking.moves))]
    if real:
        rows = [_posting_row(posting_id, booking) for posting_id, booking, _ in real]
        insert_many(Posting, same={"kind": kind, "at": now}, each=columns(POSTING_ROW, rows))
        legs = [leg for posting_id, booking, moves in real for leg in _leg_rows(posting_id, booking, moves)]
        insert_many(LedgerEntry, each=columns(LEG_ROW, legs))


def _real(moves: Iterable[Move]) -> list[Move]:
    real = [move for move in moves if move.amount_minor]
    if any(move.amount_minor < 0 for move in real):
        raise ValueError("A move goes from credit to debit with a positive amount.")
    return real


#: What differs from posting to posting, and from leg to leg.
POSTING_ROW = ("id", "program_id", "reward_id", "claim_id", "order_id")
LEG_ROW = ("id", "posting_id", "account", "unit", "amount_minor", "program_id")


def _posting_row(posting_id: UUID, booking: Booking) -> tuple[UUID | None, ...]:
    reward_id = booking.reward.pk if booking.reward else None
    order_id = booking.order.pk if booking.order else None
    return posting_id, booking.program_id, reward_id, booking.claim_id, order_id


def _leg_rows(posting_id: UUID, booking: Booking, moves: Iterable[Move]) -> Iterator[tuple[object, ...]]:
    for move in moves:
        for account, amount in ((move.debit, move.amount_minor), (move.credit, -move.amount_minor)):
            yield uuid7(), posting_id, account.value, booking.unit, amount, booking.program_id


def balance(
    account: Account,
    *,
    unit: str,
    reward: Reward | None = None,
    order: Order | None = None,
    kinds: Collection[str] | None = None,
) -> int:
    """The sum of an account's entries in one unit; derived every time, stored nowhere. ``kinds`` of postings only."""
    entries = LedgerEntry.objects.filter(account=account, unit=unit)
    if kinds is not None:
        entries = entries.filter(posting__kind__in=kinds)
    if reward is not None:
        entries = entries.filter(posting__reward=reward)
    if order is not None:
        entries = entries.filter(posting__order=order)
    total: int = entries.aggregate(total=Sum("amount_minor"))["total"] or 0
    return total
