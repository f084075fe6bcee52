"""python -m bench <name>: one bench, on the stack that the environment names (./run bench makes one for it)."""

from __future__ import annotations

import importlib
import sys

import django

#: Each module has run(): measures, prints, and prints its closing line last.
BENCHES = {
    "ingest": "bench.ingest",
    "humans": "bench.humans",
    "intake": "bench.intake",
    "lane": "bench.lane",
    "peers": "bench.peers.run",
    "release": "bench.release",
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in BENCHES:
        print(f"Say what to measure: ./run bench {' | '.join(BENCHES)}", file=sys.stderr)
        return 2
    django.setup()
    importlib.import_module(BENCHES[arguments[0]]).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
