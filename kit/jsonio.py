"""JSON from strangers: bounded in size, depth and number length before a parser sees it."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

DEFAULT_MAX_BYTES = 1_048_576
DEFAULT_MAX_DEPTH = 64
LONGEST_NUMBER = 400
_LARGEST_EXPONENT = 1000

# Strings are swallowed whole (possessive and with an optional end, so a missing quote costs one pass, not many);
# what is left are brackets that open or close and numbers that are too long.
_TOKENS = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"?|([\[{])|([\]}])|((?<![0-9.eE+-])-?[0-9][0-9.eE+-]{%d})' % LONGEST_NUMBER, re.DOTALL
)


class BadJson(ValueError):
    """`kind` is one of: too_large, too_deep, bad_number, not_json."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def loads_bounded(raw: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES, max_depth: int = DEFAULT_MAX_DEPTH) -> Any:
    """The value in `raw` (UTF-8). Numbers with a point or exponent are Decimal, whole ones int, never float.

    NaN and Infinity are refused. Lone surrogates pass: clean_json() replaces them before anything is stored.
    """
    if len(raw) > max_bytes:
        raise BadJson("too_large", f"The body has {len(raw)} bytes; at most {max_bytes} are read.")
    _check_shape(raw, max_depth)
    try:
        text = raw.decode("utf-8-sig")
        return json.loads(text, parse_float=_decimal, parse_constant=_refuse_constant)
    except BadJson:
        raise
    except RecursionError as error:
        raise BadJson("too_deep", "The body is nested too deeply.") from error
    except ValueError as error:
        raise BadJson("not_json", f"The body is not JSON in UTF-8: {error}") from error


def _check_shape(raw: bytes, max_depth: int) -> None:
    depth = 0
    for token in _TOKENS.finditer(raw):
        if token[3]:
            raise BadJson("bad_number", f"A number has more than {LONGEST_NUMBER} characters.")
        depth += bool(token[1]) - bool(token[2])
        if depth > max_depth:
            raise BadJson("too_deep", f"The body is nested deeper than {max_depth} levels.")


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    # A short text such as 1e999999999 is a cheap number until somebody makes an int of it.
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise BadJson("bad_number", f"The number {text[:20]} is out of range.")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise BadJson("bad_number", f"{name} is no JSON number.")
