"""python -m bench <name> [word]: one bench, on the stack that the environment names (./run bench makes one for it)."""

from __future__ import annotations

import importlib
import sys

import django

#: Each module has run(): measures, prints, and prints its closing line last. `pages` takes a word.
BENCHES = {
    "ingest": "bench.ingest",
    "humans": "bench.humans",
    "intake": "bench.intake",
    "lane": "bench.lane",
    "pages": "bench.pages",
    "peers": "bench.peers.run",
    "release": "bench.release",
}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in BENCHES:
        print(f"Say what to measure: ./run bench {' | '.join(BENCHES)}", file=sys.stderr)
        return 2
    django.setup()
    name, *words = arguments
    importlib.import_module(BENCHES[name]).run(*words)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
