"""Rules of the house that a reader should not have to check: sizes, tasks, marked texts, documented events."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "kit merchants exports imports programs advocates tracking rewards leads engagement integrations privacy insights "
    "referral_saas ops demo"
)
FILES = sorted(
    path
    for package in PACKAGES.split()
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts and ".venv" not in path.parts
)
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_longer_than_can_be_held_in_mind():
    assert [name_of(path) for path in FILES if len(path.read_text().splitlines()) > LONGEST_FILE] == []


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{name_of(path)}:{node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_actions_take_the_time_and_never_ask_for_it():
    """Actions and rules get ``now``; the database clock is for wake-ups, which live in real time."""
    asking = [
        name_of(path)
        for path in FILES
        if {"actions", "rules"} & set(path.parts)
        and re.search(r"timezone\.now\(|datetime\.now\(|\bnow_for\(", path.read_text())
    ]
    assert asking == []


_WRITES = re.compile(r"\.(?:save|create|bulk_create|get_or_create|delete)\(|\.update\([a-z_]+=|record\(")


def test_public_actions_that_write_are_guarded():
    loose = []
    for path in FILES:
        if "actions" not in path.parts:
            continue
        source = path.read_text()
        for node in ast.parse(source).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            guarded = any(isinstance(d, ast.Name) and d.id == "transaction_required" for d in node.decorator_list)
            if _WRITES.search(ast.get_source_segment(source, node) or "") and not guarded:
                loose.append(f"{name_of(path)}:{node.name}")
    assert not loose, ", ".join(loose)


def test_tasks_are_named_short_and_take_keywords_only():
    from celery import current_app

    current_app.autodiscover_tasks(force=True)
    ours = [task for name, task in current_app.tasks.items() if not name.startswith("celery.")]
    assert ours
    for task in ours:
        parameters = inspect.signature(task.run).parameters.values()
        assert {p.kind for p in parameters} <= {inspect.Parameter.KEYWORD_ONLY}, task.name
        assert len(inspect.getsource(task.run).splitlines()) <= 14, task.name
        assert task.name.count(".") == 1


def test_only_those_who_resolve_a_merchant_make_its_reference():
    makers = {name_of(path) for path in FILES if re.search(r"\bTenantRef\(", path.read_text())}
    assert makers == {"merchants/models.py", "kit/asked.py"}, "the latter's is a mark: no merchant has it"


def recorded_codes() -> Iterator[str]:
    for path in FILES:
        yield from re.findall(r'\b(?:record|_tell|_record)\(\s*"([a-z]+\.[a-z_]+)"', path.read_text())


def test_every_event_code_is_documented():
    documented = set(re.findall(r"^\| `([a-z]+\.[a-z_]+)`", (ROOT / "docs/events.md").read_text(), re.M))
    assert sorted(set(recorded_codes()) - documented) == []


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.S)
_TRANSLATED = re.compile(r"{%\s*(?:blocktrans(?:late)?|comment|verbatim)\b.*?{%\s*end\w+\s*%}", re.S)
_NO_TEXT = re.compile(r"{% block (?:body_class|brand) %}.*?{% endblock %}", re.S)
_MARKUP = re.compile(r"<!--.*?-->|<(script|style|svg)\b.*?</\1>|<[^>]*>", re.S)
_WORD = re.compile(r"[A-Za-z]{3,}")
#: Names and signs that are the same in every language.
SAME_EVERYWHERE = {"Referral", "SaaS", "UTC"}


def test_every_word_a_person_reads_is_marked_for_translation():
    assert [told for path in TEMPLATES if (told := (name_of(path), unmarked_in(path)))[1]] == []


def unmarked_in(path: Path) -> list[str]:
    text = _MARKUP.sub(" ", _TAGS.sub(" ", _NO_TEXT.sub(" ", _TRANSLATED.sub(" ", path.read_text()))))
    return [word for word in _WORD.findall(text) if word not in SAME_EVERYWHERE]


def test_no_template_carries_a_script_or_a_style_of_its_own():
    """But mails, which have no other place for their styles."""
    pages = [path for path in TEMPLATES if not {"mail", "email"} & set(path.parts)]
    inline = re.compile(r"<style\b|\sstyle=|<script(?![^>]*\bsrc=)|\son\w+=|javascript:")
    assert [name_of(path) for path in pages if inline.search(path.read_text())] == []
