"""A plugin of pytest: how tests run where mutants are judged. Every run of it draws the same few examples."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, settings

from mutate.apply import Instead

#: Set for a mutant that shows as it is loaded: the module, and the file to load it from.
MODULE, FILE = "MUTANT_MODULE", "MUTANT_FILE"

settings.register_profile(
    "mutants",
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutants")
if MODULE in os.environ:
    sys.meta_path.insert(0, Instead(os.environ[MODULE], os.environ[FILE]))


def is_pure(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A mutant of its own process meets the tests of its own target only."""
    if MODULE in os.environ and "MUTANT_IS_PURE" in os.environ:
        items[:] = filter(is_pure, items)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if MODULE in os.environ:  # beside the database of the process that started this one
        from django.db import connection

        connection.settings_dict["TEST"]["NAME"] = "test_mutant"
