"""A mailbox in a folder: where mail of the demo and of sandboxes goes instead of out into the world.

One .eml file per mail, in a folder per workspace (the platform's own mail lies beside those folders). Where several
machines serve one installation, MAILBOX_DIR must be shared by those that send and those that show.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage as ParsedMail
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from functools import cached_property
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from kit.ids import uuid7, uuid7_time

#: Of each workspace: the newest stay.
MOST_KEPT = 500
_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,60}")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_HREF = re.compile(r"https?://[^\s<>\"']+")


class MailboxBackend(BaseEmailBackend):
    """Django mail backend: EMAIL_URL=mailbox:"""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            _put(message)
        return len(email_messages)


def _put(message: EmailMessage) -> None:
    """Written aside and renamed, so that nobody reads half a mail. ``message()`` refuses line breaks in headers."""
    content = message.message().as_bytes()
    folder = _folder(str(message.extra_headers.get("X-Merchant", "")))
    folder.mkdir(parents=True, exist_ok=True)
    key = uuid7().hex
    aside = folder / f".{key}"
    aside.write_bytes(content)
    os.replace(aside, folder / f"{key}.eml")
    for old in sorted(folder.glob("*.eml"), reverse=True)[MOST_KEPT:]:
        old.unlink(missing_ok=True)


def _folder(merchant_slug: str) -> Path:
    root = Path(settings.MAILBOX_DIR)
    return root / merchant_slug if _SLUG.fullmatch(merchant_slug) else root


@dataclass(frozen=True)
class Mail:
    """One mail of the mailbox, read as far as it is asked: of most only the headers are.

    ``merchant`` is a workspace's slug, empty for the platform's own; ``content`` is the file.
    """

    id: str
    merchant: str
    at: datetime
    content: bytes

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Read by the parser of before ``email.policy``, whose grammar for each header takes ten times as long."""
        return [(name, _plain(str(value))) for name, value in BytesHeaderParser().parsebytes(self.content).items()]

    @property
    def to(self) -> str:
        return self._header("To")

    @property
    def sender(self) -> str:
        return self._header("From")

    @property
    def subject(self) -> str:
        return self._header("Subject")

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def links(self) -> list[str]:
        return _HREF.findall(self.text)

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "merchant": self.merchant,
            "at": self.at.isoformat(),
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "links": self.links,
        }

    def _header(self, wanted: str) -> str:
        return next((value for name, value in self.headers if name == wanted), "")

    @cached_property
    def _message(self) -> ParsedMail:
        return message_from_bytes(self.content, policy=policy.default)

    def _part(self, kind: str) -> str:
        body = self._message.get_body(preferencelist=(kind,))
        return str(body.get_content()).replace("\r\n", "\n") if body else ""


def _plain(header: str) -> str:
    """On one line, its words as they were written; as it stands, where it only looks as if it were encoded."""
    line = _FOLD.sub("", header)
    try:
        return str(make_header(decode_header(line)))
    except (HeaderParseError, LookupError, ValueError):
        return line


def mails(*, to: str = "", limit: int = 100) -> list[Mail]:
    """Of all workspaces and the platform, newest first; ``to`` is part of an address."""
    return _newest(Path(settings.MAILBOX_DIR).rglob("*.eml"), to, limit)


def mails_of(merchant_slug: str, *, to: str = "", limit: int = 100) -> list[Mail]:
    """Of one workspace, newest first."""
    if not _SLUG.fullmatch(merchant_slug):
        return []
    return _newest(_folder(merchant_slug).glob("*.eml"), to, limit)


def mail_by_id(mail_id: UUID, *, merchant_slug: str | None = None) -> Mail | None:
    """``merchant_slug`` None looks everywhere; a slug sees that workspace's mail alone."""
    if merchant_slug is not None and not _SLUG.fullmatch(merchant_slug):
        return None
    start, deep = (Path(settings.MAILBOX_DIR), "**/") if merchant_slug is None else (_folder(merchant_slug), "")
    found = next(start.glob(f"{deep}{mail_id.hex}.eml"), None)
    return _read(found) if found else None


def forget_mails_of(merchant_slug: str) -> None:
    """All of a workspace's folder, and the folder."""
    if _SLUG.fullmatch(merchant_slug):
        shutil.rmtree(_folder(merchant_slug), ignore_errors=True)


def forget_mails_to(merchant_slug: str, address: str) -> None:
    """Mails of this workspace's folder to exactly this person."""
    if not _SLUG.fullmatch(merchant_slug):
        return
    for path in _folder(merchant_slug).glob("*.eml"):
        mail = _read(path)
        if mail and address.lower() in (told.lower() for _, told in getaddresses([mail.to])):
            path.unlink(missing_ok=True)


def _newest(paths: Iterable[Path], to: str, limit: int) -> list[Mail]:
    newest_first = sorted(paths, key=lambda path: path.name, reverse=True)
    found = (mail for path in newest_first if (mail := _read(path)) and to.strip().lower() in mail.to.lower())
    return list(islice(found, limit))


def _read(path: Path) -> Mail | None:
    """None when the file went meanwhile or is not ours."""
    try:
        key, content = UUID(path.stem), path.read_bytes()
    except (ValueError, OSError):
        return None
    merchant = "" if path.parent == Path(settings.MAILBOX_DIR) else path.parent.name
    made_at = uuid7_time(key)
    return Mail(str(key), merchant, made_at, content) if made_at else None
