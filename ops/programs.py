"""The processes of a running stack, and how to know that they answer."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ops import addresses
from ops.console import tell
from ops.healthcheck import answers
from ops.prepare import prepare
from ops.services import CannotStart
from ops.stack import ROOT, Stack
from ops.supervise import Program, Supervisor, logged

READY_LIMIT = 60.0
GRACE = 10

#: name -> queues, slots. Only one of the two general slots takes bulk work, so that an import never holds up a mail.
#: Delivering rewards is mostly waiting for providers, and one that keeps silent holds a slot until its time is over:
#: many cheap slots (threads) let everybody else's rewards pass.
MONEY = "worker-money"
WORKERS = {
    MONEY: ("money", 8),
    "worker": ("default", 1),
    "worker-bulk": ("default,bulk", 1),
}


@contextmanager
def everything_running(
    stack: Stack,
    *,
    world: bool,
    web_port: int,
    shop_port: int,
    providers_port: int = addresses.PROVIDERS_PORT,
    reload: bool = False,
) -> Iterator[Callable[[], None]]:
    """Prepared, started and answering when the body begins; ended after it, while the servers still stand. Gives the
    function that the body calls a few times a second to keep everything alive."""
    addresses.choose(stack, web_port=web_port, shop_port=shop_port, providers_port=providers_port)
    prepare(stack, world=world, collect=not reload)
    servers, programs = Supervisor(tell), Supervisor(tell)

    def look() -> None:
        servers.look()
        programs.look()

    try:
        servers.programs += server_programs(stack)
        for program in our_programs(stack, reload=reload):
            programs.add(program)
        wait_until_ready(stack, look)
        addresses.publish(stack)
        yield look
    finally:
        addresses.withdraw(stack)
        programs.stop()


def server_programs(stack: Stack) -> list[Program]:
    """Postgres and Valkey already run; here they are watched. Who started them ends them, after all others."""
    if stack.services is None:
        return []
    starts = {"postgres": stack.services.start_postgres, "valkey": stack.services.start_valkey}
    return [Program(name, start, child=stack.services.running[name]) for name, start in starts.items()]


def our_programs(stack: Stack, *, reload: bool) -> list[Program]:
    commands: dict[str, list[object]] = {"web": runserver(stack) if reload else granian(stack)}
    if reload:
        commands["worker"] = worker("worker", "money,default,bulk", 2)
    else:
        commands |= {name: worker_of(name, stack) for name in WORKERS}
    commands["beat"] = beat()
    if (ROOT / "demo" / "shop" / "app.py").exists():
        commands["shop"] = shop(stack)
    if (ROOT / "demo" / "providers" / "app.py").exists():
        commands["providers"] = providers(stack)
    return [program(name, command, stack) for name, command in commands.items()]


def program(name: str, command: list[object], stack: Stack) -> Program:
    log = stack.data / "logs" / f"{name}.log"
    environment = stack.environment | (for_money(stack) if name.startswith(MONEY) else {})
    return Program(name, logged(command, log=log, env=environment, cwd=ROOT), grace=GRACE + 5)


def money_slots(stack: Stack) -> int:
    return int(stack.environment.get("MONEY_SLOTS") or WORKERS[MONEY][1])


def for_money(stack: Stack) -> dict[str, str]:
    """Its slots are threads of one process: each needs a connection of its own while it writes."""
    wanted = int(stack.environment.get("DATABASE_POOL_SIZE") or 0)
    return {"DATABASE_POOL_SIZE": str(max(wanted, money_slots(stack)))}


def python(*arguments: object) -> list[object]:
    return [sys.executable, *arguments]


def granian(stack: Stack) -> list[object]:
    """Without --respawn-failed-workers one killed worker would end the whole server."""
    return [
        *python("-m", "granian", "--interface", "wsgi", "referral_saas.wsgi:application"),
        *("--host", "127.0.0.1", "--port", stack.environment["WEB_PORT"], "--workers", 2, "--blocking-threads", 4),
        *("--respawn-failed-workers", "--workers-kill-timeout", GRACE, "--log-level", "warning"),
    ]


def runserver(stack: Stack) -> list[object]:
    return python("manage.py", "runserver", f"127.0.0.1:{stack.environment['WEB_PORT']}")


def shop(stack: Stack) -> list[object]:
    return [
        *python("-m", "granian", "--interface", "wsgi", "ops.shop:application"),
        *("--host", "127.0.0.1", "--port", stack.environment["SHOP_PORT"], "--workers", 1, "--blocking-threads", 4),
        *("--respawn-failed-workers", "--workers-kill-timeout", GRACE, "--log-level", "warning"),
    ]


def worker_of(kind: str, stack: Stack, *, number: int = 1) -> list[object]:
    """One of WORKERS; any number of each may run, each under a name of its own."""
    queues, slots = WORKERS[kind]
    name = kind if number == 1 else f"{kind}-{number}"
    if kind != MONEY:
        return worker(name, queues, slots)
    return [*worker(name, queues, money_slots(stack)), "--pool", "threads"]


def beat() -> list[object]:
    return python("-m", "celery", "-A", "referral_saas", "beat", "--pidfile=", "--loglevel=WARNING")


def providers(stack: Stack) -> list[object]:
    port = stack.environment["PROVIDERS_PORT"]
    return python("-m", "demo.providers", "--port", port, "--data", stack.data / "providers")


def worker(name: str, queues: str, slots: int) -> list[object]:
    return [
        *python("-m", "celery", "-A", "referral_saas", "worker", "--hostname", f"{name}@%h", "--queues", queues),
        *("--concurrency", slots, "--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def wait_until_ready(stack: Stack, look: Callable[[], None]) -> None:
    """Ready when web (and the shop, and the providers) give any answer but an error of their own."""
    waiting = {"web": stack.environment["WEB_PORT"]}
    if (ROOT / "demo" / "shop" / "app.py").exists():
        waiting["shop"] = stack.environment["SHOP_PORT"]
    if (ROOT / "demo" / "providers" / "app.py").exists():
        waiting["providers"] = stack.environment["PROVIDERS_PORT"]
    deadline = time.monotonic() + READY_LIMIT
    while waiting:
        waiting = {name: port for name, port in waiting.items() if not answers(port)}
        if time.monotonic() > deadline:
            raise CannotStart(f"{' and '.join(waiting)} did not answer:\n{last_words(stack, next(iter(waiting)))}")
        look()
        time.sleep(0.1)


def last_words(stack: Stack, name: str) -> str:
    log = stack.data / "logs" / f"{name}.log"
    return log.read_text(errors="replace")[-3000:] if log.exists() else "(no log)"
