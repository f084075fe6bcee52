"""Build the demo world, if it does not stand already."""

from __future__ import annotations

import os
import time
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit import lifeline


class Command(BaseCommand):
    help = "Builds the demo world with all its merchants; a second start finds it and does nothing. Not in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", type=float, default=1.0, help="a part of it: 0.1 is a tenth")
        parser.add_argument("--processes", type=int, choices=(1, 2), default=2)
        parser.add_argument("--rest-of", type=datetime.fromisoformat, help="for the second process: the first start")

    def handle(self, **options: Any) -> None:
        if settings.MODE == "production":
            raise CommandError("The demo world has log-ins with a known password: it is not built in production.")
        # The product knows nothing of the demo, so its modules are asked for by name.
        build = import_module("demo.world.build")
        if options["rest_of"]:
            lifeline.die_with(os.getppid())
            build.play_rest(base=options["rest_of"], scale=options["scale"], tell=self._tell)
            return
        began = time.monotonic()
        try:
            built = build.build_world(tell=self._tell, scale=options["scale"], processes=options["processes"])
        except build.HalfBuilt as problem:
            raise CommandError(str(problem)) from problem
        seconds = time.monotonic() - began
        self._tell(f"The demo world stands after {seconds:.0f} s" if built else "The demo world stands already")

    def _tell(self, text: str) -> None:
        self.stderr.write(f"  {text}")
        self.stderr.flush()
