"""`python -m demo.drive [address]`: plays the loop against the stack at PUBLIC_URL (or the address given)."""

from __future__ import annotations

import os
import sys
import time

from demo.drive import merchant, people, rewards
from demo.drive.shop import own_shop
from demo.drive.story import StepFailed, Story, play
from ops.browser import find_chromium

STEPS = [*merchant.STEPS, *people.STEPS, *rewards.STEPS]


def main(arguments: list[str]) -> int:
    base = (arguments[0] if arguments else os.environ.get("PUBLIC_URL", "")).rstrip("/")
    if not base:
        print("Where is the stack? Give its address, or use ./run drive.", file=sys.stderr)
        return 2
    began = time.monotonic()
    try:
        with own_shop(base) as shop:
            play(Story(base, shop, find_chromium()), STEPS, say=lambda text: print(text, flush=True))
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr, flush=True)
        return 1
    print(f"\nThe loop holds: {len(STEPS)} steps in {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
