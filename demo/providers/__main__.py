"""`python -m demo.providers --port 8002 --data DIR` serves the simulated providers on loopback, until it is ended."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from .server import Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.providers")
    parser.add_argument("--port", type=int, default=8002, help="0 takes any free one")
    parser.add_argument("--data", type=Path, required=True, help="the folder that keeps what was given")
    options = parser.parse_args()
    with Server(options.port, options.data) as server:
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            """Ended by hand."""


if __name__ == "__main__":
    main()
