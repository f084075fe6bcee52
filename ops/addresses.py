"""Ports and addresses of the demo: the wanted ones, or the next that are free; remembered, because links hold them."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

from ops.console import tell
from ops.stack import AlreadyRunning, Stack, alone, write_private

#: Different names for one machine, so that the shop shares no cookies with us and knows us as a stranger would.
WEB_HOST, SHOP_HOST = "localhost", "127.0.0.1"
PROVIDERS_PORT = 8002
#: The simulated services by what our settings call them, and their place at the simulators' address.
PROVIDERS = {
    "PROVIDER_URL_SHOPIFY": "shopify",
    "PROVIDER_URL_WOOCOMMERCE": "woocommerce",
    "PROVIDER_URL_STRIPE": "stripe",
    "PROVIDER_URL_GIFTCARDS": "giftcards",
}
TRIES = 100


def choose(stack: Stack, *, web_port: int, shop_port: int, providers_port: int = PROVIDERS_PORT) -> None:
    """Put the addresses into the stack's environment. The ports of the last start go before the defaults."""
    remembered = stack.data / "ports.json"
    last: dict[str, int] = json.loads(remembered.read_text()) if remembered.exists() else {}
    web = free_port(last.get("web", web_port), taken=())
    shop = free_port(last.get("shop", shop_port), taken=(web,))
    providers = free_port(last.get("providers", providers_port), taken=(web, shop))
    write_private(remembered, {"web": web, "shop": shop, "providers": providers})
    stack.environment |= {
        "WEB_PORT": str(web),
        "SHOP_PORT": str(shop),
        "PUBLIC_URL": f"http://{WEB_HOST}:{web}",
        "SHOP_URL": f"http://{SHOP_HOST}:{shop}",
        "SHOP_PUBLIC_URL": f"http://{SHOP_HOST}:{shop}",
        "REFERRAL_URL": f"http://{WEB_HOST}:{web}",
        "SHOP_DATA_DIR": str(stack.data / "shop"),
        "MAILBOX_DIR": str(stack.data / "mailbox"),
        **simulators(providers),
    }


def simulators(port: int) -> dict[str, str]:
    """Where the simulated services answer. Whoever names another address for one of them means it."""
    url = f"http://{SHOP_HOST}:{port}"
    named = {name: os.environ.get(name) or f"{url}/{place}" for name, place in PROVIDERS.items()}
    return {"PROVIDERS_PORT": str(port), "PROVIDERS_URL": url, **named}


def free_port(wanted: int, *, taken: tuple[int, ...]) -> int:
    for port in range(wanted, wanted + TRIES):
        if port not in taken and is_free(port):
            if port != wanted:
                tell(f"Port {wanted} is taken by another program: using {port} instead")
            return port
    raise OSError(f"No free port between {wanted} and {wanted + TRIES}")


def any_port() -> int:
    """One that nobody has now, another at every call. Two that look for a wanted one at the same time may both find it
    free, and servers share ports: the one would answer what the other was asked."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Binding alone is not enough: a server of somebody's may listen on all addresses with port sharing on."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ours.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


# --- telling other commands ---


def publish(stack: Stack) -> None:
    """Where the running demo is and what its processes run with, for ./run drive, shell and manage."""
    named = {name: value for name, value in stack.environment.items() if os.environ.get(name) != value}
    urls = {"app": named["PUBLIC_URL"], "shop": named["SHOP_URL"], "mailbox": f"{named['PUBLIC_URL']}/mailbox/"}
    urls["providers"] = named["PROVIDERS_URL"]
    ports = {"web": int(named["WEB_PORT"]), "shop": int(named["SHOP_PORT"]), "providers": int(named["PROVIDERS_PORT"])}
    write_private(published(stack.data), {"urls": urls, "ports": ports, "env": named})


def withdraw(stack: Stack) -> None:
    published(stack.data).unlink(missing_ok=True)


def published(data: Path) -> Path:
    return data / "demo.json"


def of_running(data: Path) -> dict[str, Any] | None:
    """What a demo published, if it still runs: a killed one leaves the file but not the lock."""
    if not published(data).exists():
        return None
    try:
        with alone(data):
            return None
    except AlreadyRunning:
        content: dict[str, Any] = json.loads(published(data).read_text())
        return content
