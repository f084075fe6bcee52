"""python fill.py <links>: so many links, each of a person of its own; prints their codes."""

import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402


def pinax(people):
    from pinax.referrals.models import Referral

    return [Referral.create(redirect_to="/shop/", user=person).code for person in people]


def system(people):
    from referrals.models import Promoter

    codes = [f"token{person.pk}" for person in people]
    for person, code in zip(people, codes, strict=True):
        Promoter.objects.create(user=person, referral_token=code, referral_link=f"https://example.com/{code}")
    return codes


users = get_user_model().objects
users.bulk_create(
    users.model(username=f"p{number}", email=f"p{number}@example.com") for number in range(int(sys.argv[1]))
)
print("\n".join({"pinax": pinax, "system": system}[settings.PEER](list(users.order_by("pk")))))
