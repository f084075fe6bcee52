"""Codes of authenticator apps, by the vectors of RFC 6238 and at the edges of their time."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from kit.devices import device_of
from kit.totp import address, code_at, in_groups, matching_step, new_secret, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)
HERE = step_of(NOW)


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_vectors_of_the_standard(second: int, code: str) -> None:
    assert code_at(SECRET, second // 30) == code


@pytest.mark.parametrize(("ahead", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(ahead: int, counts: bool) -> None:
    found = matching_step(SECRET, code_at(SECRET, HERE + ahead), now=NOW, after=0)
    assert found == (HERE + ahead if counts else None)


@pytest.mark.parametrize(("after", "counts"), [(HERE - 1, True), (HERE, False), (HERE + 1, False)])
def test_a_step_that_was_used_counts_no_more_and_none_before_it(after: int, counts: bool) -> None:
    assert (matching_step(SECRET, code_at(SECRET, HERE), now=NOW, after=after) == HERE) is counts


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345６", "-12345", "0" * 4000])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert matching_step(SECRET, typed, now=NOW, after=0) is None


def test_blanks_between_the_digits_are_as_apps_show_them() -> None:
    code = code_at(SECRET, HERE)
    assert matching_step(SECRET, f" {code[:3]} {code[3:]} ", now=NOW, after=0) == HERE


def test_what_the_qr_code_carries() -> None:
    assert address(SECRET, account="a@b.example", issuer="Referral SaaS") == (
        f"otpauth://totp/Referral%20SaaS:a%40b.example?secret={SECRET}&issuer=Referral%20SaaS"
    )
    assert in_groups(SECRET[:10]) == "GEZD GNBV GY"
    one, other = new_secret(), new_secret()
    assert one != other
    assert len(base64.b32decode(one)) == 20
    assert step_of(NOW + timedelta(seconds=20)) == HERE + 1


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox/Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
            "Safari/macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/131.0 Mobile Safari/604",
            "Chrome/iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/27.0 Chrome/125 Mobile Safari/537.36",
            "Samsung Internet/Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0",
            "Edge/Windows",
        ),
        ("curl/8.5.0 10.1.2.3 somebody@example.com", "/"),
        ("", "/"),
    ],
)
def test_a_browser_is_known_by_its_name_and_no_more(agent: str, device: str) -> None:
    assert device_of(agent) == device
