"""Looking often: only while it is asked for."""

from __future__ import annotations

import os

import psycopg
import pytest

from ops.databases import looking_often


@pytest.mark.skipif("ADMIN_DATABASE_URL" not in os.environ, reason="not on servers of somebody else")
def test_postgres_looks_often_and_then_as_usual_again() -> None:
    address = os.environ["ADMIN_DATABASE_URL"]
    with looking_often(address):
        inside = told_to_look_each(address)

    assert (inside, told_to_look_each(address)) == (["3s"], [])


def told_to_look_each(address: str) -> list[str]:
    """As its files say, which is before every process of it has read them."""
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT setting FROM pg_file_settings WHERE name = 'autovacuum_naptime'")
        return [setting for (setting,) in rows.fetchall()]
