"""A friend's code from the merchant's webhook: shown only once it answered 2xx with {"code": "..."}."""

from __future__ import annotations

from uuid import UUID

from integrations.models import Connection
from integrations.selectors import webhook_for
from integrations.webhooks.client import (
    NotConnected,
    failure_reason,
    is_success,
    reason_of,
    send,
    target_for,
    text_in,
)
from kit.http import HttpFailure
from kit.ids import public_id
from programs.offers import CodeRequest, NoCode

#: Seconds: a friend waits for it. Asked again with the same claim, the other side gives the same code.
TIMEOUT = 3.0


class WebhookCodes:
    def is_ready(self, program_id: UUID) -> bool:
        """Whether a webhook is connected that makes codes: a program that draws on it is published only then."""
        return webhook_for(Connection.Purpose.CODES) is not None

    def code_for(self, request: CodeRequest) -> str:
        """The code the shop made for this claim. Raises NoCode."""
        try:
            target = target_for(Connection.Purpose.CODES)
            message_id = f"clm_{request.claim_id.hex}"
            answer = send(target, message_id=message_id, kind="code.create", data=_data(request), timeout=TIMEOUT)
        except NotConnected as problem:
            raise NoCode(problem.reason) from problem
        except HttpFailure as failure:
            raise NoCode(failure_reason(failure)) from failure
        if not is_success(answer):
            raise NoCode(reason_of(answer))
        return text_in(answer, "code") or _no_code()


def _no_code() -> str:
    raise NoCode("answer_without_code")


def _data(request: CodeRequest) -> dict[str, object]:
    return {
        "claim_id": public_id("clm", request.claim_id),
        "program_id": public_id("prg", request.program_id),
        "value_kind": request.value_kind,
        "value": request.value,
        "currency": request.currency,
        "expires_at": request.expires_at,
    }
