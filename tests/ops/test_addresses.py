from __future__ import annotations

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from ops import addresses
from ops.stack import AlreadyRunning, IncompleteAddresses, Stack, alone, kept_secrets, outside_servers


@pytest.fixture
def busy():  # type: ignore[no-untyped-def]
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path, "demo", services=None)


def test_busy_port_is_answered_by_another(busy: int, capsys: pytest.CaptureFixture[str]) -> None:
    found = addresses.free_port(busy, taken=())
    assert busy < found < busy + addresses.TRIES
    assert f"Port {busy} is taken" in capsys.readouterr().err


def test_servers_that_start_together_look_for_different_ports() -> None:
    assert len({addresses.any_port() for _ in range(20)}) > 1


def test_web_and_shop_never_share_a_port(stack: Stack) -> None:
    addresses.choose(stack, web_port=18400, shop_port=18400)
    assert stack.environment["WEB_PORT"] != stack.environment["SHOP_PORT"]


def test_simulated_providers_have_a_port_of_their_own_and_are_named_to_our_settings(stack: Stack) -> None:
    addresses.choose(stack, web_port=18400, shop_port=18400, providers_port=18400)
    named = stack.environment
    assert len({named["WEB_PORT"], named["SHOP_PORT"], named["PROVIDERS_PORT"]}) == 3
    assert named["PROVIDER_URL_STRIPE"] == f"{named['PROVIDERS_URL']}/stripe"


def test_shop_has_another_host_name_so_that_no_cookie_is_shared(stack: Stack) -> None:
    addresses.choose(stack, web_port=18400, shop_port=18500)
    assert stack.environment["PUBLIC_URL"].startswith("http://localhost:")
    assert stack.environment["SHOP_URL"].startswith("http://127.0.0.1:")


def test_ports_of_the_last_start_are_used_again_because_links_hold_them(stack: Stack, busy: int) -> None:
    addresses.choose(stack, web_port=busy, shop_port=18500)
    first = dict(stack.environment)
    addresses.choose(stack, web_port=18400, shop_port=18600)
    assert stack.environment == first


def test_running_demo_is_found_and_a_dead_one_is_not(stack: Stack) -> None:
    addresses.choose(stack, web_port=18400, shop_port=18500)
    addresses.publish(stack)
    with alone(stack.data):
        found = addresses.of_running(stack.data)
    assert found is not None
    assert found["urls"]["app"] == found["env"]["PUBLIC_URL"]
    assert addresses.of_running(stack.data) is None


def test_nothing_published_means_no_demo_runs(tmp_path: Path) -> None:
    assert addresses.of_running(tmp_path) is None


def test_published_file_is_for_us_alone_because_it_holds_keys(stack: Stack) -> None:
    addresses.choose(stack, web_port=18400, shop_port=18500)
    addresses.publish(stack)
    assert stat.S_IMODE(addresses.published(stack.data).stat().st_mode) == 0o600


def test_second_start_on_the_same_data_is_told(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(AlreadyRunning, match=str(tmp_path)), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_secrets_survive_a_restart_and_are_for_us_alone(tmp_path: Path) -> None:
    first = kept_secrets(tmp_path)
    assert kept_secrets(tmp_path) == first
    assert len(first["SECRET_KEY"]) >= 40
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "secrets.json").read_text()) == first


def test_outside_servers_named_in_part_are_refused_by_name() -> None:
    before = {name: os.environ.pop(name) for name in ("DATABASE_OWNER_URL", "REDIS_URL")}
    try:
        with pytest.raises(IncompleteAddresses, match="DATABASE_OWNER_URL and REDIS_URL not set"):
            outside_servers()
    finally:
        os.environ.update(before)
    assert outside_servers() is True
