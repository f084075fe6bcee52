"""What a process that serves for days tells Python's search for objects that hold each other."""

from __future__ import annotations

import gc

#: New objects between two looks at the youngest; looks until the older ones are looked at too. A page makes some ten
#: thousand objects and lets go of nearly all of them by itself: at Python's 700 it was searched five times while it was
#: drawn, and once in twenty pages the search went through everything there is. A worker that takes in clicks makes six
#: times as many at once, and spent half of its time on that search.
YOUNG, MIDDLE, OLD = 20_000, 20, 20


def keep_what_is_loaded() -> None:
    """Modules, models and routes stay until the process ends: nobody looks through them again. Called once, at the end
    of the start, and before other processes are forked from this one."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
