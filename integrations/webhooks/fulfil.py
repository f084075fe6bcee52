"""Rewards delivered by the merchant's own webhook: the reward itself, or a coupon that it makes; and both asked back.

What an answer means: 2xx is done; 429 and 503 wait (Retry-After, if told); other 4xx and 3xx are a refusal; other 5xx
and silence after sending leave it unknown, and the next try carries the same ``webhook-id``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Never
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
from kit.http import BlockedDestination, HttpAnswer, HttpFailure
from kit.ids import public_id, uuid7
from rewards.fulfilment import Delivered, FulfilmentOrder, Retryable, Terminal, TestResult, Unknown, Withdrawn

#: Asked for a pause by status alone.
_BUSY = frozenset({408, 425, 429, 503})
#: What the other side says became of something that is asked back.
_BECAME = {"taken_back": Withdrawn.DISABLED, "used": Withdrawn.USED, "unknown": Withdrawn.NOT_FOUND}


class RewardWebhook:
    """Tells the merchant's system to give the reward; its "id" in the answer is kept as the voucher."""

    timeout = 15.0
    kind = "reward.deliver"
    kind_back = "reward.take_back"
    purpose = Connection.Purpose.REWARD

    def is_ready(self, program_id: UUID) -> bool:
        """Whether a webhook is connected for this: a program that promises such rewards is published only then."""
        return webhook_for(self.purpose) is not None

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        return self._delivered(self._answer(order, message_id=order.key, kind=self.kind))

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        """Webhooks have nothing to ask: ``deliver`` repeats under the same id, which the other side recognises."""
        return None

    def withdraw(self, order: FulfilmentOrder, voucher: str) -> Withdrawn:
        """Tells that it no longer stands, under one id for each thing delivered. What became of it is ``state`` in the
        answer; where that says nothing, the other side knows of it and nobody can say that anything came back."""
        thing = hashlib.sha256(voucher.encode()).hexdigest()[:12]
        told = {"delivered_id": voucher} if voucher else {}
        answer = self._answer(order, message_id=f"{order.key}-back-{thing}", kind=self.kind_back, more=told)
        return _BECAME.get(text_in(answer, "state")) or self._unsaid()

    def _unsaid(self) -> Withdrawn:
        return Withdrawn.USED

    def test(self) -> TestResult:
        """A signed "ping" under an id of its own: whoever answers 2xx has checked our signature."""
        try:
            answer = send(
                target_for(self.purpose), message_id=f"ping_{uuid7().hex}", kind="ping", data={}, timeout=self.timeout
            )
        except NotConnected as problem:
            return TestResult(problem=problem.reason)
        except HttpFailure as failure:
            return TestResult(problem=failure_reason(failure), detail=str(failure))
        return TestResult(problem="" if is_success(answer) else reason_of(answer))

    def _delivered(self, answer: HttpAnswer) -> Delivered:
        return Delivered(voucher=text_in(answer, "id"))

    def _answer(
        self, order: FulfilmentOrder, *, message_id: str, kind: str, more: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        try:
            target, data = target_for(self.purpose), _data(order) | dict(more or {})
            answer = send(target, message_id=message_id, kind=kind, data=data, timeout=self.timeout)
        except NotConnected as problem:
            # Not a refusal: the merchant connects it and the reward comes.
            raise Retryable(problem.reason, after=3600) from problem
        except HttpFailure as failure:
            _raise_for_failure(failure)
        if not is_success(answer):
            _raise_for_status(answer)
        return answer


class CouponWebhook(RewardWebhook):
    """Asks the merchant's system for a coupon: the reward is delivered with the code it answers."""

    kind = "coupon.create"
    kind_back = "coupon.disable"
    purpose = Connection.Purpose.COUPON

    def _delivered(self, answer: HttpAnswer) -> Delivered:
        code = text_in(answer, "code")
        if not code:
            # Accepted, but unreadable: it may have made a coupon, so the same id asks again.
            raise Unknown("answer_without_code")
        return Delivered(voucher=code)

    def _unsaid(self) -> Withdrawn:
        """A code works until somebody switches it off: a person has to look."""
        raise Terminal("answer_without_state")


def _data(order: FulfilmentOrder) -> dict[str, Any]:
    """With what it is of the merchant's catalogue, its end and their own id of the person, where there are any."""
    person = {"email": order.recipient_email, "name": order.recipient_name}
    known = {"customer_id": order.recipient_external_id} if order.recipient_external_id else {}
    return {
        "reward_id": public_id("rwd", order.reward_id),
        "program_id": public_id("prg", order.program_id),
        "advocate_id": public_id("adv", order.advocate_id),
        "side": order.side,
        "amount_minor": order.amount_minor,
        "unit": order.unit,
        "recipient": person | known,
        **_kind(order),
    }


def _kind(order: FulfilmentOrder) -> dict[str, Any]:
    if not order.form:
        return {}
    found: dict[str, Any] = {"form": order.form, **order.setting}
    until = {"valid_until": order.valid_until.isoformat(timespec="seconds")} if order.valid_until else {}
    return {"kind": found, **until}


def _raise_for_failure(failure: HttpFailure) -> Never:
    reason = failure_reason(failure)
    if isinstance(failure, BlockedDestination) or failure.kind == "bad_request":
        raise Terminal(reason) from failure
    if failure.maybe_delivered:
        raise Unknown(reason) from failure
    raise Retryable(reason) from failure


def _raise_for_status(answer: HttpAnswer) -> Never:
    if answer.status in _BUSY:
        raise Retryable(reason_of(answer), after=answer.retry_after)
    if answer.status >= 500:
        raise Unknown(reason_of(answer))
    raise Terminal(reason_of(answer))
