"""An archive of many tables, put together while it is downloaded: never whole in memory, never on a disk."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zlib import decompress

from exports.models import Export, ExportPart
from exports.selectors import FileGone
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction

#: A quote within is written twice, so it ends one and begins the next.
_QUOTED = re.compile(rb'"[^"]*"')


@dataclass(slots=True)
class Told:
    """What the manifest says of one file."""

    name: str
    rows: int
    bytes: int
    sha256: str


class _Outlet(io.RawIOBase):
    """Takes what the archive writes and hands it on; it cannot be wound back."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def,override]
        self._held.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held


def archive_of(ref: TenantRef, export: Export, *, readme: str) -> Iterator[bytes]:
    """The archive, piece by piece: README.txt, a CSV file for each kind of thing, manifest.json. Raises FileGone."""
    outlet, told = _Outlet(), []
    with ZipFile(outlet, "w", ZIP_DEFLATED) as archive:
        archive.writestr(_entry("README.txt", export.asked_at), readme)
        for name in _names(ref, export):
            one = Told(f"{name}.csv", 0, 0, "")
            yield from _written(archive, outlet, one, _bodies(ref, export, name), export.asked_at)
            told.append(one)
        archive.writestr(_entry("manifest.json", export.asked_at), _manifest(export, told))
        yield outlet.taken()
    yield outlet.taken()


def _written(archive: ZipFile, outlet: _Outlet, one: Told, bodies: Iterator[bytes], at: datetime) -> Iterator[bytes]:
    digest = hashlib.sha256()
    with archive.open(_entry(one.name, at), "w") as entry:
        for position, body in enumerate(bodies):
            entry.write(body)
            digest.update(body)
            one.bytes += len(body)
            one.rows += rows_in(body) if position else 0
            yield outlet.taken()
    one.sha256 = digest.hexdigest()


def rows_in(body: bytes) -> int:
    """Line ends outside of quotes. Python's own reader refuses a long cell, and with it the whole archive."""
    return _QUOTED.sub(b"", body).count(b"\r\n")


def _entry(name: str, at: datetime) -> ZipInfo:
    entry = ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry


def _manifest(export: Export, told: list[Told]) -> str:
    about = {"as_of": export.listed_at.isoformat() if export.listed_at else None, "rows": sum(one.rows for one in told)}
    return json.dumps({**about, "files": [asdict(one) for one in told]}, indent=2) + "\n"


def _names(ref: TenantRef, export: Export) -> list[str]:
    with tenant_scope(ref), tenant_transaction(read_only=True):
        heads = ExportPart.objects.filter(export=export).order_by("number").values_list("file", flat=True)
        return list(dict.fromkeys(heads))


def _bodies(ref: TenantRef, export: Export, name: str) -> Iterator[bytes]:
    """The head of a file, then its parts, each read in a transaction of its own: none is open while somebody waits."""
    last = -1
    while True:
        with tenant_scope(ref), tenant_transaction(read_only=True):
            parts = ExportPart.objects.filter(export=export, file=name, number__gt=last).order_by("number")
            found = parts.values_list("number", "body").first()
        if found is None:
            if last < 0:
                raise FileGone
            return
        last, body = found
        if body is None:
            raise FileGone
        yield decompress(bytes(body))
