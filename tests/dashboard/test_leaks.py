"""Leaks at the desk: who sees them, what is said, deciding, and the mails that follow."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from advocates.models import Link
from engagement.mailbox import mails_of
from merchants.models import Role
from merchants.steps import outbox
from referral_saas.dashboard.paths import public
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import as_role, base, owner, text_of
from tests.tracking.test_leaks import found_in, opened, podcast
from tracking.models import Leak

pytestmark = pytest.mark.django_db


@pytest.fixture(name="leak")
def a_leak(settings, tmp_path: Path) -> tuple[World, Leak, str]:
    settings.MAILBOX_DIR = tmp_path  # what other tests mailed to this shop lies elsewhere
    world = a_world()
    opened(world, podcast(world), 12, site="www.retailmenot.com")
    [leak] = found_in(world)
    return world, leak, f"{base(world)}/leaks/{public(leak)}"


def test_a_leak_says_where_it_got_out_and_what_was_seen(leak):
    world, row, address = leak
    client = owner(world)
    told = text_of(client.get(address))
    assert "belongs to one share of Dana Muster alone: Podcast Morgenkaffee." in told
    assert "12 visits came from www.retailmenot.com, a site that collects codes" in told
    assert f"Code {row.link.code} belongs to" in told
    assert "1 link has got out." in text_of(client.get(base(world)))
    assert "Podcast Morgenkaffee" in text_of(client.get(f"{base(world)}/leaks"))
    assert "No link has got out" not in text_of(client.get(f"{base(world)}/leaks"))
    assert "Nothing fits" in text_of(client.get(f"{base(world)}/leaks?state=ROTATED"))
    for page in (f"advocates/{public(world.advocate)}", f"links/{public(row.link)}"):
        assert "This link seems to have got out" in text_of(client.get(f"{base(world)}/{page}"))


def test_replacing_and_putting_back_at_one_press_each(leak):
    world, row, address = leak
    client = owner(world)
    said = text_of(client.post(f"{address}/replace", follow=True))
    assert "The link was replaced. Dana Muster gets the new one by mail." in said
    assert "Put the link back" in said
    assert "Somebody decided this meanwhile." in text_of(client.post(f"{address}/replace", follow=True))
    assert "Link replaced, as it had got out" in said.partition("What happened")[2]
    back = text_of(client.post(f"{address}/undo", follow=True))
    assert "The link from before works again, and so does the new one." in back
    with at_work(world.merchant):
        assert Leak.objects.get().state == "OPEN"
        assert Link.objects.get(pk=row.link_id).retired_at is None


def test_after_a_day_nothing_is_put_back(leak):
    world, row, address = leak
    client = owner(world)
    client.post(f"{address}/replace")
    with at_work(world.merchant):
        Link.objects.filter(pk=row.link_id).update(retired_at=world.now - timedelta(days=2))
    assert "Put the link back" not in text_of(client.get(address))
    assert "possible for a day" in text_of(client.post(f"{address}/undo", follow=True))
    with at_work(world.merchant):
        assert Leak.objects.get().state == "ROTATED"


def test_leaving_it_and_looking_again(leak):
    world, row, address = leak
    client = owner(world)
    assert "Left as it is." in text_of(client.post(f"{address}/leave", follow=True))
    assert "seems to have got out" not in text_of(client.get(f"{base(world)}/links/{public(row.link)}"))
    assert "on the list again" in text_of(client.post(f"{address}/reopen", follow=True))
    assert "cannot" not in text_of(client.post(f"{address}/replace", follow=True))


def test_who_may_only_look_has_no_buttons(leak):
    world, _row, address = leak
    client = as_role(world, Role.ANALYST)
    page = client.get(address)
    assert (page.status_code, b"Replace the link" in page.content) == (200, False)
    for verb in ("replace", "undo", "leave", "reopen"):
        assert client.post(f"{address}/{verb}").status_code == 404
    with at_work(world.merchant):
        assert Leak.objects.get().state == "OPEN"


def test_the_team_hears_of_it_and_the_advocate_gets_the_new_link_without_blame(leak):
    world, row, address = leak
    ref = world.merchant.tenant_ref()
    outbox.sweep(ref)
    outbox.sweep(ref)
    [alert] = [mail for mail in mails_of(world.merchant.slug) if "got out" in mail.subject]
    assert (alert.to, alert.subject) == (
        "alice@nordlicht.example", "A link of Dana Muster seems to have got out: Podcast Morgenkaffee"
    )  # fmt: skip
    assert f"/leaks/{public(row)}" in alert.text
    owner(world).post(f"{address}/replace")
    outbox.sweep(ref)
    [news] = [mail for mail in mails_of(world.merchant.slug) if "new link" in mail.subject]
    with at_work(world.merchant):
        new = Leak.objects.select_related("new_link").get().new_link
    assert news.to == "dana@advocate.example"
    assert new is not None
    assert new.code in news.text
    assert "it is not your fault" in news.text
    assert "coupon" not in news.text.lower()
