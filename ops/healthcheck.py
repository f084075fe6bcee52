"""Does the web server answer? Any answer counts but an error of its own: ``python -m ops.healthcheck [port]``."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request


def answers(port: str) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
    except urllib.error.HTTPError as refusal:
        return refusal.code < 500
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1] if len(sys.argv) > 1 else "8000") else 1)
