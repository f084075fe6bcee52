"""Entries of the click stream: what is packed is read again, and nothing else is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.ids import uuid7
from tracking.stream import BadEntry, ClickEntry, milliseconds_of, pack, unpack

HASH = "Ab-_0123456789abcdefGH"
ENTRY = ClickEntry(
    click_id=UUID("01936d1e-7c00-7abc-8def-0123456789ab"),
    merchant_id=UUID(int=1),
    link_id=UUID(int=2),
    program_id=UUID(int=3),
    at_ms=1_790_000_000_123,
    channel="WHATSAPP",
    variant="",
    device="phone",
    agent="chrome/android",
    referrer="www.example.com",
    salt=7,
    address=HASH,
    network=HASH[::-1],
)
WRITTEN = (
    b"1|01936d1e7c007abc8def0123456789ab|00000000000000000000000000000001|00000000000000000000000000000002|"
    b"00000000000000000000000000000003|1790000000123|WHATSAPP||phone|chrome/android|www.example.com|7|"
    b"Ab-_0123456789abcdefGH|HGfedcba9876543210_-bA"
)


def text(most: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_characters="|", exclude_categories=("Cc", "Cs")), max_size=most)


hashes = st.just("") | st.from_regex(r"[A-Za-z0-9_-]{22}", fullmatch=True)
entries = st.builds(
    ClickEntry,
    click_id=st.builds(uuid7, st.datetimes(datetime(2000, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC))),
    merchant_id=st.uuids(),
    link_id=st.uuids(),
    program_id=st.uuids(),
    at_ms=st.integers(0, 10**14 - 1),
    channel=text(10),
    variant=text(40),
    device=st.sampled_from(["phone", "tablet", "desktop"]),
    agent=text(40),
    referrer=text(100),
    salt=st.integers(0, 999_999_999),
    address=hashes,
    network=hashes,
)


@settings(max_examples=200)
@given(entries)
def test_what_is_packed_is_read_again(entry: ClickEntry) -> None:
    assert unpack(pack(entry)) == entry


def test_the_format_is_what_waits_in_streams_already() -> None:
    assert pack(ENTRY) == WRITTEN
    assert unpack(WRITTEN) == ENTRY


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_nothing_else_is_read_and_nothing_else_raised(data: bytes) -> None:
    with pytest.raises(BadEntry):
        unpack(data)


@settings(max_examples=300)
@given(entries, st.data())
def test_one_byte_less_or_more_is_another_entry_or_none(entry: ClickEntry, data: st.DataObject) -> None:
    packed = pack(entry)
    place = data.draw(st.integers(0, len(packed) - 1))
    put = data.draw(st.binary(max_size=2))
    with suppress(BadEntry):
        other = unpack(packed[:place] + put + packed[place + 1 :])
        assert unpack(pack(other)) == other


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "unknown_version"),
        (b"\xff\xfe", "not_text"),
        (WRITTEN.replace(b"1|", b"2|", 1), "unknown_version"),
        (WRITTEN + b"|x", "wrong_number_of_parts"),
        (WRITTEN.replace(b"7abc", b"4abc"), "bad_click_id"),
        (WRITTEN.replace(b"phone", b"watch"), "bad_device"),
        (WRITTEN.replace(b"1790000000123", b"-5"), "bad_at_ms"),
        (WRITTEN.replace(b"www.example.com", b"www\n"), "bad_referrer"),
        (WRITTEN.replace(HASH.encode(), b"127.0.0.1"), "bad_address"),
        (WRITTEN.replace(b"|7|", "|٧|".encode()), "bad_salt"),
        (WRITTEN + b"\n", "bad_network"),
    ],
)
def test_the_reason_names_the_part_and_never_its_content(data: bytes, reason: str) -> None:
    with pytest.raises(BadEntry) as refused:
        unpack(data)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"referrer": "a|b"},
        {"agent": "x" * 41},
        {"variant": "tab\t"},
        {"at_ms": -1},
        {"click_id": uuid4()},
        {"salt": -1},
    ],
)
def test_what_could_not_be_read_again_is_not_packed(wrong: dict[str, object]) -> None:
    with pytest.raises(BadEntry):
        pack(replace(ENTRY, **wrong))


def test_business_time_keeps_its_milliseconds() -> None:
    at = datetime(2026, 11, 22, 8, 30, 0, 123_999, tzinfo=UTC)
    assert replace(ENTRY, at_ms=milliseconds_of(at)).at == at.replace(microsecond=123_000)
