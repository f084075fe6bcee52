from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ids import (
    CODE_ALPHABET,
    PREFIXES,
    hash_token,
    new_code,
    new_token,
    parse_public_id,
    public_id,
    uuid7,
    uuid7_time,
)

prefixes = st.sampled_from(sorted(PREFIXES))
instants = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))


@given(instants)
def test_uuid7_carries_version_variant_and_time(at: datetime) -> None:
    key = uuid7(at)
    assert key.version == 7
    assert key.variant == "specified in RFC 4122"
    assert uuid7_time(key) == at - timedelta(microseconds=at.microsecond % 1000)


@given(instants, st.integers(2, 10**9))
def test_uuid7_sorts_by_time(at: datetime, microseconds: int) -> None:
    assert uuid7(at) < uuid7(at + timedelta(microseconds=microseconds))


def test_uuid7_without_a_time_is_of_now() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    made = uuid7_time(uuid7())
    assert made is not None
    assert before <= made <= datetime.now(UTC)


def test_uuid7_never_twice_the_same() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({uuid7(at) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("at", [datetime(2026, 1, 1), datetime(1969, 12, 31, tzinfo=UTC)])
def test_uuid7_of_naive_or_ancient_time_refused(at: datetime) -> None:
    with pytest.raises(ValueError, match="A key"):
        uuid7(at)


def test_uuid7_time_of_other_uuids_is_none() -> None:
    assert uuid7_time(uuid4()) is None
    assert uuid7_time(UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")) is None


@given(prefixes, st.uuids())
def test_public_id_parses_back(prefix: str, key: UUID) -> None:
    text = public_id(prefix, key)
    assert len(text) == len(prefix) + 27
    assert text == text.lower()
    assert parse_public_id(prefix, text) == key


@given(st.uuids(), st.uuids())
def test_public_ids_sort_like_their_keys(one: UUID, other: UUID) -> None:
    assert (public_id("prg", one) < public_id("prg", other)) == (one < other)


def test_public_id_of_unknown_prefix_refused() -> None:
    with pytest.raises(ValueError, match="PREFIXES"):
        public_id("xyz", uuid4())


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        b"prg_00000000000000000000000000",
        "",
        "prg_",
        "prg_0000000000000000000000000",
        "prg_000000000000000000000000000",
        "prg_0000000000000000000000000U",
        "prg_0000000000000000000000000A",
        "PRG_00000000000000000000000000",
        "adv_00000000000000000000000000",
        "prg_80000000000000000000000000",
        "prg_zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "prg_0000000000000000000000000\n",
        "prg_0000000000000000000000000\uff10",
        "prg_\ud8000000000000000000000000000",
    ],
)
def test_parse_public_id_of_anything_else_is_none(text: object) -> None:
    assert parse_public_id("prg", text) is None


@given(prefixes, st.text(), st.text(alphabet="0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26))
def test_parse_public_id_never_raises_and_is_canonical(prefix: str, noise: str, digits: str) -> None:
    parse_public_id(prefix, noise)
    key = parse_public_id(prefix, f"{prefix}_{digits}")
    assert key is None or public_id(prefix, key) == f"{prefix}_{digits}"


def test_new_code_has_nothing_to_misread() -> None:
    codes = [new_code() for _ in range(500)]
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(CODE_ALPHABET)
    assert not set("0O1ILU") & set(CODE_ALPHABET)
    assert len(new_code(12)) == 12


def test_token_and_its_hash() -> None:
    token = new_token()
    assert len(token) == 43
    assert token != new_token()
    assert hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(hash_token("\ud800")) == 64
