"""Requests to addresses that merchants typed in.

The name is resolved once, every address it has is judged, and the connection goes to an address that was judged:
a name that answers differently a moment later gains nothing. TLS and the Host header still speak of the name.
Redirects are never followed, and neither a slow nor an endless answer holds the caller longer than told.
"""

import errno
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Literal

import httpcore
from django.db import connection
from django.utils.translation import gettext as _

from kit.urls import Address, read_address

DNS_TIMEOUT_SECONDS = 5.0
_ALLOWED_PORTS = (80, 443)
_WRITE_CHUNK = 16_384

# `is_global` calls multicast and a few relics global. Listed is what it lets through though it leads inside, to many
# hosts at once, or to the cloud's own machinery (168.63.129.16).
_FORBIDDEN_V4 = [IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")]
# Only the block that is handed out to real networks, without its tunnels (Teredo, 6to4) and test ranges: mapped,
# compatible, NAT64, site-local and multicast addresses all lie outside of it.
_UNICAST_V6 = IPv6Network("2000::/3")
_FORBIDDEN_V6 = [IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]

Resolver = Callable[[str, int], Sequence[str]]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class HttpFailure(Exception):
    """No usable answer came. `kind`: blocked, dns, refused, unreachable, tls, timeout, broken, bad_request.

    `maybe_delivered` is true once a byte of the request was sent: the other side may have acted on it.
    """

    def __init__(self, kind: str, detail: str, *, maybe_delivered: bool = False) -> None:
        super().__init__(detail)
        self.kind = kind
        self.maybe_delivered = maybe_delivered


class BlockedDestination(HttpFailure):
    """The address leads, or could lead, somewhere requests of ours must not go. Nothing was sent."""

    def __init__(self, detail: str) -> None:
        super().__init__("blocked", detail)


@dataclass(frozen=True)
class HttpAnswer:
    """`body` holds at most `max_bytes` of what came in time; `retry_after` is in seconds from now.

    `headers` have names in lower case.
    """

    status: int
    body: bytes
    retry_after: float | None
    headers: Mapping[str, str] = field(default_factory=dict)


def is_public(address: str) -> bool:
    """Whether an IP address is one of an ordinary host on the internet. Judged by what is allowed."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        usual = parsed.is_global and not (parsed.is_multicast or parsed.is_reserved)
        return usual and not any(parsed in net for net in _FORBIDDEN_V4)
    return _is_public_v6(parsed)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in _UNICAST_V6 or not address.is_global:
        return False
    return not any(address in net for net in _FORBIDDEN_V6)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the order to try them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_destination(url: str, *, allow_private: bool = False, resolver: Resolver = resolve) -> None:
    """Raises BlockedDestination for an address that `request` would refuse now, or whose name nobody knows.

    Call it when a merchant saves an address; `request` judges again, because names change their mind.
    """
    address = _allowed_address(url, allow_private)
    try:
        _judged(address.host, address.port, allow_private, resolver, DNS_TIMEOUT_SECONDS)
    except BlockedDestination:
        raise
    except HttpFailure as failure:
        raise BlockedDestination(str(failure)) from failure


def post(url: str, *, body: bytes, headers: Mapping[str, str], **limits: Any) -> HttpAnswer:
    """`request` with the method that most messages have."""
    return request("POST", url, body=body, headers=headers, **limits)


def request(
    method: Method,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str],
    timeout_total: float = 15.0,
    max_bytes: int = 65_536,
    allow_private: bool = False,
    resolver: Resolver = resolve,
    ssl_context: ssl.SSLContext | None = None,
) -> HttpAnswer:
    """One request, whatever its status. Raises HttpFailure (BlockedDestination among them) when no status came.

    `timeout_total` seconds cover everything from the look-up of the name to the last byte. An answer whose status
    arrived counts, also when its body was cut at the limit of bytes or time.
    """
    address = _allowed_address(url, allow_private)
    road = _PinnedRoad(_Deadline(timeout_total), allow_private, resolver)
    if connection.connection is not None and not connection.in_atomic_block:  # as around most tests, never for real
        connection.close()  # Postgres holds none for who waits, and a restart of it cuts none
    content = body if body or method not in ("GET", "DELETE") else None
    pool = httpcore.ConnectionPool(
        ssl_context=ssl_context or _default_ssl_context(), network_backend=road, max_connections=1, retries=0
    )
    target = httpcore.URL(scheme=address.scheme, host=address.host, port=address.port, target=_target(address.rest))
    with (
        _failures_told(road),
        pool,
        pool.stream(method, target, headers=_wire_headers(headers), content=content) as response,
    ):
        received = _received(response.iter_stream(), max_bytes)
        return HttpAnswer(response.status, received, _retry_after(response.headers), _readable(response.headers))


@lru_cache(maxsize=1)
def _default_ssl_context() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


def _allowed_address(url: str, allow_private: bool) -> Address:
    address = read_address(url)
    if address is None:
        raise BlockedDestination(_("Write a full http or https address with a plain host name and no log-in."))
    if address.port not in _ALLOWED_PORTS and not allow_private:
        raise BlockedDestination(_("Only the ports 80 and 443 may be called."))
    return address


def _target(rest: str) -> bytes:
    path = rest.partition("#")[0]
    return (path if path.startswith("/") else f"/{path}").encode("ascii")


def _wire_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    # Compressed answers are not asked for: a few bytes could unpack to gigabytes.
    wanted = {"accept": "*/*", "accept-encoding": "identity", "connection": "close"}
    wanted |= {name.lower(): value for name, value in headers.items()}
    try:
        return [(name.encode("ascii"), value.encode("ascii")) for name, value in wanted.items()]
    except UnicodeEncodeError as error:
        raise HttpFailure("bad_request", _("Headers are made of plain ASCII characters.")) from error


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, late: type[Exception]) -> float:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise late("The total time is over.")
        return seconds


def _judged(host: str, port: int, allow_private: bool, resolver: Resolver, timeout: float) -> Sequence[str]:
    """The addresses of `host`, all of them fit to be called; one bad one condemns the name."""
    addresses = _resolved(host, port, resolver, timeout)
    if not allow_private and not all(is_public(address) for address in addresses):
        raise BlockedDestination(_("%(host)s leads to an address that is not on the public internet.") % {"host": host})
    return addresses


def _resolved(host: str, port: int, resolver: Resolver, timeout: float) -> Sequence[str]:
    """In a thread of its own, because the system's look-up knows no time limit."""
    answers: queue.Queue[Sequence[str] | OSError | UnicodeError] = queue.Queue()

    def look_up() -> None:
        try:
            answers.put(resolver(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, name="look-up of a host", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise HttpFailure("dns", _("Looking up %(host)s took too long.") % {"host": host}) from None
    if isinstance(answer, OSError | UnicodeError) or not answer:
        raise HttpFailure("dns", _("Nobody knows the host %(host)s: check its spelling.") % {"host": host})
    return answer


class _PinnedRoad(httpcore.NetworkBackend):
    """Connects to addresses that were judged, and to nothing else, inside one deadline."""

    def __init__(self, deadline: _Deadline, allow_private: bool, resolver: Resolver) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._resolver = resolver
        self._system = httpcore.SyncBackend()
        self.sent_anything = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(httpcore.ConnectTimeout)
        addresses = _judged(host, port, self._allow_private, self._resolver, min(left, DNS_TIMEOUT_SECONDS))
        return _TimedStream(self._first_open(addresses, port), self._deadline, self._note_sending)

    def _first_open(self, addresses: Sequence[str], port: int) -> httpcore.NetworkStream:
        for address in addresses[:-1]:
            try:
                return self._open(address, port)
            except httpcore.ConnectError:
                continue
        return self._open(addresses[-1], port)

    def _open(self, address: str, port: int) -> httpcore.NetworkStream:
        return self._system.connect_tcp(address, port, timeout=self._deadline.left(httpcore.ConnectTimeout))

    def _note_sending(self) -> None:
        self.sent_anything = True


class _TimedStream(httpcore.NetworkStream):
    """Gives every operation what is left of the deadline, so that many short ones cannot add up."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline, note_sending: Callable[[], None]) -> None:
        self._inner = inner
        self._deadline = deadline
        self._note_sending = note_sending

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=self._deadline.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._note_sending()
        for start in range(0, len(buffer), _WRITE_CHUNK):
            left = self._deadline.left(httpcore.WriteTimeout)
            self._inner.write(buffer[start : start + _WRITE_CHUNK], timeout=left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(httpcore.ConnectTimeout)
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout=left)
        return _TimedStream(inner, self._deadline, self._note_sending)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


@contextmanager
def _failures_told(road: _PinnedRoad) -> Iterator[None]:
    try:
        yield
    except HttpFailure:
        raise
    except httpcore.TimeoutException as error:
        raise HttpFailure("timeout", _("No answer came in time."), maybe_delivered=road.sent_anything) from error
    except httpcore.ConnectError as error:
        raise HttpFailure(_kind_of(error), _("No connection: %(reason)s") % {"reason": error}) from error
    except httpcore.LocalProtocolError as error:
        raise HttpFailure("bad_request", _("This cannot be sent: %(reason)s") % {"reason": error}) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        detail = _("The connection broke before an answer came.")
        raise HttpFailure("broken", detail, maybe_delivered=road.sent_anything) from error


def _kind_of(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        if isinstance(cause, OSError):
            return "refused" if cause.errno == errno.ECONNREFUSED else "unreachable"
        cause = cause.__cause__ or cause.__context__
    return "unreachable"


def _received(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    received = bytearray()
    try:
        for chunk in chunks:
            received += chunk
            if len(received) >= max_bytes:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        # The status is known and decides; the rest of the body is only for the log.
        pass
    return bytes(received[:max_bytes])


def _readable(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.lower().decode("latin-1"): value.decode("latin-1").strip() for name, value in headers}


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> float | None:
    """Seconds to wait, told as a number or as a date; None where nothing readable is told."""
    told = _readable(headers)
    text = told.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    wanted = _http_date(text)
    if wanted is None:
        return None
    # Their own clock says what "now" was; ours only where they do not tell.
    told_now = _http_date(told.get("date", "")) or datetime.now(UTC)
    return max(0.0, (wanted - told_now).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
