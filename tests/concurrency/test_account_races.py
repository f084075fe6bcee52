"""Two owners delete their accounts at once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from merchants.actions.team import LastOwner
from merchants.models import Membership, Merchant, Role, User
from privacy.steps.accounts import delete_account
from tests.cast import member, workspace_of
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def gone(person: User) -> bool:
    try:
        delete_account(user=person, now=timezone.now())
    except LastOwner:
        return False
    return True


def test_of_two_owners_who_go_at_once_one_stays() -> None:
    shop: Merchant = workspace_of("alice@nordlicht.example", "Nordlicht", sandbox=False)
    member(shop, "bob@nordlicht.example", Role.OWNER)
    people = list(User.objects.order_by("pk"))
    assert sorted(at_once(*(lambda one=one: gone(one) for one in people))) == [False, True]
    owner = Membership.objects.select_related("user").get(merchant=shop)
    assert (owner.role, owner.user.deleted_at) == (Role.OWNER, None)
