"""Settings from the environment: each declared once, with its type, default and help; bad values are refused together.

A declaration reads and records. ``Environment.refuse_bad()`` then raises one ``BadEnvironment`` that names every bad
variable and the way out, so that an operator mends all of them in one go.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

T = TypeVar("T")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


class BadEnvironment(Exception):
    """Settings that cannot be started with. The text is for the operator and says what to do."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One documented setting. ``default`` is what the documentation says of an unset one; None means required.
    ``in_force`` is what the running process goes by; a secret's is hidden."""

    name: str
    kind: str
    default: str | None
    help: str
    in_force: str


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    name: str
    user: str
    password: str
    host: str
    port: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EmailUrl:
    """``scheme`` is smtp, mailbox (files that /mailbox shows) or console."""

    scheme: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    encryption: str = ""


@dataclass
class Environment:
    """``defaults`` are those of the running mode; they go before the default a declaration gives."""

    source: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)
    declared: list[Declared] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def text(self, name: str, *, help: str, default: str | None = None, shown: str | None = None) -> str:
        """``shown`` is the default in words, where it is worked out from something else."""
        return self._read(name, "text", default, help, str, "", shown=shown)

    def secret(self, name: str, *, help: str, shortest: int) -> str:
        def parse(value: str) -> str:
            return _demand(value, len(value) >= shortest, f"has {len(value)} characters and needs at least {shortest}")

        return self._read(name, "secret", None, help, parse, "", secret=True)

    def secrets(self, name: str, *, help: str, shortest: int, default: str | None = None) -> list[str]:
        """Comma-separated keys, the newest first: the first one encrypts, all of them decrypt."""

        def parse(value: str) -> list[str]:
            keys = _words(value)
            good = bool(keys or not value) and all(len(key) >= shortest for key in keys)
            _demand(value, good, f"needs one or more keys of at least {shortest} characters, divided by commas")
            return keys

        return self._read(name, "secrets", default, help, parse, [], secret=True)

    def choice(self, name: str, *options: str, help: str, default: str | None = None) -> str:
        def parse(value: str) -> str:
            return _demand(value, value in options, f"is {value!r}; use one of: {', '.join(options)}")

        return self._read(name, " or ".join(options), default, help, parse, options[0])

    def flag(self, name: str, *, help: str, default: bool = False) -> bool:
        def parse(value: str) -> bool:
            word = value.lower()
            _demand(value, word in TRUE_WORDS | FALSE_WORDS, f"is {value!r}; use 1 or 0")
            return word in TRUE_WORDS

        return self._read(name, "1 or 0", "1" if default else "0", help, parse, default)

    def integer(self, name: str, *, help: str, default: int, least: int, most: int) -> int:
        def parse(value: str) -> int:
            good = value.isascii() and value.lstrip("-").isdigit() and least <= int(value) <= most
            _demand(value, good, f"is {value!r}; use a whole number from {least} to {most}")
            return int(value)

        return self._read(name, f"{least} to {most}", str(default), help, parse, default)

    def words(self, name: str, *, help: str, default: str | None = None) -> list[str]:
        return self._read(name, "list", default, help, _words, [])

    def networks(self, name: str, *, help: str, default: str = "") -> list[Network]:
        def parse(value: str) -> list[Network]:
            try:
                return [ipaddress.ip_network(word) for word in _words(value)]
            except ValueError as error:
                raise ValueError(f"holds what is no address or network ({error}); use a form like 10.0.0.0/8") from None

        return self._read(name, "networks", default, help, parse, [])

    def web_address(self, name: str, *, help: str, default: str | None = None) -> str:
        """An origin such as https://refer.example.com, without a path and without a closing slash."""
        return self._read(name, "web address", default, help, _origin, "http://localhost")

    def database(self, name: str, *, help: str, default: str | None = None) -> DatabaseUrl | None:
        return self._read(name, "database", default, help, parse_database_url, None, secret=True)

    def redis(self, name: str, *, help: str, default: str | None = None) -> str:
        def parse(value: str) -> str:
            good = urlsplit(value).scheme in {"redis", "rediss", "unix"}
            return _demand(value, good, "must begin with redis://, rediss:// or unix://")

        return self._read(name, "redis", default, help, parse, "redis://localhost:6379/0", secret=True)

    def email(self, name: str, *, help: str, default: str | None = None) -> EmailUrl:
        return self._read(name, "mail address", default, help, parse_email_url, EmailUrl("console"), secret=True)

    def refuse_bad(self) -> None:
        if self.problems:
            lines = "\n".join(f"  {problem}" for problem in self.problems)
            raise BadEnvironment(
                f"Referral SaaS cannot start, because of {_counted(len(self.problems))}:\n{lines}\n"
                "docs/settings.md lists every setting; ./run settings shows what is in force."
            )

    def _read(
        self,
        name: str,
        kind: str,
        default: str | None,
        help: str,
        parse: Callable[[str], T],
        stand_in: T,
        *,
        secret: bool = False,
        shown: str | None = None,
    ) -> T:
        """The parsed value; a bad or absent one is noted and ``stand_in`` returned so that the others are read too."""
        value = self.source.get(name, "").strip() or self.defaults.get(name) or default
        in_force = "(hidden)" if secret and value else value or ""
        self.declared.append(Declared(name, kind, default if shown is None else shown, help, in_force))
        if value is None:
            self.problems.append(f"{name} is not set. {help}")
            return stand_in
        try:
            return parse(value)
        except ValueError as error:
            self.problems.append(f"{name} {error}. {help}")
            return stand_in


def parse_database_url(value: str) -> DatabaseUrl | None:
    """``postgresql://role:password@host:port/database?sslmode=require``; a socket directory goes into ``?host=``.

    An empty value is None: not every process needs every database role.
    """
    if not value:
        return None
    parts = urlsplit(value)
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/"))
    good = parts.scheme in {"postgres", "postgresql"} and bool(parts.username) and bool(name)
    _demand(value, good, "must look like postgresql://role:password@host:5432/database, with a role and a database")
    return DatabaseUrl(
        name=name,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=options.pop("host", "") or unquote(parts.hostname or ""),
        port=options.pop("port", "") or str(parts.port or ""),
        options=options,
    )


def parse_email_url(value: str) -> EmailUrl:
    """``smtp://user:password@host:587?encryption=starttls`` (or tls), ``mailbox:`` or ``console:``."""
    parts = urlsplit(value)
    if parts.scheme in {"mailbox", "console"}:
        return EmailUrl(parts.scheme)
    encryption = dict(parse_qsl(parts.query)).get("encryption", "starttls")
    good = parts.scheme == "smtp" and bool(parts.hostname) and encryption in {"starttls", "tls", "none"}
    _demand(value, good, "must be mailbox:, console: or smtp://user:password@host:587?encryption=starttls|tls|none")
    return EmailUrl(
        scheme="smtp",
        host=parts.hostname or "",
        port=parts.port or (465 if encryption == "tls" else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        encryption=encryption,
    )


def _origin(value: str) -> str:
    parts = urlsplit(value)
    good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.path in {"", "/"} and not parts.query
    _demand(value, good, f"is {value!r}; use a form like https://refer.example.com, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def _demand(value: T, good: bool, complaint: str) -> T:
    if not good:
        raise ValueError(complaint)
    return value


def _counted(problems: int) -> str:
    return "one setting" if problems == 1 else f"{problems} settings"
