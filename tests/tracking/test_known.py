"""Mail domains and sites that mean something: ours, the package's, and what is near them but means nothing."""

from __future__ import annotations

import pytest

from tests.kit.shared_data import shared_file
from tracking.data import listed
from tracking.rules.known import is_coupon_site, is_disposable, is_relay

REAL = ["gmail.com", "gmx.de", "web.de", "yahoo.co.jp", "proton.me", "icloud.com", "outlook.com", "mail.ru", "qq.com"]


@pytest.mark.parametrize("domain", ["mailinator.com", "MAILINATOR.com", "x.y.mailinator.com", "guerrillamail.com."])
def test_a_disposable_domain_is_known_with_all_below_it(domain: str) -> None:
    assert is_disposable(domain)
    assert not is_relay(domain)


@pytest.mark.parametrize(
    "domain",
    ["privaterelay.appleid.com", "mozmail.com", "anna.anonaddy.com", "Duck.com", "opayq.com", "simplelogin.co"],
)
def test_a_relay_is_no_disposable_mailbox(domain: str) -> None:
    assert is_relay(domain)
    assert not is_disposable(domain)


@pytest.mark.parametrize("host", ["retailmenot.com", "www.retailmenot.com", "www.mydealz.de:443", "o.joinhoney.com"])
def test_a_coupon_site_is_known_with_all_below_it(host: str) -> None:
    assert is_coupon_site(host)


NEAR = ["", ".", "com", "xmozmail.com", "mailinator.com.example.org", "appleid.com", "honey.example", "ü" * 300]


@pytest.mark.parametrize("domain", [*REAL, *NEAR])
def test_everything_else_means_nothing(domain: str) -> None:
    assert [is_disposable(domain), is_relay(domain), is_coupon_site(domain)] == [False] * 3


def test_a_domain_in_letters_is_the_one_in_punycode() -> None:
    assert is_disposable("yahóo.com") == is_disposable("xn--yaho-sqa.com") is True


@pytest.mark.parametrize("name", ["relay_mail", "coupon_sites"])
def test_lists_are_clean_and_say_nothing_twice(name: str) -> None:
    domains = listed(name)
    assert all(domain == domain.lower() and domain.isascii() and "." in domain for domain in domains)
    below = {domain for domain in domains if any(domain.endswith(f".{other}") for other in domains)}
    assert not below


def test_a_published_list_is_known() -> None:
    """Of an older edition of the package's own source a few have been given up since."""
    published = shared_file("disposable_cc0/disposable_email_blocklist.conf").read_text(encoding="utf-8").split()
    missed = [domain for domain in published if not is_disposable(domain) and not is_relay(domain)]
    assert len(published) > 8000
    assert len(missed) * 1000 <= len(published), missed
