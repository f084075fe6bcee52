from __future__ import annotations

import importlib
import subprocess

import pytest

from ops import bootstrap, testing
from ops.stack import ROOT
from ops.verbs import HOMES


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "run"), *arguments], capture_output=True, text=True, cwd="/")


def test_alone_it_lists_every_verb() -> None:
    done = run()
    assert done.returncode == 0
    assert [verb for verb in bootstrap.VERBS if f"./run {verb} " not in done.stdout] == []


def test_unknown_verb_refused_with_the_list() -> None:
    done = run("fly")
    assert done.returncode == 1
    assert "no verb 'fly'" in done.stderr
    assert "./run demo" in done.stderr


def test_roles_sql_is_printed_from_any_folder() -> None:
    assert 'CREATE ROLE "referral_app"' in run("roles-sql").stdout


@pytest.mark.parametrize("verb", bootstrap.VERBS)
def test_each_verb_has_a_home(verb: str) -> None:
    module, function = HOMES[verb]
    assert callable(getattr(importlib.import_module(module), function))


def test_no_home_without_a_verb() -> None:
    assert HOMES.keys() == bootstrap.VERBS.keys()


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_lock_files_hold_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = [line for line in text.splitlines() if line[:1].isalnum()]
    assert packages
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert "://" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], False),
        (["-q", "-x"], False),
        (["-k", "money"], False),
        (["tests/kit"], True),
        (["tests/kit/test_env.py::test_flag_reads_words", "-q"], True),
    ],
)
def test_whole_suite_unless_a_path_is_named(arguments: list[str], named: bool) -> None:
    assert testing.names_a_path(arguments) is named
