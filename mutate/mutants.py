"""Every small change to a file that a test should notice, made with the operators of mutmut.

mutmut itself leaves alone whatever is decorated and whatever stands outside of functions: here that is ``post()`` and
``post_many()``, every property, and every table of data. So the walk is ours, and only the changes are the library's
(docs/decisions/0008-mutation-testing.md). Left as they are: imports, annotations, decorators, the spelling of codes
(members of an Enum) and the words of messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path

import libcst as cst
import libcst.matchers as m
from mutmut.mutation.file_mutation import ENUM_BASE_NAMES, NEVER_MUTATE_FUNCTION_CALLS
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_assignment

from mutate.targets import ROOT

TYPE_VARIABLE = m.Call(func=m.Name("TypeVar"))
SPELLING = m.Annotation() | m.Decorator() | m.Import() | m.ImportFrom() | TYPE_VARIABLE
NAMES_FOR_IMPORT = m.Assign(targets=[m.AssignTarget(target=m.Name("__all__"))])
ASKS_ONLY = m.Call(func=m.OneOf(*(m.Name(name) for name in sorted(NEVER_MUTATE_FUNCTION_CALLS))))
ENUM_BASE = m.OneOf(*(m.Arg(value=m.Name(name)) for name in sorted(ENUM_BASE_NAMES)))
ENUM = m.ClassDef(bases=[m.ZeroOrMore(), ENUM_BASE, m.ZeroOrMore()])
BREAK_TABLES = (operator_arg_removal, operator_assignment)
MESSAGE = m.Call(func=m.OneOf(m.Name("_"), m.Name("ValueError")))


@dataclass(frozen=True, slots=True)
class Mutant:
    """``function`` is None where the change happens as the module is loaded: such a mutant needs a fresh process."""

    file: str
    function: str | None
    was: str
    now: str
    source: str

    @property
    def module(self) -> str:
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def __str__(self) -> str:
        return f"{self.file} {self.function or 'at load'}: {self.was} => {self.now}"


def mutants_of(file: str, root: Path = ROOT) -> list[Mutant]:
    """In the order of the source, each different from the source and from every other."""
    source = (root / file).read_text()
    module = cst.parse_module(source)
    walk = _Walk()
    module.visit(walk)
    found: dict[str, Mutant] = {}
    for old, new, function in walk.changes:
        changed = module.deep_replace(old, new).code
        if changed != source and changed not in found and _compiles(changed):
            found[changed] = Mutant(file, function, *_difference(source, changed), changed)
    return list(found.values())


def unchanged(file: str, function: str | None, root: Path = ROOT) -> Mutant:
    """A mutant that changes nothing: it must survive, or the runner itself is broken."""
    return Mutant(file, function, "", "", (root / file).read_text())


class _Walk(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[cst.CSTNode, cst.CSTNode, str | None]] = []
        self.names: list[str] = []
        self.function: str | None = None

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _is_left_alone(node):
            return False
        if isinstance(node, cst.ClassDef | cst.FunctionDef):
            self.names.append(node.name.value)
        self.changes += [(node, new, self.function) for new in self.changed(node)]
        return not m.matches(node, MESSAGE)

    def changed(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """A table of data is changed value by value: without an argument, or None as a whole, it would hardly load."""
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                if self.function is not None:
                    yield from operator(node)
                elif operator not in BREAK_TABLES:
                    yield from islice(operator(node), 1)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.ClassDef | cst.FunctionDef) and not _is_left_alone(original_node):
            self.names.pop()

    def visit_FunctionDef_body(self, node: cst.FunctionDef) -> None:
        if self.function is None:
            self.function = ".".join(self.names)

    def leave_FunctionDef_body(self, node: cst.FunctionDef) -> None:
        if self.function == ".".join(self.names):
            self.function = None


def _is_left_alone(node: cst.CSTNode) -> bool:
    return m.matches(node, SPELLING | NAMES_FOR_IMPORT | ASKS_ONLY | ENUM)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _difference(source: str, changed: str) -> tuple[str, str]:
    """The lines that differ, on one line each."""
    old, new = source.splitlines(), changed.splitlines()
    head = _shared(old, new)
    tail = min(_shared(old[::-1], new[::-1]), min(len(old), len(new)) - head)
    return _joined(old[head : len(old) - tail]), _joined(new[head : len(new) - tail])


def _shared(one: list[str], other: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def every(files: tuple[str, ...], named: str) -> Iterator[Mutant]:
    """Those whose name contains ``named``."""
    return (mutant for file in files for mutant in mutants_of(file) if named in str(mutant))
