"""The monthly tables of clicks. Making them is one narrow function of the database; dropping them is the owner's."""

from __future__ import annotations

from django.db import connection


def make_partitions() -> int:
    """Have the months around now made where they are not; gives how many were missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_click_partitions()")
        [(made,)] = cursor.fetchall()
    return int(made)
