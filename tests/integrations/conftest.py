from __future__ import annotations

from collections.abc import Iterator

import pytest

from merchants.models import Merchant
from tests.cast import workspace_of
from tests.integrations.services import answered_by, connect_all
from tests.integrations.shop import Shop, connected
from tests.providers import Providers, running_providers


@pytest.fixture
def shop(db: None) -> Shop:
    return connected(workspace_of("alice@nordlicht.example", "Nordlicht Kaffee"))


@pytest.fixture(scope="session")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Providers]:
    with running_providers(tmp_path_factory.mktemp("providers")) as found:
        yield found


@pytest.fixture
def providers(one_process: Providers) -> Iterator[Providers]:
    """The simulated services, as if new, and every adapter pointed at them."""
    for name in ("stripe", "giftcards", "shopify", "woocommerce"):
        one_process.switch(name, reset=True, clear=True)
    with answered_by(one_process.url):
        yield one_process


@pytest.fixture
def merchant(db: None) -> Merchant:
    """With an account at every service."""
    made = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    connect_all(made)
    return made
