from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.shop.app import Config, Shop

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
