"""Puts a mutant in the place of the code it was made from, in this process only."""

from __future__ import annotations

import importlib.abc
import importlib.util
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mutate.mutants import Mutant


def swap(mutant: Mutant, module: ModuleType) -> None:
    """In a function that is loaded already: whoever imported it runs the mutant from now on."""
    assert mutant.function is not None
    layers = list(_layers(_named(module, mutant.function)))
    for layer in layers:
        if hasattr(layer, "cache_clear"):
            layer.cache_clear()
    layers[-1].__code__ = _code(compile(mutant.source, mutant.file, "exec"), mutant.function)


def _named(module: ModuleType, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        found = vars(found)[part]
    return found


def _layers(found: Any) -> Iterator[Any]:
    """The thing itself, and below its decorators the function."""
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, classmethod | staticmethod):
        found = found.__func__
    yield found
    while not isinstance(found, FunctionType) or hasattr(found, "__wrapped__"):
        found = found.__wrapped__
        yield found


def _code(inside: CodeType, name: str) -> CodeType:
    for constant in inside.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == name:
                return constant
            if name.startswith(f"{constant.co_qualname}."):
                return _code(constant, name)
    raise LookupError(f"{name} is not in the mutant.")


class Instead(importlib.abc.MetaPathFinder):
    """Loads one module from another file: for changes that happen as it is loaded."""

    def __init__(self, module: str, path: str) -> None:
        self.module, self.path = module, path

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return importlib.util.spec_from_file_location(fullname, self.path) if fullname == self.module else None
