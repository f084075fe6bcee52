"""Where records of links lie: in Redis, filled from the Door and Postgres, and made void by changes.

Redis holds, per address, the packed record (``lane:r:``) and, per merchant, a stamp (``lane:s:``) that changes with
everything that may change a page. What changed just now is marked for a moment, so that nobody who read the old row a
moment earlier puts it back.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from uuid import UUID

from advocates.models import Advocate
from kit.connections import give_back
from kit.tenancy import tenant_scope, tenant_transaction
from kit.wire import Wire, WireDown, WireError, packed
from merchants.selectors import own_host
from referral_saas.friend.access import Address, address_of, place_for
from referral_saas.lane.records import CHANGED, LinkRecord, record_of
from referral_saas.lane.requests import Spelling

#: A record that nobody asks for leaves Redis after so long; a change makes it void at once.
RECORD_SECONDS = 6 * 3600
STAMP_SECONDS = 7 * 24 * 3600
#: Longer than reading a row and writing it here may take.
CHANGED_SECONDS = 10


def record_key(spelling: Spelling) -> bytes:
    return f"lane:r:{spelling.place}/{spelling.code.upper()}".encode()


def stamp_key(merchant_id: UUID) -> bytes:
    return b"lane:s:" + merchant_id.bytes


class Shelf:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def read(self, spelling: Spelling) -> bytes | None:
        """The record's bytes, CHANGED, or None. Raises WireDown."""
        return self._bytes(packed(b"GET", record_key(spelling)))

    def stamp(self, merchant_id: UUID) -> bytes | None:
        """What is drawn under one stamp is void under another. Raises WireDown."""
        return self._bytes(packed(b"GET", stamp_key(merchant_id)))

    def put(self, spelling: Spelling, data: bytes) -> None:
        """Never over what is there: it may be a mark that this very record has changed meanwhile."""
        seconds = str(RECORD_SECONDS).encode()
        self._try(packed(b"SET", record_key(spelling), data, b"NX", b"EX", seconds))

    def mark_changed(self, spelling: Spelling) -> None:
        self._try(packed(b"SET", record_key(spelling), CHANGED, b"EX", str(CHANGED_SECONDS).encode()))

    def renew_stamp(self, merchant_id: UUID) -> None:
        seconds = str(STAMP_SECONDS).encode()
        self._try(packed(b"SET", stamp_key(merchant_id), secrets.token_hex(8).encode(), b"EX", seconds))

    def _bytes(self, command: bytes) -> bytes | None:
        try:
            found = self._wire.ask(command)
        except WireError as error:
            raise WireDown(str(error)) from error
        return found if isinstance(found, bytes) else None

    def _try(self, command: bytes) -> None:
        """Whoever cannot be told now learns it from the outbox (changes.handle), or from Redis being empty."""
        with suppress(WireDown, WireError):
            self._wire.ask(command)


def known_address(spelling: Spelling) -> Address | None:
    if not spelling.host:
        return address_of(spelling.code, spelling.merchant)
    own = own_host(spelling.host)
    return address_of(spelling.code, "", own) if own else None


def load(spelling: Spelling) -> LinkRecord | None:
    """From the Door and Postgres. None for what is unknown or cannot be used: Django says why."""
    try:
        address = known_address(spelling)
        if address is None:
            return None
        with tenant_scope(address.ref), tenant_transaction(read_only=True):
            place = place_for(address)
            if place is None or place.link.retired_at or place.link.advocate.state != Advocate.State.ACTIVE:
                return None
            return record_of(place)
    finally:
        give_back()
