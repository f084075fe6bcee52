from __future__ import annotations

import ipaddress

import pytest

from kit.env import BadEnvironment, DatabaseUrl, Environment, parse_database_url, parse_email_url


def test_value_of_the_environment_goes_before_the_mode_and_the_default() -> None:
    env = Environment({"PORT": "9000"}, defaults={"PORT": "8500", "SIZE": "7"})
    assert env.integer("PORT", default=8000, least=1, most=65535, help="") == 9000
    assert env.integer("SIZE", default=4, least=1, most=64, help="") == 7
    assert env.integer("WORKERS", default=2, least=1, most=64, help="") == 2
    env.refuse_bad()


def test_blank_value_counts_as_unset() -> None:
    env = Environment({"NAME": "  "})
    assert env.text("NAME", default="Nordlicht", help="") == "Nordlicht"


@pytest.mark.parametrize(("word", "value"), [("1", True), ("true", True), ("ON", True), ("0", False), ("no", False)])
def test_flag_reads_words(word: str, value: bool) -> None:
    assert Environment({"DEBUG": word}).flag("DEBUG", help="") is value


def test_every_bad_setting_is_named_at_once_with_the_way_out() -> None:
    env = Environment(
        {"DEBUG": "maybe", "SIZE": "900", "MODE": "live", "PROXIES": "10.0.0.0/99", "URL": "shop.example"}
    )
    env.flag("DEBUG", help="Debug pages.")
    env.integer("SIZE", default=4, least=1, most=64, help="Pool size.")
    env.choice("MODE", "demo", "production", help="What this is.")
    env.networks("PROXIES", help="Whom we believe.")
    env.web_address("URL", help="Where we are.")
    env.secret("KEY", shortest=40, help="Make one like this.")
    with pytest.raises(BadEnvironment) as caught:
        env.refuse_bad()
    text = str(caught.value)
    for name, way_out in [
        ("DEBUG", "use 1 or 0"),
        ("SIZE", "from 1 to 64"),
        ("MODE", "use one of: demo, production"),
        ("PROXIES", "10.0.0.0/8"),
        ("URL", "https://refer.example.com"),
        ("KEY", "Make one like this."),
    ]:
        line = next(line for line in text.splitlines() if line.strip().startswith(name))
        assert way_out in line
    assert "6 settings" in text


def test_short_secret_refused_without_being_shown() -> None:
    env = Environment({"KEY": "hunter2"})
    env.secret("KEY", shortest=40, help="Make one.")
    with pytest.raises(BadEnvironment) as caught:
        env.refuse_bad()
    assert "hunter2" not in str(caught.value)


def test_bad_database_address_is_not_repeated_for_it_holds_a_password() -> None:
    env = Environment({"DATABASE_URL": "mysql://root:hunter2@db/shop"})
    env.database("DATABASE_URL", help="Postgres.")
    with pytest.raises(BadEnvironment) as caught:
        env.refuse_bad()
    assert "hunter2" not in str(caught.value)


def test_secrets_in_force_are_hidden() -> None:
    env = Environment({"KEYS": "k" * 32, "NAME": "open"})
    assert env.secrets("KEYS", shortest=32, help="") == ["k" * 32]
    env.text("NAME", help="")
    assert [each.in_force for each in env.declared] == ["(hidden)", "open"]


def test_keys_one_too_short_refused() -> None:
    env = Environment({"KEYS": f"{'k' * 32},short"})
    env.secrets("KEYS", shortest=32, help="")
    assert len(env.problems) == 1


def test_networks_of_both_families() -> None:
    env = Environment({"PROXIES": "10.0.0.0/8, 2001:db8::/32"})
    wanted = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8::/32")]
    assert env.networks("PROXIES", help="") == wanted


def test_web_address_loses_its_closing_slash_and_keeps_its_port() -> None:
    assert Environment({"URL": "https://a.example:8443/"}).web_address("URL", help="") == "https://a.example:8443"


def test_database_url_with_everything() -> None:
    parsed = parse_database_url("postgresql://referral%5Fapp:p%40ss@db.example:6432/referral?sslmode=require")
    assert parsed == DatabaseUrl("referral", "referral_app", "p@ss", "db.example", "6432", {"sslmode": "require"})


def test_database_url_of_a_socket_folder_with_a_blank() -> None:
    parsed = parse_database_url("postgresql://app@/referral?host=%2Ftmp%2Fmy%20place")
    assert parsed == DatabaseUrl("referral", "app", "", "/tmp/my place", "", {})


def test_database_url_empty_is_none() -> None:
    assert parse_database_url("") is None


@pytest.mark.parametrize("value", ["mysql://a@b/c", "postgresql://host/db", "postgresql://role@host/", "referral"])
def test_database_url_without_role_or_database_refused(value: str) -> None:
    with pytest.raises(ValueError, match="role and a database"):
        parse_database_url(value)


def test_email_url_chooses_the_usual_port() -> None:
    assert parse_email_url("smtp://u:p@mail.example").port == 587
    assert parse_email_url("smtp://u:p@mail.example?encryption=tls").port == 465
    assert parse_email_url("smtp://u:p@mail.example:25?encryption=none").port == 25


@pytest.mark.parametrize("value", ["mail.example", "smtp://", "smtp://mail.example?encryption=maybe", "imap://x"])
def test_email_url_of_another_kind_refused(value: str) -> None:
    with pytest.raises(ValueError, match="mailbox:"):
        parse_email_url(value)


@pytest.mark.parametrize("value", ["redis://r:6379/0", "rediss://r:6379/0", "unix:///run/r?db=1"])
def test_redis_addresses_pass_unchanged(value: str) -> None:
    assert Environment({"REDIS_URL": value}).redis("REDIS_URL", help="") == value
