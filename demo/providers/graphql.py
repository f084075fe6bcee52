"""As much of GraphQL as a client of Shopify's sends: one operation, variables, aliases, fragments; no schema behind it.

What is asked for is picked out of ready-made documents. A field that no document has is refused as Shopify refuses it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(
    r'[\s,]+|#[^\n]*|("""(?:.|\n)*?"""|"(?:\\.|[^"\\])*"|\.\.\.|-?\d+(?:\.\d+)?|\$?[A-Za-z_]\w*|[!(){}\[\]:=@|])'
)


class Malformed(Exception):
    """The query cannot be read, or asks for what there is not."""

    def __init__(self, message: str, **extensions: str) -> None:
        super().__init__(message)
        self.error = {"message": message, **({"extensions": extensions} if extensions else {})}


@dataclass
class Field:
    name: str
    alias: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    selection: list["Field | Fragment"] = field(default_factory=list)


@dataclass
class Fragment:
    """Inline (`... on Type { }`) or spread (`...Name`)."""

    on: str = ""
    spread: str = ""
    selection: list["Field | Fragment"] = field(default_factory=list)


@dataclass
class Operation:
    kind: str  # query or mutation
    fields: list[Field | Fragment]
    fragments: dict[str, Fragment]


def tokens_in(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise Malformed(f'syntax error, unexpected "{text[at]}"')
        if match.group(1):
            found.append(match.group(1))
        at = match.end()
    return found


class Reader:
    """Reads tokens from left to right; `variables` stand in for `$names` at once."""

    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self.tokens = tokens_in(text)
        self.at = 0
        self.variables = variables

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise Malformed(
                f"syntax error, unexpected {token or 'end of file'}{f', expecting {wanted}' if wanted else ''}"
            )
        self.at += 1
        return token

    def document(self) -> Operation:
        kind, fields, fragments = "", list[Field | Fragment](), dict[str, Fragment]()
        while self.peek():
            word = self.peek() if self.peek() == "{" else self.take()
            if word == "fragment":
                name = self.take()
                self.take("on")
                fragments[name] = Fragment(on=self.take(), selection=self.selection())
            elif word in ("query", "mutation", "{"):
                kind, fields = ("query" if word == "{" else word), self.operation()
            else:
                raise Malformed(f'syntax error, unexpected "{word}"')
        if not kind:
            raise Malformed("No query string was present")
        return Operation(kind, fields, fragments)

    def operation(self) -> list[Field | Fragment]:
        """Of name, variables and their types only one thing matters: that the required ones are there."""
        while self.peek() not in ("{", ""):
            token = self.take()
            if token.startswith("$"):
                self.variable(token[1:])
        return self.selection()

    def variable(self, name: str) -> None:
        self.take(":")
        kind = self.take()
        while self.peek() in ("[", "]") or kind in ("[", "]"):
            kind += self.take()
        if self.peek() == "!" and self.variables.get(name) is None:
            raise Malformed(
                f"Variable ${name} of type {kind}! was provided invalid value (Expected value to not be null)",
                code="INVALID_VARIABLE",
            )

    def selection(self) -> list[Field | Fragment]:
        self.take("{")
        found: list[Field | Fragment] = []
        while self.peek() != "}":
            found.append(self.fragment() if self.peek() == "..." else self.field())
        self.take("}")
        return found

    def fragment(self) -> Fragment:
        self.take("...")
        if self.peek() == "on":
            self.take()
            return Fragment(on=self.take(), selection=self.selection())
        return Fragment(spread=self.take())

    def field(self) -> Field:
        found = Field(self.take())
        if self.peek() == ":":
            self.take()
            found.alias, found.name = found.name, self.take()
        if self.peek() == "(":
            self.take()
            found.arguments = self.pairs(")")
        if self.peek() == "{":
            found.selection = self.selection()
        return found

    def pairs(self, end: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self.peek() != end:
            name = self.take()
            self.take(":")
            found[name] = self.value()
        self.take(end)
        return found

    def value(self) -> Any:
        token = self.take()
        if token.startswith("$"):
            return self.variables.get(token[1:])
        if token == "{":
            return self.pairs("}")
        if token == "[":
            return self.items()
        if token.startswith('"'):
            return token.strip('"').encode().decode("unicode_escape") if "\\" in token else token.strip('"')
        literals = {"true": True, "false": False, "null": None}
        if token in literals:
            return literals[token]
        return number_in(token)

    def items(self) -> list[Any]:
        found = []
        while self.peek() != "]":
            found.append(self.value())
        self.take("]")
        return found


def number_in(token: str) -> Any:
    """A number, or the bare word of an enum."""
    if re.fullmatch(r"-?\d+", token):
        return int(token)
    return float(token) if re.fullmatch(r"-?\d+\.\d+", token) else token


Resolver = Callable[[dict[str, Any]], Any]


def execute(operation: Operation, resolvers: Mapping[str, Resolver]) -> dict[str, Any]:
    """Calls the resolver of every root field with its arguments and picks what is asked of the result."""
    root = "QueryRoot" if operation.kind == "query" else "Mutation"
    data = {}
    for each in operation.fields:
        if isinstance(each, Fragment) or each.name not in resolvers:
            name = each.on if isinstance(each, Fragment) else each.name
            raise undefined(name, root)
        data[each.alias or each.name] = pick(resolvers[each.name](each.arguments), each, operation.fragments)
    return data


def pick(value: Any, asked: Field, fragments: Mapping[str, Fragment]) -> Any:
    if isinstance(value, list):
        return [pick(each, asked, fragments) for each in value]
    if not isinstance(value, dict):
        return value
    if not asked.selection:
        raise Malformed(
            f"Field must have selections (field '{asked.name}' returns {value.get('__typename')} but has none.)",
            code="selectionMismatch",
        )
    return fields_of(value, asked.selection, fragments)


def fields_of(
    value: dict[str, Any], selection: list[Field | Fragment], fragments: Mapping[str, Fragment]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in selection:
        if isinstance(each, Fragment):
            fragment = fragments.get(each.spread, each)
            if fragment.on in (value.get("__typename"), "DiscountCode", "Node"):
                found |= fields_of(value, fragment.selection, fragments)
        elif each.name not in value:
            raise undefined(each.name, str(value.get("__typename")))
        else:
            found[each.alias or each.name] = pick(value[each.name], each, fragments)
    return found


def undefined(name: str, on: str) -> Malformed:
    message = f"Field '{name}' doesn't exist on type '{on}'"
    return Malformed(message, code="undefinedField", typeName=on, fieldName=name)
