"""What programs need from whoever hands out an offer's code. The webhook source lives above (settings.CODE_SOURCES)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """``claim_id`` is the idempotency key: asked twice, a source gives the same code."""

    claim_id: UUID
    program_id: UUID
    value_kind: str
    value: int
    currency: str
    expires_at: str
    shop_code: str = ""


class NoCode(Exception):
    """No code can be given now; the friend sees a kind page, the merchant an alert."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CodeSource(Protocol):
    def code_for(self, request: CodeRequest) -> str:
        """A code the shop has confirmed. Raises NoCode. Called without an open transaction."""


def code_source_for(kind: str) -> CodeSource:
    source: CodeSource = import_string(settings.CODE_SOURCES[kind])()
    return source


@runtime_checkable
class KnowsIfReady(Protocol):
    """A source or fulfiller that can say whether it is set up. Publishing asks; one that cannot say counts as ready."""

    def is_ready(self, program_id: UUID) -> bool:
        """Whether codes could be asked for now (a connection is there, for example). Calls nobody outside."""
