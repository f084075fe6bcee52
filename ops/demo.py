"""./run demo and ./run dev: everything running on data that stays."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from ops import addresses
from ops.console import tell
from ops.prepare import has_command, start_over
from ops.programs import everything_running
from ops.signals import Stopped, unwinding
from ops.stack import ROOT, Stack, lasting

DATA = ROOT / "var"
WEB_PORT, SHOP_PORT, PROVIDERS_PORT = 8000, 8001, addresses.PROVIDERS_PORT
BETWEEN_LOOKS = 0.2


def demo(arguments: list[str]) -> int:
    return serve(parse(arguments), reload=False)


def dev(arguments: list[str]) -> int:
    """Debug pages, unhashed static files, code reloaded on change; one worker serves all queues."""
    os.environ.setdefault("DEBUG", "1")
    return serve(parse(arguments), reload=True)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo")
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away and build it anew")
    parser.add_argument("--port", type=int, default=WEB_PORT, help="wanted port; the next free one if it is taken")
    parser.add_argument("--shop-port", type=int, default=SHOP_PORT, help="the same for the test shop")
    parser.add_argument("--providers-port", type=int, default=PROVIDERS_PORT, help="and for the simulated providers")
    parser.add_argument("--data", type=Path, default=DATA, help="where the data is kept (default: var)")
    return parser.parse_args(arguments)


def serve(options: argparse.Namespace, *, reload: bool) -> int:
    began = time.monotonic()
    try:
        with unwinding(), lasting(options.data) as stack:
            if options.fresh:
                start_over(stack)
            with everything_running(
                stack,
                world=True,
                web_port=options.port,
                shop_port=options.shop_port,
                providers_port=options.providers_port,
                reload=reload,
            ) as look:
                greet(stack, seconds=time.monotonic() - began)
                while True:
                    look()
                    time.sleep(BETWEEN_LOOKS)
    except Stopped:
        tell("\nStopped. The data stays; the same command brings it back.")
    return 0


def greet(stack: Stack, *, seconds: float) -> None:
    """First what to try, then where things are."""
    tell(f"\nReady after {seconds:.1f} s.\n")
    if has_command("demo_try_it"):
        stack.manage("demo_try_it", check=False)
    urls = {
        "Referral SaaS": stack.environment["PUBLIC_URL"],
        "Providers": f"{stack.environment['PROVIDERS_URL']} (simulated Shopify, WooCommerce, Stripe and gift cards)",
        "Logs": str(stack.data / "logs"),
    }
    tell("\n".join(f"{name + ':':<16}{url}" for name, url in urls.items()))
    tell("Ctrl-C stops everything.")


def running() -> dict[str, str] | None:
    """The environment of the demo that runs on the usual data, if one does."""
    found = addresses.of_running(DATA)
    return None if found is None else found["env"]
