"""Say how to enter the demo: what to try first, every address and every log-in."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Ties the running test shop to the demo's sandbox and prints addresses and log-ins."

    def handle(self, **options: Any) -> None:
        # The product knows nothing of the demo, so its modules are asked for by name.
        try_it = import_module("demo.world.try_it")
        try:
            lines = try_it.lead_the_way(shop_url=settings.SHOP_URL)
        except try_it.NoWorld as problem:
            raise CommandError(str(problem)) from problem
        for line in lines:
            self.stdout.write(line)
