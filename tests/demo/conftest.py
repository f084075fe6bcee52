from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.shop.app import Config, Shop
from tests.demo.asking import NAMES, Client
from tests.providers import Providers, running_providers

from .client import HOST, SECRET, Browser, Receiver


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(Config(tmp_path, f"http://{HOST}", "http://referral.test"))


@pytest.fixture
def browser(shop: Shop) -> Browser:
    return Browser(shop)


@pytest.fixture
def receiver(browser: Browser) -> Iterator[Receiver]:
    receiver = Receiver()
    settings = {"hook_url": receiver.url, "hook_secret": SECRET, "publishable_key": "pk_test_1"}
    assert browser.send("/admin/connection", settings).status == 200
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Providers]:
    with running_providers(tmp_path_factory.mktemp("providers")) as started:
        yield started


@pytest.fixture
def providers(server: Providers) -> Providers:
    for name in NAMES:
        server.switch(name, reset=True)
    return server


@pytest.fixture
def client(providers: Providers) -> Client:
    return Client(providers.url)
