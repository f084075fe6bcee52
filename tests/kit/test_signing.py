import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.signing import (
    ClickToken,
    make_click_token,
    new_webhook_secret,
    parse_click_token,
    shopify_hmac_matches,
    sign_value,
    sign_webhook,
    unsign_value,
    verify_webhook,
)
from tests.kit.shared_data import shared_json

KEY = b"k" * 32
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
#: Fixed, because they stand in the names of tests, which parallel processes must agree on.
CLICK, LINK = UUID("019ab3c4-d5e6-7000-8000-00000000c11c"), UUID("019ab3c4-d5e6-7000-8000-00000000111c")
TOKEN = make_click_token(click_id=CLICK, link_id=LINK, at=NOW, key=KEY)
any_text = st.text(st.characters(exclude_categories=[]))
seconds = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(st.uuids(), st.uuids(), seconds)
def test_click_token_parses_back(click_id: UUID, link_id: UUID, at: datetime) -> None:
    token = make_click_token(click_id=click_id, link_id=link_id, at=at, key=KEY)
    assert parse_click_token(token, keys=[KEY]) == ClickToken(click_id, link_id, at.replace(microsecond=0))
    assert len(token) <= 85


def test_click_token_of_an_older_key() -> None:
    assert parse_click_token(TOKEN, keys=[b"new", KEY]) is not None
    assert parse_click_token(TOKEN, keys=[b"new", b""]) is None
    assert parse_click_token(TOKEN, keys=[]) is None


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_click_token_changed_in_any_place_is_none(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    assert changed == TOKEN or parse_click_token(changed, keys=[KEY]) is None


@given(any_text)
def test_click_token_of_any_text_is_none(text: str) -> None:
    assert parse_click_token(text, keys=[KEY]) is None


@pytest.mark.parametrize(
    "text", [None, 1, b"v1", "", TOKEN + "\n", TOKEN + "=", " " + TOKEN, TOKEN[:-1], "v2" + TOKEN[2:]]
)
def test_click_token_of_anything_else_is_none(text: object) -> None:
    assert parse_click_token(text, keys=[KEY]) is None


def test_click_token_of_the_farthest_time_it_can_spell() -> None:
    token = make_click_token(click_id=CLICK, link_id=LINK, at=datetime(5138, 1, 1, tzinfo=UTC), key=KEY)
    parsed = parse_click_token(token, keys=[KEY])
    assert parsed is not None
    assert parsed.at.year == 5138


@pytest.mark.parametrize(
    ("at", "key"), [(datetime(2026, 1, 1), KEY), (datetime(1960, 1, 1, tzinfo=UTC), KEY), (NOW, b"")]
)
def test_click_token_without_time_or_key_refused(at: datetime, key: bytes) -> None:
    with pytest.raises(ValueError, match="A click token needs"):
        make_click_token(click_id=CLICK, link_id=LINK, at=at, key=key)


def shopify_header(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_shopify_hmac_matches_any_current_secret() -> None:
    body = b'{"id": 1}'
    assert shopify_hmac_matches(body, shopify_header(body, "old"), ["new", "old"])
    assert not shopify_hmac_matches(body, shopify_header(body, "other"), ["new", "old"])


@pytest.mark.parametrize("header", [None, "", "not base64", "é\ud800", shopify_header(b'{"id": 1}', "s") + " "])
def test_shopify_hmac_missing_or_wrong(header: str | None) -> None:
    assert not shopify_hmac_matches(b'{"id": 1}', header, ["s"])


def test_shopify_hmac_is_about_raw_bytes() -> None:
    assert not shopify_hmac_matches(b'{"id":  1}', shopify_header(b'{"id": 1}', "s"), ["s"])


def test_shopify_hmac_never_matches_an_empty_secret() -> None:
    assert not shopify_hmac_matches(b"x", shopify_header(b"x", ""), [""])
    assert not shopify_hmac_matches(b"x", "", [])


def signed(secret: str, body: bytes = b"{}", at: datetime = NOW) -> dict[str, str]:
    return sign_webhook(secret=secret, message_id="msg_1", timestamp=at, body=body)


def test_webhook_signature_equals_published_vector() -> None:
    for vector in shared_json("standard_webhooks/vectors.json")["symmetric"]:
        headers = sign_webhook(
            secret=vector["secret"],
            message_id=vector["id"],
            timestamp=vector["timestamp"],
            body=vector["payload"].encode(),
        )
        assert headers == {
            "webhook-id": vector["id"],
            "webhook-timestamp": str(vector["timestamp"]),
            "webhook-signature": vector["signature"],
        }


def test_webhook_verifies() -> None:
    secret = new_webhook_secret()
    headers = {name.title(): value for name, value in signed(secret, b"body").items()}
    assert verify_webhook(secret=secret, headers=headers, body=b"body", now=NOW)
    assert verify_webhook(secret=secret.removeprefix("whsec_"), headers=headers, body=b"body", now=NOW)
    assert not verify_webhook(secret=secret, headers=headers, body=b"body ", now=NOW)
    assert not verify_webhook(secret=new_webhook_secret(), headers=headers, body=b"body", now=NOW)


@pytest.mark.parametrize(("seconds", "accepted"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_webhook_tolerates_five_minutes(seconds: int, accepted: bool) -> None:
    secret = new_webhook_secret()
    headers = signed(secret, at=NOW + timedelta(seconds=seconds))
    assert verify_webhook(secret=secret, headers=headers, body=b"{}", now=NOW) is accepted


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_webhook_without_a_header_refused(name: str) -> None:
    secret = new_webhook_secret()
    headers = signed(secret)
    del headers[name]
    assert not verify_webhook(secret=secret, headers=headers, body=b"{}", now=NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-timestamp", "hello"),
        ("webhook-timestamp", "\uff11"),
        ("webhook-timestamp", "9" * 5000),
        ("webhook-id", "msg_2"),
        ("webhook-signature", "v1,é\ud800"),
        ("webhook-signature", ""),
    ],
)
def test_webhook_with_a_wrong_header_refused(name: str, value: str) -> None:
    secret = new_webhook_secret()
    assert not verify_webhook(secret=secret, headers={**signed(secret), name: value}, body=b"{}", now=NOW)


def test_webhook_accepts_one_valid_signature_among_several() -> None:
    secret, other = new_webhook_secret(), new_webhook_secret()
    good, bad = signed(secret)["webhook-signature"], signed(other)["webhook-signature"]
    headers = {**signed(secret), "webhook-signature": f"{bad} {good.replace('v1,', 'v2,')} {good} {bad}"}
    assert verify_webhook(secret=secret, headers=headers, body=b"{}", now=NOW)
    headers["webhook-signature"] = good.replace("v1,", "v2,")
    assert not verify_webhook(secret=secret, headers=headers, body=b"{}", now=NOW)


def test_webhook_rotation_signs_with_both_secrets() -> None:
    new, old = new_webhook_secret(), new_webhook_secret()
    headers = sign_webhook(secret=[new, old], message_id="msg_1", timestamp=NOW, body=b"{}")
    for one in (new, old, [new, old]):
        assert verify_webhook(secret=one, headers=headers, body=b"{}", now=NOW)


@pytest.mark.parametrize("length", [31, 34])
def test_webhook_secret_without_padding(length: int) -> None:
    secret = "whsec_" + "A" * length
    assert verify_webhook(secret=secret, headers=signed(secret), body=b"{}", now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_ä", "whsec_!!!!"])
def test_webhook_secret_empty_or_garbled_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        signed(secret)
    assert not verify_webhook(secret=secret, headers=signed(new_webhook_secret()), body=b"{}", now=NOW)


@pytest.mark.parametrize("message_id", ["", "a.b", "a\r\nX: y", "ä"])
def test_webhook_id_that_could_forge_headers_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        sign_webhook(secret=new_webhook_secret(), message_id=message_id, timestamp=NOW, body=b"")


@given(st.dictionaries(any_text, st.integers() | any_text))
def test_signed_value_comes_back(value: dict[str, object]) -> None:
    text = sign_value(value, salt="visit", key="k")
    assert unsign_value(text, salt="visit", key="k", max_age=timedelta(days=1)) == value


def test_signed_value_of_another_purpose_key_or_age_is_none() -> None:
    text = sign_value({"a": 1}, salt="visit", key=b"k")
    assert unsign_value(text, salt="visit", key=b"k") == {"a": 1}
    assert unsign_value(text, salt="login", key=b"k") is None
    assert unsign_value(text, salt="visit", key=b"x") is None
    assert unsign_value(text, salt="visit", key=b"x", fallback_keys=[b"k"]) == {"a": 1}
    assert unsign_value(text, salt="visit", key=b"k", max_age=-1) is None


@given(any_text)
def test_unsign_value_never_raises(text: str) -> None:
    assert unsign_value(text, salt="visit", key="k") is None
    assert unsign_value(None, salt="visit", key="k") is None
