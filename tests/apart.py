"""Loaded before anything reads the settings (addopts in pyproject.toml): what test processes must not share."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

import pytest


def redis_url_of_process(url: str, worker: str) -> str:
    """Parallel test processes share one Valkey: each has a database number of its own."""
    number = int(worker.removeprefix("gw")) + 1
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


if "DIE_WITH_PARENT" not in os.environ:
    raise pytest.UsageError("Run the tests with ./run test: they need Postgres and Valkey, and it brings both.")
os.environ["REDIS_URL"] = redis_url_of_process(os.environ["REDIS_URL"], os.environ.get("PYTEST_XDIST_WORKER", "gw0"))
