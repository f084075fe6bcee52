"""One box for everything somebody may hold in their hand: whose e-mail, order, code or number is this?

Every way is one equality (or one range of beginnings) on a stored, indexed column, so the number of statements and
their cost are the same for a hit and for a miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet, Value
from django.db.models.functions import Lower

from advocates.models import Advocate, Customer, Link
from advocates.selectors import advocate_by_id, customer_by_email, customer_by_former_id, customer_by_former_number
from kit.ids import parse_public_id
from kit.text import clean_text, normalise_email
from rewards.models import Reward
from tracking.models import Claim, Order, Referral

LONGEST = 254
#: People and orders named for one search; whoever means another is more exact.
MOST = 12
#: Sorts after every letter: the end of a range under COLLATE "C".
LAST = "\U0010ffff"


class By(StrEnum):
    """What the words turned out to be."""

    EMAIL = "email"
    NAME = "name"
    SHOP_NUMBER = "shop_number"
    ORDER = "order"
    LINK = "link"
    CLAIM = "claim"
    REWARD = "reward"
    REFERRAL = "referral"
    ADVOCATE = "advocate"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Hit:
    """Whom or what was found. ``customer`` is None for an order or claim of somebody nobody knows."""

    by: By
    customer: Customer | None
    order: Order | None = None
    claim: Claim | None = None
    #: What was found itself, where that is neither of these: a link, a reward, a referral, an advocate.
    other: Link | Reward | Referral | Advocate | None = None

    @property
    def thing(self) -> Model:
        """What the words were about, whoever it leads to."""
        ways = (self.other, self.order, self.claim, self.customer)
        return next(thing for thing in ways if thing is not None)

    @property
    def key(self) -> UUID:
        return next(thing.pk for thing in (self.customer, self.order, self.claim) if thing is not None)


@dataclass(frozen=True, slots=True)
class Found:
    asked: str
    #: The ways that were tried, for words when nothing was found.
    tried: tuple[By, ...]
    hits: tuple[Hit, ...]
    #: More fit than are named here.
    is_cut: bool = False


def find(text: str) -> Found:
    """Whoever is meant by ``text``: an e-mail address in any spelling, an order's number, a code, an id, a name."""
    found = find_things(text)
    unique = list({hit.key: hit for hit in reversed(found.hits)}.values())[::-1]
    return replace(found, hits=tuple(unique[:MOST]), is_cut=len(unique) > MOST)


def find_things(text: str) -> Found:
    """As ``find``, but for whatever was found: several things of one person, each by itself, and as many as there are
    of each."""
    asked = clean_text(text, max_length=LONGEST).strip()
    if not asked:
        return Found("", (), ())
    tried, hits = _by_public_id(asked) or _by_email(asked) or _by_words(asked)
    return Found(asked, tried, tuple(hits))


Tried = tuple[tuple[By, ...], list[Hit]]


def _by_email(asked: str) -> Tried | None:
    if normalise_email(asked) is None:
        return None
    person = customer_by_email(asked)
    return (By.EMAIL,), [Hit(By.EMAIL, person)] if person else []


# --- public ids -----------------------------------------------------------------------------------------------------


def _by_public_id(asked: str) -> Tried | None:
    """None where it is written like no public id; the id of something that is not there finds nothing."""
    for prefix, (by, look) in _IDS.items():
        key = parse_public_id(prefix, asked.lower())
        if key is not None:
            return (by,), look(key)
    return None


def _customer(key: UUID) -> list[Hit]:
    found = Customer.objects.filter(pk=key).first() or customer_by_former_id(key)
    return [Hit(By.CUSTOMER, found)] if found else []


def _advocate(key: UUID) -> list[Hit]:
    found = advocate_by_id(key)
    return [Hit(By.ADVOCATE, found.customer, other=found)] if found else []


def _link(key: UUID) -> list[Hit]:
    return _of_links(Link.objects.filter(pk=key))


def _order(key: UUID) -> list[Hit]:
    return _of_orders(Order.objects.filter(pk=key))


def _claim(key: UUID) -> list[Hit]:
    return _of_claims(Claim.objects.filter(pk=key))


def _reward(key: UUID) -> list[Hit]:
    return _of_rewards(Reward.objects.filter(pk=key))


def _referral(key: UUID) -> list[Hit]:
    """The friend first, then the advocate: support may be talking to either."""
    rows = Referral.objects.filter(pk=key).select_related("friend", "advocate__customer", "order")
    return [hit for row in rows for hit in _both(row)]


def _both(row: Referral) -> Iterator[Hit]:
    yield Hit(By.REFERRAL, row.friend, order=row.order, other=row)
    yield Hit(By.REFERRAL, row.advocate.customer, other=row)


_IDS: dict[str, tuple[By, Any]] = {
    "cus": (By.CUSTOMER, _customer),
    "adv": (By.ADVOCATE, _advocate),
    "ord": (By.ORDER, _order),
    "rwd": (By.REWARD, _reward),
    "ref": (By.REFERRAL, _referral),
    "clm": (By.CLAIM, _claim),
    "lnk": (By.LINK, _link),
}


# --- numbers, codes, names ------------------------------------------------------------------------------------------

WORDS = (By.ORDER, By.SHOP_NUMBER, By.LINK, By.CLAIM, By.REWARD, By.NAME)


def _by_words(asked: str) -> Tried:
    plain = asked.removeprefix("#")
    numbers, codes = [plain, f"#{plain}"], sorted({asked, asked.upper()})
    hits = [
        *_of_orders(Order.objects.filter(Q(number__in=numbers) | Q(external_id__in=numbers))),
        *(Hit(By.SHOP_NUMBER, row) for row in _numbered(plain)),
        *_of_links(Link.objects.filter(code=asked.upper())),
        *_of_claims(Claim.objects.filter(code__in=codes, code_is_own=True).exclude(code="")),
        *_of_rewards(Reward.objects.filter(voucher__in=codes).exclude(voucher="")),
        *(Hit(By.NAME, row) for row in _named(asked)),
    ]
    return WORDS, hits


def _numbered(number: str) -> Iterable[Customer]:
    """By their number in the shop, which is the shop's own promise to be one person's."""
    found: QuerySet[Any] = Customer.objects.filter(external_id=number).exclude(external_id="")
    people = list(found.order_by("pk")[:MOST])
    return people or [one for one in [customer_by_former_number(number)] if one]


def _named(text: str) -> Iterable[Customer]:
    """Whose name begins so: a range, for LIKE would read every row under row security."""
    first, last = Lower(Value(text)), Lower(Value(text + LAST))
    found: QuerySet[Any] = Customer.objects.filter(name_key__gte=first, name_key__lt=last)
    return found.order_by("name_key", "pk")[: MOST + 1]


def _of_orders(rows: QuerySet[Any]) -> list[Hit]:
    newest = rows.select_related("customer").order_by("-received_at", "-pk")[: MOST + 1]
    return [Hit(By.ORDER, row.customer, order=row) for row in newest]


def _of_links(rows: QuerySet[Any]) -> list[Hit]:
    return [Hit(By.LINK, row.advocate.customer, other=row) for row in rows.select_related("advocate__customer")]


def _of_claims(rows: QuerySet[Any]) -> list[Hit]:
    return [Hit(By.CLAIM, row.friend, claim=row) for row in rows.select_related("friend")]


def _of_rewards(rows: QuerySet[Any]) -> list[Hit]:
    """A code of the pool may stand on several rewards where it was given anew."""
    newest = rows.select_related("recipient").order_by("-pk")[: MOST + 1]
    return [Hit(By.REWARD, row.recipient, other=row) for row in newest]
