"""The web server as the product runs it, on a port of its own, and what reaches it over real sockets."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier

import psycopg
from django.conf import settings

from ops import process
from ops.addresses import any_port
from ops.healthcheck import answers
from ops.programs import granian
from ops.stack import ROOT, Stack

READY_LIMIT = 60.0
#: Asking without a pause would take the processor from the server that is waited for.
BETWEEN_LOOKS = 0.05
#: Names the server's connections, to tell them from everybody else's.
MARK = "bench-web"
WORKERS = 2
PRODUCT = "referral_saas.wsgi:application"
_servers: dict[int, int] = {}


@contextmanager
def web_server(
    database_url: str, *arguments: str, environment: Mapping[str, str] | None = None, application: str = PRODUCT
) -> Iterator[int]:
    """Granian with the product's own flags and pool, its static files collected; gives its port.

    Another ``application`` runs under the same flags.
    """
    port = any_port()
    with tempfile.TemporaryDirectory() as folder:
        ours = {**os.environ, "MODE": "demo", "DATABASE_URL": marked(database_url), **(environment or {})}
        ours |= {"WEB_PORT": str(port), "LOG_LEVEL": "ERROR"}
        stack = Stack(Path(folder), "demo", None, {**ours, "STATIC_ROOT": folder})
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(collect, cwd=ROOT, env=stack.environment, check=True)
        command = [application if part == PRODUCT else str(part) for part in granian(stack)]
        command += arguments
        server = subprocess.Popen(command, cwd=ROOT, env=stack.environment, preexec_fn=process.setup())
        _servers[port] = server.pid
        try:
            wait_for(port)
            yield port
        finally:
            process.end(server, signum=signal.SIGTERM, within=10)


def server_on(port: int) -> int:
    """The main process of the server on this port; it names itself anew, so nothing else tells."""
    return _servers[port]


def marked(database_url: str) -> str:
    return f"{database_url}{'&' if '?' in database_url else '?'}application_name={MARK}"


def wait_for(port: int) -> None:
    deadline = time.monotonic() + READY_LIMIT
    while not answers(str(port)):
        if time.monotonic() > deadline:
            raise TimeoutError("The web server does not answer.")
        time.sleep(BETWEEN_LOOKS)


def post(connection: http.client.HTTPConnection, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def burst(port: int, size: int) -> list[int]:
    """So many requests that ask the database, at the same moment, each on a connection of its own; their answers."""
    together = Barrier(size)

    def ask(_: int) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            together.wait(30)
            return post(connection, "/hooks/shopify/nobody", b"{}", {})

    with ThreadPoolExecutor(size) as threads:
        return list(threads.map(ask, range(size)))


def most_connections() -> int:
    """What the pools of its processes allow together."""
    return WORKERS * int(settings.DATABASE_POOL_SIZE)


def connections_of_server(database_url: str) -> int:
    counting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
    with psycopg.connect(database_url) as connection:
        [(count,)] = connection.execute(counting, [MARK]).fetchall()
    return int(count)
