"""The settings as a person reads them: the table of docs/settings.md, and what is in force here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kit.env import Declared

HEAD = "| Setting | Value | Default | What it is for |"


def markdown(declared: Sequence[Declared], local: Mapping[str, str]) -> str:
    rows = [HEAD, "|---|---|---|---|"]
    for each in declared:
        rows.append(f"| `{each.name}` | {each.kind} | {default_words(each, local)} | {each.help} |")
    return "\n".join(rows)


def write(file: Path, declared: Sequence[Declared], local: Mapping[str, str]) -> None:
    """In place of the table that stands in the file; the words around it stay."""
    text = file.read_text()
    begin = text.index(HEAD)
    end = text.index("\n\n", begin)
    file.write_text(text[:begin] + markdown(declared, local) + text[end:])


def default_words(each: Declared, local: Mapping[str, str]) -> str:
    if each.default is None:
        return "required" + (", not in demo and test" if each.name in local else "")
    return each.default or "empty"


def in_force(declared: Sequence[Declared]) -> str:
    width = max(len(each.name) for each in declared)
    return "\n".join(
        f"{each.name:<{width}}  {each.in_force or '(empty)'}\n{'':<{width}}  {each.help}\n" for each in declared
    )
