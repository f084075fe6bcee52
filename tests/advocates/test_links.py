from __future__ import annotations

import pytest

from advocates.actions.links import NotSharing, link_for, record_share
from advocates.actions.standing import pause_advocate
from advocates.models import Advocate, Channel, Link, Share
from advocates.selectors import links_of, main_link
from merchants.models import Door, Event, Merchant
from merchants.selectors import door_for
from tests.cast import at_work, enrolled, live_program, workspace_of
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


@pytest.fixture
def advocate(merchant) -> Advocate:
    return enrolled(merchant, live_program(merchant))


def test_each_channel_and_placement_has_a_link_of_its_own(merchant, advocate):
    with at_work(merchant) as now:
        whatsapp = link_for(advocate=advocate, channel="WHATSAPP", now=now)
        footer = link_for(advocate=advocate, channel="WHATSAPP", placement="footer", now=now)
        assert link_for(advocate=advocate, channel="WHATSAPP", placement=" footer ", now=now) == footer
        assert link_for(advocate=advocate, channel="LINK", now=now) == main_link(advocate)
        assert list(links_of(advocate)) == [main_link(advocate), whatsapp, footer]
        assert len({link.code for link in links_of(advocate)}) == 3
    for link in (whatsapp, footer):
        door = door_for(Door.Kind.LINK, f"shared/{link.code}")
        assert door is not None
        assert door.object_id == link.pk


def test_an_unknown_channel_is_refused(merchant, advocate):
    with at_work(merchant) as now:
        with pytest.raises(ValueError):
            link_for(advocate=advocate, channel="FAX", now=now)
        assert Link.objects.count() == 1


def test_record_share_writes_link_share_and_event(merchant, advocate):
    with at_work(merchant) as now:
        share = record_share(advocate=advocate, channel="WHATSAPP", now=now)
        again = record_share(advocate=advocate, channel="WHATSAPP", now=now)
        link = Link.objects.get(channel=Channel.WHATSAPP)
        rows = list(Share.objects.order_by("pk").values_list("link", "advocate", "channel", "at"))
        events = list(Event.objects.filter(code="advocate.shared").order_by("seq"))
    assert rows == [(link.pk, advocate.pk, "WHATSAPP", now)] * 2
    assert share.pk != again.pk
    assert events[0].data == {"channel": "WHATSAPP", "link": str(link.pk), "share": str(share.pk)}
    assert [event.by for event in events] == [f"advocate:{advocate.pk}"] * 2


def test_who_is_not_active_does_not_share(merchant, advocate):
    with at_work(merchant) as now:
        pause_advocate(advocate=advocate, by="system", now=now)
        with pytest.raises(NotSharing):
            record_share(advocate=advocate, channel="COPY", now=now)
        assert not Share.objects.exists()
        assert Link.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_links_and_shares_at_once():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    advocate = enrolled(merchant, live_program(merchant))

    def share() -> Share:
        with at_work(merchant) as now:
            link_for(advocate=advocate, channel="QR", now=now)
            return record_share(advocate=advocate, channel="QR", now=now)

    shares = at_once(*[share] * 4)
    assert len({one.link_id for one in shares}) == 1
    with at_work(merchant):
        assert Share.objects.count() == 4
        assert list(Event.objects.filter(subject_id=advocate.pk).order_by("seq").values_list("seq", flat=True)) == [
            1, 2, 3, 4, 5,
        ]  # fmt: skip
