import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kit.http import BlockedDestination, HttpFailure, check_destination, is_public, post

PUBLIC = "93.184.215.14"
Conversation = Callable[[socket.socket], None]


class Server:
    """Listens on a free local port and holds one conversation with each caller."""

    def __init__(self, conversation: Conversation, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.calls = 0
        self._conversation = conversation
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self.calls += 1
            with caller:
                caller.settimeout(10)
                try:
                    self._talk(caller)
                except OSError:
                    continue

    def _talk(self, caller: socket.socket) -> None:
        if self._context is not None:
            caller = self._context.wrap_socket(caller, server_side=True)
        self.requests.append(whole_request(caller))
        self._conversation(caller)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


def whole_request(caller: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        more = caller.recv(65536)
        if not more:
            return received
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    while len(body) < length:
        body += caller.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(conversation: Conversation | bytes, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    answer = conversation
    server = Server((lambda caller: caller.sendall(answer)) if isinstance(answer, bytes) else answer, context)
    try:
        yield server
    finally:
        server.close()


def local(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def answer(status: str = "200 OK", body: bytes = b"ok", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "255.255.255.255",
        "100.64.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1",
        "198.18.0.1", "198.51.100.1", "203.0.113.1", "168.63.129.16",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "64:ff9b::a9fe:a9fe",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "ff02::1", "ff0e::1",
        "fec0::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "5f00::1", "100::1", "4000::1",
        "2606:4700::1%eth0", "nonsense", "", "127.1", "0x7f000001",
    ],
)  # fmt: skip
def test_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "100.63.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_address_that_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "file:///etc/passwd", "gopher://example.com/", "http://localhost/", "http://127.0.0.1/", "http://127.1/",
        "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://[::1]/", "http://[::ffff:7f00:1]/",
        "http://\u2460\u2461\u2466.0.0.1/", "http://example.com:22/", "http://example.com:6379/",
        "http://user@example.com/", "http://example.com\\@localhost/", "https://example.com:80443/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_destination_blocked(url: str) -> None:
    with pytest.raises(BlockedDestination) as caught:
        check_destination(url)
    assert caught.value.kind == "blocked"
    assert caught.value.maybe_delivered is False
    with pytest.raises(BlockedDestination):
        post(url, body=b"", headers={})


def test_destination_with_one_bad_address_among_good_ones_blocked() -> None:
    check_destination("https://shop.example/", resolver=lambda host, port: [PUBLIC])
    with pytest.raises(BlockedDestination, match="public internet"):
        check_destination("https://shop.example/", resolver=lambda host, port: [PUBLIC, "10.0.0.1"])


def test_destination_nobody_knows_blocked_at_save_and_dns_at_post() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(BlockedDestination, match="Nobody knows"):
        check_destination("https://shop.example/", resolver=unknown)
    with pytest.raises(HttpFailure) as caught:
        post("https://shop.example/", body=b"", headers={}, resolver=unknown)
    assert (caught.value.kind, caught.value.maybe_delivered) == ("dns", False)


def test_name_that_turned_private_since_it_was_saved_blocked() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    check_destination("https://shop.example/", resolver=lambda host, port: next(answers))
    with pytest.raises(BlockedDestination):
        post("https://shop.example/", body=b"", headers={}, resolver=lambda host, port: next(answers))


def test_post_sends_to_the_address_of_the_one_look_up() -> None:
    answers = iter([["127.0.0.1"]])
    with serving(answer("201 Created", b"made", "Retry-After: 120\r\n")) as server:
        got = post(
            f"http://shop.example:{server.port}/hook?a=1#frag",
            body=b'{"n": 1}',
            headers={"Content-Type": "application/json", "webhook-id": "msg_1"},
            allow_private=True,
            resolver=lambda host, port: next(answers),
        )
    assert (got.status, got.body, got.retry_after) == (201, b"made", 120.0)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == b"post /hook?a=1 http/1.1"
    assert f"host: shop.example:{server.port}".encode() in lines
    assert b"accept-encoding: identity" in lines
    assert b"content-type: application/json" in lines
    assert body == b'{"n": 1}'


def test_private_address_gets_no_packet() -> None:
    with serving(answer()) as server:
        with pytest.raises(BlockedDestination):
            post(f"http://shop.example:{server.port}/", body=b"", headers={}, resolver=local)
        with pytest.raises(BlockedDestination):
            post("http://shop.example/", body=b"", headers={}, resolver=local)
    assert server.calls == 0


def test_second_address_is_tried_when_the_first_refuses() -> None:
    with serving(answer()) as server:
        got = post(
            f"http://shop.example:{server.port}/",
            body=b"",
            headers={},
            allow_private=True,
            resolver=lambda host, port: ["127.0.0.2", "127.0.0.1"],
        )
    assert got.status == 200


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_redirect_is_an_answer_not_followed(status: str) -> None:
    with serving(answer(status, headers="Location: http://169.254.169.254/\r\n")) as server:
        got = post(f"http://a.example:{server.port}/", body=b"", headers={}, allow_private=True, resolver=local)
    assert got.status == int(status[:3])
    assert server.calls == 1


@pytest.mark.parametrize("status", ["400 Bad", "404 Not Found", "410 Gone", "500 Oops", "503 Busy"])
def test_status_never_raises(status: str) -> None:
    with serving(answer(status)) as server:
        got = post(f"http://a.example:{server.port}/", body=b"x", headers={}, allow_private=True, resolver=local)
    assert got.status == int(status[:3])


def endless(piece: bytes) -> Conversation:
    def talk(caller: socket.socket) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            caller.sendall(piece)

    return talk


def test_endless_answer_is_cut_at_the_limit() -> None:
    with serving(endless(b"x" * 65536)) as server:
        got = post(f"http://a.example:{server.port}/", body=b"", headers={}, allow_private=True, resolver=local)
    assert (got.status, len(got.body)) == (200, 65536)


def test_trickling_answer_is_cut_when_the_total_time_is_over() -> None:
    with serving(endless(b"x")) as server:
        got = post(
            f"http://a.example:{server.port}/",
            body=b"",
            headers={},
            allow_private=True,
            resolver=local,
            timeout_total=0.5,
            max_bytes=10**12,
        )
    assert got.status == 200


def until_hung_up(caller: socket.socket) -> None:
    while caller.recv(1024):
        pass


def test_silence_is_a_timeout_that_may_have_been_delivered() -> None:
    with serving(until_hung_up) as server, pytest.raises(HttpFailure) as caught:
        post(
            f"http://a.example:{server.port}/",
            body=b"x",
            headers={},
            allow_private=True,
            resolver=local,
            timeout_total=0.3,
        )
    assert (caught.value.kind, caught.value.maybe_delivered) == ("timeout", True)


def test_slow_look_up_is_cut() -> None:
    released = threading.Event()

    def slow(host: str, port: int) -> Sequence[str]:
        released.wait(10)
        return ["127.0.0.1"]

    with pytest.raises(HttpFailure) as caught:
        post("http://a.example/", body=b"", headers={}, resolver=slow, timeout_total=0.1)
    released.set()
    assert (caught.value.kind, caught.value.maybe_delivered) == ("dns", False)


def test_hanging_up_without_an_answer_may_have_been_delivered() -> None:
    with serving(b"") as server, pytest.raises(HttpFailure) as caught:
        post(f"http://a.example:{server.port}/", body=b"x", headers={}, allow_private=True, resolver=local)
    assert (caught.value.kind, caught.value.maybe_delivered) == ("broken", True)


def test_answer_that_is_no_http_is_broken() -> None:
    with serving(b"SSH-2.0-OpenSSH_9.6\r\n\r\n") as server, pytest.raises(HttpFailure) as caught:
        post(f"http://a.example:{server.port}/", body=b"x", headers={}, allow_private=True, resolver=local)
    assert (caught.value.kind, caught.value.maybe_delivered) == ("broken", True)


def test_refused_connection_was_not_delivered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(HttpFailure) as caught:
        post(f"http://a.example:{port}/", body=b"x", headers={}, allow_private=True, resolver=local)
    assert (caught.value.kind, caught.value.maybe_delivered) == ("refused", False)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "ü"])
def test_header_that_cannot_be_sent_is_refused(value: str) -> None:
    with serving(answer()) as server, pytest.raises(HttpFailure) as caught:
        post(
            f"http://a.example:{server.port}/",
            body=b"x",
            headers={"x-name": value},
            allow_private=True,
            resolver=local,
        )
    assert (caught.value.kind, caught.value.maybe_delivered) == ("bad_request", False)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("Retry-After: 0\r\n", 0.0),
        ("Date: Fri, 01 May 2026 12:00:00 GMT\r\nRetry-After: Fri, 01 May 2026 12:02:00 GMT\r\n", 120.0),
        ("Date: Fri, 01 May 2026 12:00:00 GMT\r\nRetry-After: Fri, 01 May 2026 11:00:00 GMT\r\n", 0.0),
        ("Retry-After: soon\r\n", None),
        ("Retry-After: -5\r\n", None),
        ("Retry-After: inf\r\n", None),
        ("Retry-After: 99999999999999999999\r\n", None),
        ("", None),
    ],
)
def test_retry_after(told: str, seconds: float | None) -> None:
    with serving(answer("429 Too Many", headers=told)) as server:
        got = post(f"http://a.example:{server.port}/", body=b"", headers={}, allow_private=True, resolver=local)
    assert (got.status, got.retry_after) == (429, seconds)


def certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_tls_is_about_the_name_though_the_address_is_pinned(tmp_path: Path) -> None:
    pem = certificate(tmp_path, "shop.example")
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(pem)
    named: list[str | None] = []
    inside.sni_callback = lambda sock, name, context: named.append(name)
    trusting = ssl.create_default_context(cafile=str(pem))
    with serving(answer(), inside) as server:
        good = post(
            f"https://shop.example:{server.port}/",
            body=b"x",
            headers={},
            allow_private=True,
            resolver=local,
            ssl_context=trusting,
        )
        with pytest.raises(HttpFailure) as other_name:
            post(
                f"https://other.example:{server.port}/",
                body=b"x",
                headers={},
                allow_private=True,
                resolver=local,
                ssl_context=trusting,
            )
        with pytest.raises(HttpFailure) as unknown_issuer:
            post(f"https://shop.example:{server.port}/", body=b"x", headers={}, allow_private=True, resolver=local)
    assert good.status == 200
    assert named == ["shop.example", "other.example", "shop.example"]
    assert (other_name.value.kind, other_name.value.maybe_delivered) == ("tls", False)
    assert (unknown_issuer.value.kind, unknown_issuer.value.maybe_delivered) == ("tls", False)
    assert len(server.requests) == 1
