"""Advocates at their portal."""

from __future__ import annotations

from django.test import Client

from advocates.actions.magic import magic_token, make_magic_link
from advocates.models import Advocate
from tests.cast import World, at_work


def token_for(world: World, advocate: Advocate | None = None) -> str:
    """What the mail would carry."""
    with at_work(world.merchant) as now:
        return magic_token(make_magic_link(advocate=advocate or world.advocate, now=now))


def signed_in(world: World, advocate: Advocate | None = None, *, checks_csrf: bool = False) -> Client:
    """A browser in which this advocate has used a mailed link."""
    client = Client(
        enforce_csrf_checks=checks_csrf,
        headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
    )
    answer = client.post(f"/p/{world.merchant.slug}/enter/{token_for(world, advocate)}")
    assert answer.status_code == 303, answer.content
    return client


def portal(world: World, rest: str = "") -> str:
    return f"/p/{world.merchant.slug}/{rest}"
