"""The address that friends are led to: what browsers would read as another host is refused when it is saved."""

from __future__ import annotations

import pytest

from merchants.actions.workspaces import BadSetting, change_workspace
from merchants.models import Workspace
from tests.cast import at_work
from tests.merchants.test_workspaces import opened, settings_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example\\@shop.example",
        "https://shop.example@evil.example",
        "https://user:password@shop.example",
        "https://shop.example\n.evil.example",
        "https://shop.example\x00",
        "https://shop\N{FULLWIDTH FULL STOP}example",
        "http://[::1",
    ],
)
def test_address_that_could_lead_elsewhere_is_refused(address: str) -> None:  # hostile 49
    merchant = opened()
    with at_work(merchant):
        before = Workspace.objects.values().get()
        with pytest.raises(BadSetting) as refused:
            change_workspace(**settings_of(merchant, shop_url=address))
        assert refused.value.field == "shop_url"
        assert Workspace.objects.values().get() == before


def test_a_host_that_begins_like_ours_is_another_host() -> None:  # hostile 49
    merchant = opened()
    with at_work(merchant):
        change_workspace(**settings_of(merchant, shop_url="https://shop.example.evil.example"))
        assert Workspace.objects.get().verified_hosts == ["shop.example.evil.example"]
