"""What a process that serves for days tells Python's search for objects that hold each other."""

from __future__ import annotations

import gc
from importlib import import_module

from django.conf import settings

#: New objects between two looks at the youngest; looks until the older ones are looked at too. A page makes some ten
#: thousand objects and lets go of nearly all of them by itself: at Python's 700 it was searched five times while it was
#: drawn, and once in twenty pages the search went through everything there is.
YOUNG, MIDDLE, OLD = 20_000, 20, 20


def keep_what_is_loaded() -> None:
    """Modules, models and routes stay until the process ends: nobody looks through them again. Called once, at the end
    of the start. Every page is loaded before, so that the first who asks for one need not wait for that."""
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
