"""The test shop as the launcher serves it: it ends with whoever started it."""

import os

from kit import lifeline

if lifeline.asked_for():
    lifeline.die_with(os.getppid())

from demo.shop.app import application  # only now: whatever takes time comes after the lifeline

__all__ = ["application"]
