"""Bursts with idle gaps leave a bounded number of connections, though the threads of the web server come and go."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

#: Its own process, because tests are not pooled. Every burst uses threads that were not there before, as after a gap.
BURSTS = """
import json, threading
import django
django.setup()
from django.conf import settings
from django.core.signals import request_finished
from django.db import connection

def request(start):
    start.wait()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    request_finished.send(None)

def burst(threads):
    start = threading.Barrier(threads)
    pool = [threading.Thread(target=request, args=[start]) for _ in range(threads)]
    for thread in pool: thread.start()
    for thread in pool: thread.join()

counts = []
for _ in range(6):
    burst(24)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'burst'")
        counts.append(cursor.fetchone()[0])
print(json.dumps({"counts": counts, "bound": settings.DATABASE_POOL_SIZE}))
connection.close_pool()
"""


def test_bursts_with_gaps_leave_a_bounded_number_of_connections() -> None:
    url = f"{os.environ['DATABASE_URL']}&application_name=burst"
    environment = {**os.environ, "MODE": "demo", "DATABASE_URL": url}
    done = subprocess.run([sys.executable, "-c", BURSTS], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert max(seen["counts"]) <= seen["bound"]


@pytest.mark.parametrize("program", ["worker", "beat", "web"])
def test_program_refuses_to_start_as_a_superuser_and_says_what_to_do(program: str) -> None:
    commands = {
        "worker": ["-m", "celery", "-A", "referral_saas", "worker", "-Q", "money", "-c", "1"],
        "beat": ["-m", "celery", "-A", "referral_saas", "beat", "--pidfile="],
        "web": ["-c", "import referral_saas.wsgi"],
    }
    if "ADMIN_DATABASE_URL" not in os.environ:
        pytest.skip("connects as a superuser, which needs the private Postgres")
    environment = {**os.environ, "MODE": "demo", "DATABASE_URL": os.environ["ADMIN_DATABASE_URL"]}
    done = subprocess.run(
        [sys.executable, *commands[program]], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "may not serve requests" in done.stderr
    assert 'CREATE ROLE "referral_app"' in done.stderr
