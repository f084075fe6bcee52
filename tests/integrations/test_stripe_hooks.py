"""Stripe's events: whose signature, how old, and which order a dispute is about."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from integrations.actions.accounts import replace_credentials
from integrations.models import Connection, InboundEvent
from integrations.steps.inbox import sweep
from integrations.stripe.amounts import from_stripe, to_stripe
from integrations.stripe.hooks import is_fresh
from kit.tenancy import in_tenant_transaction
from merchants.events import SYSTEM
from merchants.models import Merchant
from tests.cast import at_work
from tests.integrations.services import account
from tracking.models import Order, OrderFact, OrderTrace

pytestmark = pytest.mark.django_db

SECRET = "whsec_of-stripe"


@pytest.fixture
def stripe(merchant: Merchant) -> Connection:
    with at_work(merchant) as now:
        row = Connection.objects.get(kind="STRIPE")
        replace_credentials(connection=row, values={"webhook_secret": SECRET}, by=SYSTEM, now=now)
    return account(merchant, "STRIPE")


def event(status: str = "needs_response", **dispute: Any) -> dict[str, Any]:
    created = int(datetime(2026, 5, 4, tzinfo=UTC).timestamp())
    inner = {
        "id": "du_1", "object": "dispute", "amount": 2000, "currency": "eur", "charge": "ch_1",
        "payment_intent": "pi_1", "created": created, "status": status, "metadata": {}, **dispute,
    }  # fmt: skip
    kind = "created" if status == "needs_response" else "closed"
    return {
        "id": f"evt_{kind}", "object": "event", "type": f"charge.dispute.{kind}", "created": created + 60,
        "data": {"object": inner},
    }  # fmt: skip


def signature(body: bytes, secret: str = SECRET, *, age: int = 0) -> tuple[str, str]:
    """Of which moment, and the sign itself."""
    at = str(int((datetime.now(UTC) - timedelta(seconds=age)).timestamp()))
    return at, hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def send(stripe: Connection, told: Any, header: str | None = None, *, age: int = 0, token: str = "") -> int:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    if header is None:
        at, sign = signature(body, age=age)
        header = f"t={at},v1={sign}"
    path = f"/hooks/stripe/{token or stripe.hook_token}"
    headers = {"Stripe-Signature": header} if header else {}
    return int(Client().post(path, body, content_type="application/json", headers=headers).status_code)


def events(merchant: Merchant) -> list[tuple[str, str]]:
    with at_work(merchant):
        return list(InboundEvent.objects.order_by("received_at").values_list("state", "result"))


@pytest.mark.parametrize(("age", "good"), [(0, True), (299, True), (300, True), (301, False), (-301, False)])
def test_a_signature_is_good_for_five_minutes(age: int, good: bool) -> None:  # hostile 9, 10
    now = datetime(2026, 5, 4, 12, 0, 0, 999_999, tzinfo=UTC)
    assert is_fresh(now.replace(microsecond=0) - timedelta(seconds=age), now=now) is good


@pytest.mark.parametrize(("age", "status"), [(200, 200), (301, 401), (-400, 401)])  # hostile 9, 10
def test_an_old_signature_is_refused_and_nothing_kept(
    merchant: Merchant, stripe: Connection, age: int, status: int
) -> None:
    assert send(stripe, event(), age=age) == status
    assert len(events(merchant)) == (status == 200)


def test_a_clock_that_is_off_is_told_in_the_log_and_loses_nothing(  # hostile 11
    merchant: Merchant, stripe: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    assert send(stripe, event(), age=600) == 401
    assert "clock_skew_seconds=60" in caplog.text
    assert send(stripe, event()) == 200, "Stripe's next try finds the clock right"
    assert len(events(merchant)) == 1


def test_one_of_two_signatures_is_enough(merchant: Merchant, stripe: Connection) -> None:  # hostile 12
    body = json.dumps(event()).encode()
    at, good = signature(body)
    _, other = signature(body, "whsec_before")
    assert send(stripe, body, f"t={at},v1={other},v1={good},v0=x") == 200


def test_other_versions_prove_nothing(merchant: Merchant, stripe: Connection) -> None:  # hostile 13
    body = json.dumps(event()).encode()
    at, good = signature(body)
    for header in (f"t={at},v0={good}", f"t={at},v2={good}", f"t={at}", f"v1={good}", "", "nonsense", f"t=x,v1={good}",
                   f"t={at},t={at},v1={good}", f"t={at},v1={good.upper()}", f"t={at},v1="):  # fmt: skip
        assert send(stripe, body, header) == 401
    assert events(merchant) == []


def test_wrong_secrets_bodies_and_addresses_are_refused(merchant: Merchant, stripe: Connection) -> None:
    body = json.dumps(event()).encode()
    at, sign = signature(body)
    assert send(stripe, body + b" ", f"t={at},v1={sign}") == 401
    _, forged = signature(body, "whsec_forged")
    assert send(stripe, body, f"t={at},v1={forged}") == 401
    assert send(stripe, body, token="nobody") == 404
    assert send(stripe, body, token=account(merchant, "SHOPIFY").hook_token) == 404
    assert send(stripe, b"x" * 1_100_000) == 413
    assert events(merchant) == []


def test_without_a_secret_nothing_is_believed(merchant: Merchant) -> None:
    body = json.dumps(event()).encode()
    at, sign = signature(body, "")
    assert send(account(merchant, "STRIPE"), body, f"t={at},v1={sign}") == 401


def test_a_dispute_becomes_a_fact_of_the_order_the_shop_named(merchant: Merchant, stripe: Connection) -> None:
    with at_work(merchant) as now:
        Order.objects.create(platform="api", external_id="ch_1", received_at=now)
    assert send(stripe, event()) == 200
    assert send(stripe, event()) == 200, "once more, as Stripe may"
    assert send(stripe, event("lost")) == 200
    in_tenant_transaction(merchant.tenant_ref(), sweep(merchant.tenant_ref()))
    with at_work(merchant):
        facts = OrderFact.objects.filter(kind="DISPUTE").select_related("order").order_by("received_at")
        told = [(fact.order.external_id, fact.key, fact.data["status"], fact.data["amount_minor"]) for fact in facts]
    assert sorted(told) == [("ch_1", "du_1", "lost", 2000), ("ch_1", "du_1", "opened", 2000)]
    assert len(events(merchant)) == 2


@pytest.mark.parametrize(
    ("dispute", "order"),
    [({}, "pi_1"), ({"payment_intent": None}, "ch_1"), ({"metadata": {"order_id": "1001"}}, "1001")],
)
def test_of_an_unknown_order_it_waits_for_the_likeliest(
    merchant: Merchant, stripe: Connection, dispute: dict[str, Any], order: str
) -> None:
    send(stripe, event(**dispute))
    in_tenant_transaction(merchant.tenant_ref(), sweep(merchant.tenant_ref()))
    with at_work(merchant):
        assert list(Order.objects.values_list("platform", "external_id", "outcome")) == [("api", order, "AWAITED")]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (b"not json", "not_json"), (b"[]", "not_an_object"), ({**event(), "data": 7}, "not_an_object"),
        (event(charge=None, payment_intent=None), "no_id"), (event(id=7), "no_id"),
        (event(amount="20"), "bad_amount"), (event(amount=-1), "bad_amount"),
        (event(currency="xxx"), "unknown_currency"),
        (event(currency="isk", amount=150), "bad_amount"), (event(status=""), "unknown_status"),
        (event(created="now"), "no_time"), ({**event(), "created": 10**30}, "no_time"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_set_aside_with_the_reason(
    merchant: Merchant, stripe: Connection, told: Any, reason: str
) -> None:
    assert send(stripe, told) == 200
    in_tenant_transaction(merchant.tenant_ref(), sweep(merchant.tenant_ref()))
    assert events(merchant) == [("SET_ASIDE", reason)]


def test_events_nobody_asked_for_are_ignored(merchant: Merchant, stripe: Connection) -> None:
    assert send(stripe, {**event(), "type": "invoice.paid"}) == 200
    assert events(merchant) == [("IGNORED", "unknown_topic")]


@pytest.mark.parametrize("currency", ["EUR", "JPY", "ISK", "UGX", "KWD", "MGA", "HUF"])
def test_amounts_come_back_as_they_went(currency: str) -> None:
    assert from_stripe(to_stripe(12_300, currency), currency) == 12_300


def test_a_card_is_learned_for_the_order_that_is_named_and_for_no_other(merchant: Merchant, stripe: Connection) -> None:
    card = {"type": "card", "card": {"fingerprint": "Xt5EWLLDS7FJjR1c"}}
    for number, metadata in (("1", {"order_id": "4711"}), ("2", {})):
        inner = {"id": f"ch_{number}", "object": "charge", "metadata": metadata, "payment_method_details": card}
        told = {"id": f"evt_{number}", "type": "charge.succeeded", "created": 1_777_777_777, "data": {"object": inner}}
        assert send(stripe, told) == 200
    in_tenant_transaction(merchant.tenant_ref(), sweep(merchant.tenant_ref()))
    with at_work(merchant):
        assert list(InboundEvent.objects.order_by("received_at").values_list("state", "result")) == [
            ("HANDLED", "awaited"), ("IGNORED", "nothing_new"),
        ]  # fmt: skip
        trace = OrderTrace.objects.select_related("order").get()
        assert (trace.order.external_id, trace.order.outcome, len(trace.fingerprint)) == ("4711", "AWAITED", 64)
