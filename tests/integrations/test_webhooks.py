"""Webhooks going out: signed, one effect per id, and what each answer means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import override_settings

from integrations.actions.connections import NewWebhook, add_webhook_connection
from integrations.models import Connection
from integrations.steps.check import check_connection
from integrations.webhooks.code_source import WebhookCodes
from integrations.webhooks.fulfil import CouponWebhook, RewardWebhook
from kit.ids import public_id, uuid7
from kit.signing import verify_webhook
from kit.tenancy import TransactionForbidden, tenant_scope
from merchants.events import SYSTEM
from merchants.models import Merchant
from programs.offers import CodeRequest, NoCode
from rewards.fulfilment import CanWithdraw, Delivered, FulfilmentOrder, Retryable, Terminal, Unknown, Withdrawn
from tests.cast import at_work, workspace_of
from tests.integrations.receiver import Receiver, listening

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def webhook(merchant: Merchant, receiver: Receiver) -> NewWebhook:
    with at_work(merchant) as now:
        return add_webhook_connection(url=receiver.address, purposes=Connection.Purpose.values, by=SYSTEM, now=now)


def order(**changes: Any) -> FulfilmentOrder:
    values = {
        "key": f"rwd-{uuid7()}", "reward_id": uuid7(), "program_id": uuid7(), "advocate_id": uuid7(),
        "side": "ADVOCATE", "amount_minor": 1990, "unit": "EUR", "recipient_email": "dana@advocate.example",
        "recipient_name": "Dana",
    }  # fmt: skip
    return FulfilmentOrder(**{**values, **changes})


def request() -> CodeRequest:
    return CodeRequest(uuid7(), uuid7(), "PERCENT", 1000, "EUR", "2026-04-01T00:00:00+00:00")


def deliver(
    merchant: Merchant, what: FulfilmentOrder | None = None, by: type[RewardWebhook] = RewardWebhook
) -> Delivered:
    with tenant_scope(merchant.tenant_ref()):
        return by().deliver(what or order())


def code(merchant: Merchant) -> str:
    with tenant_scope(merchant.tenant_ref()):
        return WebhookCodes().code_for(request())


def test_reward_is_posted_signed_under_the_rewards_key(
    merchant: Merchant, receiver: Receiver, webhook: NewWebhook
) -> None:
    receiver.says(200, {"id": "gift-77"})
    wanted = order()
    assert deliver(merchant, wanted) == Delivered(voucher="gift-77")
    headers, body = receiver.calls[0]
    assert headers["webhook-id"] == wanted.key
    assert verify_webhook(secret=webhook.secret, headers=headers, body=body, now=datetime.now(UTC))
    message = receiver.messages()[0]
    assert (message["type"], message["data"]) == (
        "reward.deliver",
        {
            "reward_id": public_id("rwd", wanted.reward_id),
            "program_id": public_id("prg", wanted.program_id),
            "advocate_id": public_id("adv", wanted.advocate_id),
            "side": "ADVOCATE",
            "amount_minor": 1990,
            "unit": "EUR",
            "recipient": {"email": "dana@advocate.example", "name": "Dana"},
        },
    )


@pytest.mark.usefixtures("webhook")
def test_what_it_is_and_whose_is_told_where_there_is_more_to_say(merchant: Merchant, receiver: Receiver) -> None:
    until = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
    more = {"form": "PLAN_UPGRADE", "setting": {"name": "Gold", "plan": "gold"}, "valid_until": until}
    deliver(merchant, order(unit="MONTHS", amount_minor=1, recipient_external_id="C-7", **more))
    data = receiver.messages()[0]["data"]
    assert data["kind"] == {"form": "PLAN_UPGRADE", "name": "Gold", "plan": "gold"}
    assert (data["unit"], data["valid_until"]) == ("MONTHS", "2026-09-01T12:00:00+00:00")
    assert data["recipient"] == {"email": "dana@advocate.example", "name": "Dana", "customer_id": "C-7"}


@pytest.mark.usefixtures("webhook")
def test_second_try_carries_the_same_id(merchant: Merchant, receiver: Receiver) -> None:
    wanted = order()
    for _ in range(2):
        deliver(merchant, wanted)
    assert [headers["webhook-id"] for headers, _ in receiver.calls] == [wanted.key] * 2


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (301, Terminal, "http_301"),
        (400, Terminal, "http_400"),
        (410, Terminal, "http_410"),
        (422, Terminal, "http_422"),
        (429, Retryable, "http_429"),
        (503, Retryable, "http_503"),
        (500, Unknown, "http_500"),
        (502, Unknown, "http_502"),
        (0, Unknown, "http_broken"),
    ],
)
def test_what_an_answer_means(
    merchant: Merchant, receiver: Receiver, status: int, error: type[Exception], reason: str
) -> None:
    receiver.says(status)
    with pytest.raises(error) as told:
        deliver(merchant)
    assert told.value.reason == reason  # type: ignore[attr-defined]
    assert len(receiver.calls) == 1


@pytest.mark.usefixtures("webhook")
def test_asked_to_wait_it_waits_that_long(merchant: Merchant, receiver: Receiver) -> None:
    receiver.says(429, Retry_After="120")
    with pytest.raises(Retryable) as told:
        deliver(merchant)
    assert told.value.after == 120


def test_nobody_listening_is_tried_again(merchant: Merchant) -> None:
    with listening() as gone:
        pass
    with at_work(merchant) as now:
        add_webhook_connection(url=gone.address, purposes=["REWARD"], by=SYSTEM, now=now)
    with pytest.raises(Retryable) as told:
        deliver(merchant)
    assert told.value.reason == "http_refused"


def test_without_a_connection_the_reward_waits(merchant: Merchant) -> None:
    with pytest.raises(Retryable) as told:
        deliver(merchant)
    assert (told.value.reason, told.value.after) == ("webhook_not_connected", 3600)


@pytest.mark.usefixtures("webhook")
def test_private_addresses_are_never_called_in_production(merchant: Merchant, receiver: Receiver) -> None:
    with override_settings(MODE="production"), pytest.raises(Terminal) as told:
        deliver(merchant)
    assert (told.value.reason, receiver.calls) == ("http_blocked", [])


@pytest.mark.usefixtures("webhook")
def test_coupon_is_delivered_with_the_code_in_the_answer(merchant: Merchant, receiver: Receiver) -> None:
    receiver.says(201, {"code": "DANA-20"})
    assert deliver(merchant, by=CouponWebhook) == Delivered(voucher="DANA-20")
    assert receiver.messages()[0]["type"] == "coupon.create"


BAD_ANSWERS: list[Any] = [
    b"", b"no json", [], {}, {"code": ""}, {"code": 7}, {"code": "x" * 81}, {"code": "A\nB"}, {"code": " A "},
    {"code": "A\x00"}, {"code": "\ud800"}, b"[" * 60_000, b'{"code": "A"' + b" " * 70_000 + b"}",
]  # fmt: skip


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("answer", BAD_ANSWERS)
def test_answer_without_a_usable_code_delivers_nothing(merchant: Merchant, receiver: Receiver, answer: Any) -> None:
    receiver.says(200, answer)
    with pytest.raises(Unknown, match="answer_without_code"):
        deliver(merchant, by=CouponWebhook)
    with pytest.raises(NoCode, match="answer_without_code"):
        code(merchant)


@pytest.mark.usefixtures("webhook")
def test_friends_code_is_the_one_the_shop_answers(merchant: Merchant, receiver: Receiver) -> None:
    receiver.says(200, {"code": "EVE-7Q"})
    assert code(merchant) == "EVE-7Q"
    message = receiver.messages()[0]
    assert message["type"] == "code.create"
    assert receiver.calls[0][0]["webhook-id"].startswith("clm_")


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("status", [0, 302, 404, 429, 500])
def test_without_a_2xx_no_code_is_shown(merchant: Merchant, receiver: Receiver, status: int) -> None:
    receiver.says(status, {"code": "EVE-7Q"})
    with pytest.raises(NoCode):
        code(merchant)


def test_without_a_connection_there_is_no_code(merchant: Merchant) -> None:
    with pytest.raises(NoCode, match="webhook_not_connected"):
        code(merchant)


@pytest.mark.usefixtures("webhook")
def test_nothing_is_called_inside_a_transaction(merchant: Merchant, receiver: Receiver) -> None:
    with at_work(merchant), pytest.raises(TransactionForbidden):
        RewardWebhook().deliver(order())
    assert receiver.calls == []


@pytest.mark.parametrize(
    ("status", "ok", "health"), [(204, True, "GOOD"), (500, False, "FAILING"), (0, False, "FAILING")]
)
def test_test_button_sends_a_signed_ping_and_notes_the_health(
    merchant: Merchant, receiver: Receiver, webhook: NewWebhook, status: int, ok: bool, health: str
) -> None:
    receiver.says(status, b"")
    checked = check_connection(merchant.tenant_ref(), webhook.connection.pk)
    assert checked is not None
    assert checked.ok is ok
    assert receiver.messages()[0]["type"] == "ping"
    with at_work(merchant):
        assert Connection.objects.get().health == health


def test_test_button_of_another_merchants_connection_finds_nothing(receiver: Receiver, webhook: NewWebhook) -> None:
    other = workspace_of("charlie@halcyon.example", "Halcyon")
    assert check_connection(other.tenant_ref(), webhook.connection.pk) is None
    assert receiver.calls == []


# --- taken back -----------------------------------------------------------------------------------------------------


def take_back(merchant: Merchant, what: FulfilmentOrder, voucher: str, by: type[RewardWebhook]) -> Withdrawn:
    asked = by()
    assert isinstance(asked, CanWithdraw)
    with tenant_scope(merchant.tenant_ref()):
        return asked.withdraw(what, voucher)


@pytest.mark.usefixtures("webhook")
def test_what_is_taken_back_is_told_under_an_id_of_its_own(merchant: Merchant, receiver: Receiver) -> None:
    wanted = order()
    for voucher in ("gift-77", "gift-77", "gift-78", ""):
        take_back(merchant, wanted, voucher, RewardWebhook)
    ids = [headers["webhook-id"] for headers, _ in receiver.calls]
    assert (ids[0] == ids[1], len(set(ids)), wanted.key in ids) == (True, 3, False)
    told = receiver.messages()
    assert {message["type"] for message in told} == {"reward.take_back"}
    assert told[0]["data"]["reward_id"] == public_id("rwd", wanted.reward_id)
    assert (told[0]["data"]["delivered_id"], "delivered_id" in told[3]["data"]) == ("gift-77", False)


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("said", "became"),
    [
        ({"state": "taken_back"}, Withdrawn.DISABLED),
        ({"state": "used"}, Withdrawn.USED),
        ({"state": "unknown"}, Withdrawn.NOT_FOUND),
    ],
)
def test_the_other_side_says_what_became_of_it(
    merchant: Merchant, receiver: Receiver, said: dict[str, str], became: Withdrawn
) -> None:
    receiver.says(200, said)
    for by in (RewardWebhook, CouponWebhook):
        assert take_back(merchant, order(), "C-1", by) == became
    assert [message["type"] for message in receiver.messages()] == ["reward.take_back", "coupon.disable"]


@pytest.mark.usefixtures("webhook")
def test_a_plain_yes_brings_nothing_back(merchant: Merchant, receiver: Receiver) -> None:
    """Who does not know of this answers 200 to whatever comes: the debt stays, and a code is looked at by a person."""
    receiver.says(200, {"id": "gift-77", "state": 1})
    assert take_back(merchant, order(), "gift-77", RewardWebhook) == Withdrawn.USED
    with pytest.raises(Terminal, match="answer_without_state"):
        take_back(merchant, order(), "C-1", CouponWebhook)
