"""Which texts there are: every call of gettext in Python, under whatever name it was imported, and in templates."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

#: Of the workshop: what they say, nobody reads but those who work on the code.
NOT_FOR_PEOPLE = {"bench", "chaos", "mutate", "ops", "tests"}
_MODULE = "django.utils.translation"


class Call(NamedTuple):
    """At which place of a call what stands; -1: nowhere."""

    context: int
    one: int
    many: int


_CALLS = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), Call(-1, 0, -1)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), Call(-1, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), Call(0, 1, -1)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), Call(0, 1, 2)),
}
#: The same for Babel, which reads what Django makes of a template.
_KEYWORDS = {"_": None} | {
    name: tuple((each + 1, "c") if each == call.context else each + 1 for each in call if each >= 0)
    for name, call in _CALLS.items()
}


@dataclass
class Text:
    """One text as it stands in code; ``many`` is empty where nothing is counted."""

    context: str
    one: str
    many: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, str]:
        """What a catalog knows it by: with its plural or without, it is the same entry there."""
        return self.context, self.one


def texts(root: Path, problems: list[str]) -> dict[tuple[str, str], Text]:
    """``problems`` gets a line for each text that no catalog can hold."""
    found: dict[tuple[str, str], Text] = {}
    for path in _sources(root):
        name = str(path.relative_to(root))
        for text in _in_python(path, name, problems) if path.suffix == ".py" else _in_template(path):
            _keep(found, text, name, problems)
    return found


def _sources(root: Path) -> list[Path]:
    packages = [path.parent for path in root.glob("*/__init__.py") if path.parent.name not in NOT_FOR_PEOPLE]
    code = [path for package in packages for path in package.rglob("*.py")]
    pages = [root / "templates", *(folder for package in packages for folder in package.rglob("templates"))]
    drawn = [path for folder in pages for path in folder.rglob("*") if path.suffix in {".html", ".txt"}]
    return sorted(path for path in code + drawn if "migrations" not in path.parts)


def _keep(found: dict[tuple[str, str], Text], text: Text, name: str, problems: list[str]) -> None:
    known = found.setdefault(text.key, text)
    known.files.add(name)
    if text.many and known.many and text.many != known.many:
        problems.append(f"{name}: {text.one!r} is counted as {text.many!r} here and as {known.many!r} elsewhere")
    known.many = known.many or text.many


def _in_python(path: Path, name: str, problems: list[str]) -> Iterator[Text]:
    source = path.read_text()
    if _MODULE.rpartition(".")[2] not in source:
        return
    tree = ast.parse(source)
    names = dict(_imported(tree))
    for node in ast.walk(tree):
        call = _CALLS.get(_called(node, names))
        if isinstance(node, ast.Call) and call is not None:
            if any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in node.args[: max(call) + 1]):
                problems.append(f"{name}:{node.lineno}: a text for translation must be one plain string")
            elif text := _text_of(node, call):
                yield text


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == _MODULE:
            yield from ((each.asname or each.name, each.name) for each in node.names)


def _called(node: ast.AST, names: dict[str, str]) -> str:
    """gettext, however it is called here: _(), _now(), translation.gettext()."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Name):
        return names.get(node.func.id, "")
    is_module = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    return node.func.attr if is_module and node.func.value.id == "translation" else ""  # type: ignore[attr-defined]


def _text_of(node: ast.Call, call: Call) -> Text | None:
    """None where a variable is translated: what it holds is marked where it is written."""
    context, one, many = (_constant(node.args[place]) if 0 <= place < len(node.args) else "" for place in call)
    return Text(context, one, many) if one and context is not None and many is not None else None


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _in_template(path: Path) -> Iterator[Text]:
    """Django turns a template into something like Python, one call a line, which Babel reads."""
    from babel.messages.extract import extract
    from django.utils.translation.template import templatize

    _quietly_configured()
    code = "\n".join(line.lstrip() for line in templatize(path.read_text(), origin=str(path)).splitlines())
    for _line, said, _comments, context in extract("python", io.BytesIO(code.encode()), _KEYWORDS):
        one, many = said if isinstance(said, tuple) else (said, "")
        yield Text(context or "", one, many)


def _quietly_configured() -> None:
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
