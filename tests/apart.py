"""Loaded before anything reads the settings (addopts in pyproject.toml): what test processes must not share."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import prepared

#: Tests below such a folder run in one process: what they share is started once.
TOGETHER = ("tests/e2e/",)
#: Files whose tests share nothing and take long: each goes to whichever process is free.
ONE_BY_ONE = ("tests/crawl/test_crawl.py",)
#: What takes longest comes first. Begun last, one process would wait for the other.
LONG = (
    *TOGETHER,
    *ONE_BY_ONE,
    "tests/dashboard/test_people_look.py",
    "tests/demo/test_world.py",
    "tests/security/test_naughty.py",
    "tests/dashboard/test_reviews_look.py",
    "tests/dashboard/test_gifts_look.py",
    "tests/dashboard/test_german_look.py",
    "tests/faults/",
    "tests/security/",
    "tests/dashboard/test_find_look.py",
    "tests/dashboard/test_links_look.py",
    "tests/dashboard/test_program_look.py",
    "tests/portal/test_look.py",
    "tests/tenancy/",
    "tests/api/",
)


class FilesTogether(LoadScopeScheduling):
    """File by file, so that what a file or a class sets up is set up once; but for the folders and files above.

    By folder, because the mark that xdist has for this (``xdist_group``, ``--dist loadgroup``) does nothing under
    pytest 9.2: it writes a field of the test that is no longer read, and groups nothing without a word.
    """

    def _split_scope(self, nodeid: str) -> str:
        for folder in TOGETHER:
            if nodeid.startswith(folder):
                return folder
        file = nodeid.partition("::")[0]
        return nodeid if file in ONE_BY_ONE else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesTogether:
    config.option.loadscopereorder = False  # the order below stays
    return FilesTogether(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the parallel processes only: pytest-django puts last what commits, and the browsers' tests with it."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: turn_of(item.nodeid))


def turn_of(nodeid: str) -> int:
    places = [turn for turn, place in enumerate(LONG) if nodeid.startswith(place)]
    return min(places, default=len(LONG))


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """While tests are collected, which all parallel processes do."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        read_share(session.config)
    else:
        prepared.begin()


def pytest_sessionfinish() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        prepared.end()


def read_share(config: pytest.Config) -> None:
    """Of the files with tests, so that each is rewritten for its asserts by one process and there for the others. What
    goes wrong with a file is told when it is collected."""
    number, processes = int(WORKER.removeprefix("gw")), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for file in sorted(files_of(config))[number::processes]:
        with suppress(Exception, pytest.skip.Exception):
            import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))


def files_of(config: pytest.Config) -> set[Path]:
    places = {Path(argument.partition("::")[0]).absolute() for argument in config.args}
    return {file for place in places for file in (place.rglob("test_*.py") if place.is_dir() else [place])}


def redis_url_of_process(url: str, worker: str) -> str:
    """Parallel test processes share one Valkey: each has a database number of its own."""
    number = int(worker.removeprefix("gw")) + 1
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


if "DIE_WITH_PARENT" not in os.environ:
    raise pytest.UsageError("Run the tests with ./run test: they need Postgres and Valkey, and it brings both.")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
os.environ["REDIS_URL"] = redis_url_of_process(os.environ["REDIS_URL"], WORKER)
#: Shops of one name are in all processes: the mails of one would push out the other's.
os.environ["MAILBOX_DIR"] = f"{os.environ['DATA_DIR']}/mailbox-{WORKER}"
