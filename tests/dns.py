"""A small name server on this machine: what it was given it answers, over UDP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class NameServer:
    """``texts``: name -> what its TXT records say. A name that is not there does not exist."""

    address: str
    texts: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    #: The answer to everything, such as dns.rcode.SERVFAIL, or None.
    fault: dns.rcode.Rcode | None = None

    def answer(self, raw: bytes) -> bytes:
        question = dns.message.from_wire(raw)
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if self.fault is not None:
            answer.set_rcode(self.fault)
        elif name not in self.texts:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif told := self.texts[name]:
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *(f'"{text}"' for text in told)))
        return answer.to_wire()


@contextmanager
def name_server() -> Iterator[NameServer]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        server = NameServer(f"127.0.0.1:{door.getsockname()[1]}")
        thread = threading.Thread(target=_serve, args=(door, server), daemon=True)
        thread.start()
        yield server
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", door.getsockname())
        thread.join()


def _serve(door: socket.socket, server: NameServer) -> None:
    while True:
        raw, sender = door.recvfrom(4096)
        if not raw:
            return
        door.sendto(server.answer(raw), sender)
