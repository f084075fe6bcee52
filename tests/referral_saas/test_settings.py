"""Settings are documented, and a process with bad ones does not start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from ops import settings_table
from referral_saas import environment as ours

PLAIN = {"PATH": os.environ["PATH"], "PYTHONPATH": str(settings.BASE_DIR)}
PRODUCTION = {
    **PLAIN,
    "MODE": "production",
    "SECRET_KEY": "s" * 50,
    "CREDENTIALS_KEYS": "c" * 40,
    "DATABASE_URL": "postgresql://referral_app:p@localhost/referral",
    "REDIS_URL": "redis://localhost/0",
    "PUBLIC_URL": "https://refer.example.com",
    "ALLOWED_HOSTS": "refer.example.com",
    "EMAIL_URL": "smtp://u:p@mail.example",
}


def read_settings(environment: dict[str, str], show: str = "MODE") -> subprocess.CompletedProcess[str]:
    """By manage.py, as an operator would start it; prints one setting."""
    code = f"from django.conf import settings; print('is', settings.{show})"
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "shell", "--verbosity", "0", "--command", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_docs_hold_the_table_that_the_settings_make() -> None:
    documented = (Path(settings.BASE_DIR) / "docs" / "settings.md").read_text()
    assert settings_table.markdown(ours.env.declared, ours.LOCAL_DEFAULTS) in documented, (
        "docs/settings.md is behind: ./run settings --write"
    )


#: What compose has nothing to say of: demo and development, folders within the image, and who manage.py works as.
NOT_IN_COMPOSE = {"DEBUG", "DATABASE_ROLE", "SHOP_URL", "DATA_DIR", "STATIC_ROOT"}


def test_compose_hands_on_every_setting_that_somebody_may_put_into_its_env_file() -> None:
    compose = (Path(settings.BASE_DIR) / "docker-compose.yml").read_text()
    names = {each.name for each in ours.env.declared if not each.name.startswith("PROVIDER_URL_")}
    assert {name for name in names if f" {name}: " not in compose} == NOT_IN_COMPOSE


def test_every_setting_says_what_it_is_for() -> None:
    assert [each.name for each in ours.env.declared if len(each.help) < 20] == []


def test_production_with_all_it_needs_starts_with_safe_cookies() -> None:
    done = read_settings(PRODUCTION, "SESSION_COOKIE_SECURE")
    assert (done.returncode, done.stdout.strip()) == (0, "is True"), done.stderr


def test_without_anything_said_it_is_production_and_names_all_it_needs() -> None:
    done = read_settings(PLAIN)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in PRODUCTION.keys() - PLAIN.keys() - {"MODE"}:
        assert f"{name} is not set" in done.stderr


def test_demo_on_ones_own_machine_needs_nothing() -> None:
    assert read_settings({**PLAIN, "MODE": "demo"}).stdout.strip() == "is demo"


def test_migrate_alone_works_as_the_owner() -> None:
    from manage import database_role

    assert database_role(["manage.py", "migrate", "merchants"]) == "owner"
    assert database_role(["manage.py", "shell"]) == database_role(["manage.py"]) == "runtime"


def test_the_adapter_may_be_what_a_process_loads_first() -> None:
    """allauth's modules import each other, and Django's checks, which load it, run in no fixed order."""
    code = "import django; django.setup(); import referral_saas.accounts"
    environment = {**PLAIN, "MODE": "test", "DJANGO_SETTINGS_MODULE": "referral_saas.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
