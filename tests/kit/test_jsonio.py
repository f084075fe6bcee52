import json
import tracemalloc
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.jsonio import BadJson, loads_bounded

plain = st.none() | st.booleans() | st.integers() | st.text()
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def kind_of(raw: bytes, **limits: int) -> str:
    with pytest.raises(BadJson) as caught:
        loads_bounded(raw, **limits)
    assert str(caught.value)
    return caught.value.kind


@given(values, st.booleans())
def test_json_comes_back(value: object, ensure_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=ensure_ascii)
    assert loads_bounded(text.encode(), max_depth=100) == value


def test_numbers_are_exact() -> None:
    value = loads_bounded(b'{"price": 39.80, "count": 3, "tiny": -1.5e-7}')
    assert value == {"price": Decimal("39.80"), "count": 3, "tiny": Decimal("-1.5e-7")}
    assert str(value["price"]) == "39.80"


def test_byte_order_mark_and_lone_surrogate_pass() -> None:
    assert loads_bounded(b'\xef\xbb\xbf{"a": "\\ud800"}') == {"a": "\ud800"}


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"nope", b"{'a': 1}", b'{"a": 1,}', b'"\xff"', b'"open', b'"\\', b"\x00", b'{"a":1}{', b"--1"]
)
def test_not_json(raw: bytes) -> None:
    assert kind_of(raw) == "not_json"


@pytest.mark.parametrize(
    "raw", [b"NaN", b"[Infinity]", b'{"a": -Infinity}', b"1e999999999", b"1e-999999999", b"1.5e2000"]
)
def test_numbers_that_are_none_or_out_of_range(raw: bytes) -> None:
    assert kind_of(raw) == "bad_number"


@pytest.mark.parametrize("raw", [b"9" * 1_000_000, b"[-" + b"1" * 1_000_000 + b"]", b"0." + b"1" * 1_000_000])
def test_numbers_of_a_million_digits(raw: bytes) -> None:
    assert kind_of(raw) == "bad_number"


def test_long_digits_inside_text_are_text() -> None:
    assert loads_bounded(b'"%s"' % (b"9" * 5000)) == "9" * 5000


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":['])
def test_too_deep_without_cost(opening: bytes) -> None:
    raw = opening * 100_000
    tracemalloc.start()
    assert kind_of(raw) == "too_deep"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_depth_is_counted_exactly_and_brackets_in_text_are_not() -> None:
    assert loads_bounded(b"[[1]]", max_depth=2) == [[1]]
    assert kind_of(b"[[[1]]]", max_depth=2) == "too_deep"
    assert loads_bounded(rb'["[[[[\"[[[", {}, [], []]', max_depth=2) == ['[[[["[[[', {}, [], []]


def test_deeper_than_the_interpreter_can_go_is_refused_not_crashed() -> None:
    assert kind_of(b"[" * 100_000 + b"]" * 100_000, max_depth=10**6) == "too_deep"


def test_too_large() -> None:
    assert kind_of(b'"12345"', max_bytes=6) == "too_large"
    assert loads_bounded(b'"1234"', max_bytes=6) == "1234"


@pytest.mark.parametrize(
    "raw", [b'"' + b'\\"' * 400_000, b'\\"' * 400_000, b'"' * 800_000, b"1" * 390 + b",1" * 300_000]
)
def test_hostile_shapes_cost_one_pass(raw: bytes) -> None:
    assert kind_of(raw) == "not_json"


@given(st.binary())
def test_any_bytes_give_a_value_or_bad_json(raw: bytes) -> None:
    with suppress(BadJson):
        loads_bounded(raw)
