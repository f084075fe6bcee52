"""Opening workspaces: people who log in, their team, and what the shop knew before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from advocates.actions.imports import import_customers, plan_customer_import
from demo.world.people import PASSWORD, Login, Person
from kit.csvio import Table
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.actions.team import accept_invitation, invite_member
from merchants.events import by_user
from merchants.models import Membership, Merchant, User
from merchants.steps.workspaces import open_workspace


def user_of(login: Login) -> User:
    """Signed up, address confirmed. Asked again: the one there is."""
    found = User.objects.filter(email=login.email).first()
    if found:
        return found
    made = User.objects.create_user(login.email, name=login.name)
    made.password = _hashed()
    made.save(update_fields=["password"])
    EmailAddress.objects.create(user=made, email=login.email, verified=True, primary=True)
    return made


@cache
def _hashed() -> str:
    """All log-ins of the demo share one password, and hashing it is slow on purpose."""
    return make_password(PASSWORD)


def open_for(
    login: Login,
    *,
    name: str,
    currency: str,
    zone: str,
    shop_url: str,
    now: datetime,
    language: str = "en",
    is_sandbox: bool = False,
) -> Merchant:
    return open_workspace(
        user=user_of(login),
        name=name,
        currency=currency,
        time_zone=zone,
        shop_url=shop_url,
        language=language,
        is_sandbox=is_sandbox,
        now=now,
    )


def owner_of(merchant: Merchant) -> Membership:
    return Membership.objects.select_related("user").filter(merchant=merchant, role="OWNER").order_by("pk")[0]


def names_of(merchant: Merchant) -> dict[str, str]:
    """Role -> who it is, as the event log names them."""
    members = Membership.objects.filter(merchant=merchant).order_by("-pk")
    return {member.role: by_user(member.user_id) for member in members}


def join_all(merchant: Merchant, colleagues: Sequence[Login], now: datetime) -> None:
    """Each is invited by the owner and accepts the next morning."""
    owner = owner_of(merchant)
    for index, login in enumerate(colleagues):
        user, at = user_of(login), now + timedelta(hours=index)
        with tenant_scope(merchant.tenant_ref()), tenant_transaction():
            invitation = invite_member(email=login.email, role=login.role, by=owner, now=at)
            accept_invitation(invitation=invitation, user=user, now=at + timedelta(hours=15))


@dataclass(frozen=True)
class Known:
    """A line of the shop's export of customers."""

    person: Person
    orders: int = 0
    first_paid_at: datetime | None = None

    def cells(self) -> list[str]:
        first = self.first_paid_at.isoformat() if self.first_paid_at else ""
        return [self.person.email, self.person.name, self.person.country, str(self.orders), first]


def import_history(
    merchant: Merchant, bought: Sequence[Person], only_known: Sequence[Person], *, now: datetime, rng: Random
) -> None:
    """The export of the first day: who bought how often before, and who only reads the newsletter."""
    rows = [
        Known(person, rng.choice((1, 1, 1, 2, 2, 3, 5)), now - timedelta(days=rng.randrange(20, 700)))
        for person in bought
    ]
    rows += [Known(person) for person in only_known]
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        import_people(rows, by=by_user(owner_of(merchant).user_id), now=now)


def import_people(rows: Sequence[Known], *, by: str, now: datetime) -> None:
    headers = ["email", "name", "country", "orders", "first_paid_at"]
    table = Table(headers, [row.cells() for row in rows], ",", "utf-8", list(range(2, len(rows) + 2)))
    import_customers(plan=plan_customer_import(table=table, now=now), by=by, now=now)
