"""Builds the demo world, once.

Its last act is opening the workspace "Neu", so a world with it is whole. One without it was cut short: what was played
cannot be taken back (nothing of the product is ever deleted), so it is refused here, and the launcher starts its own
servers over from empty tables.

Nobody is mailed and no worker is rung while fourteen months pass. At the end every kind of work is swept once, as the
workers would, so that exactly the wake-ups of work that still lies ahead remain.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings

from demo.world.counts import Counts
from demo.world.neighbours import NEIGHBOURS, open_neu, play_neighbour
from demo.world.nordlicht import NAME as NORDLICHT
from demo.world.nordlicht import Story, open_nordlicht, play_crowd, say_who_sent_them
from demo.world.people import NEU
from demo.world.plot import plan
from demo.world.sandbox import build_sandbox
from demo.world.stage import Tell
from kit import ring
from kit.clock import database_now
from merchants import events, wakeups
from merchants.models import Membership, Merchant, WakeUp

MOST_SWEEPS = 20


class HalfBuilt(Exception):
    """A world was begun here and not finished; the text says what to do."""


def build_world(*, tell: Tell, scale: float = 1, processes: int = 1) -> bool:
    """False when it stands already. ``processes`` 2: the orders nobody referred are played beside the story."""
    if Membership.objects.filter(user__email=NEU.email).exists():
        return False
    if Merchant.objects.filter(name=NORDLICHT).exists():
        raise HalfBuilt("A demo world was begun in this database and not finished: start with an empty database.")
    base = database_now().replace(microsecond=0)
    with _played():
        plot = plan(base, Counts().scaled(scale))
        merchant = open_nordlicht(plot)
        story = Story(merchant, plot, tell)
        story.begin()
        with _beside(base, scale, processes):
            story.go_on()
        if processes == 1:
            play_rest(base=base, scale=scale, tell=tell)
        say_who_sent_them(merchant, plot)
        sweep_everything()
        open_neu(base)
    return True


def play_rest(*, base: datetime, scale: float, tell: Tell) -> None:
    """The part that needs nothing of the story: orders nobody referred, and the other merchants."""
    with _played():
        play_crowd(Merchant.objects.get(name=NORDLICHT), plan(base, Counts().scaled(scale)), tell)
        for neighbour in NEIGHBOURS:
            play_neighbour(neighbour.scaled(scale), base, tell)
        build_sandbox(base - timedelta(days=2))


def sweep_everything() -> None:
    """As the workers would: due wake-ups are worked and deleted, and one for the earliest work left is inserted."""
    for kind in settings.SWEEPS:
        for _ in range(MOST_SWEEPS):
            if not WakeUp.objects.filter(kind=kind, due_at__lte=database_now()).exists():
                break
            wakeups.sweep_due(kind)


@contextmanager
def _played() -> Iterator[None]:
    """Without mails and rings, and without pauses to look for garbage: the process is short-lived itself."""
    gc.disable()
    try:
        with events.told_to_nobody(), ring.muted():
            yield
    finally:
        gc.enable()


@contextmanager
def _beside(base: datetime, scale: float, processes: int) -> Iterator[None]:
    """The rest in a process of its own while the body plays the story."""
    if processes == 1:
        yield
        return
    command = [sys.executable, "manage.py", "demo_world", "--rest-of", base.isoformat(), "--scale", str(scale)]
    other = subprocess.Popen(command, cwd=settings.BASE_DIR)
    try:
        yield
        if code := other.wait():
            raise RuntimeError(f"The other half of the demo world ended with {code}.")
    finally:
        if other.poll() is None:
            other.terminate()
            other.wait()
