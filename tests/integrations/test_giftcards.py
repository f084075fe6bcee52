"""Gift cards by orders: what is sent digit by digit, empty accounts, orders that wait or failed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from integrations.actions.accounts import add_gift_card_connection, replace_credentials
from integrations.actions.connections import remove_connection
from integrations.giftcards.orders import GiftCard
from integrations.models import Connection
from integrations.wording import service_text
from merchants.events import SYSTEM
from merchants.models import Merchant
from rewards.fulfilment import Delivered, Retryable, Terminal, Unknown, Withdrawn
from tests.cast import at_work, workspace_of
from tests.integrations.receiver import Receiver, listening
from tests.integrations.relay import Relay, relaying
from tests.integrations.services import account, answered_by, deliver, look_up, order, withdraw
from tests.providers import Providers

pytestmark = pytest.mark.django_db


@pytest.fixture
def relay(providers: Providers) -> Iterator[Relay]:
    with relaying(providers.url) as found, answered_by(found.address):
        yield found


@pytest.fixture
def service(merchant: Merchant) -> Iterator[Receiver]:
    """A service that answers as told."""
    with listening() as receiver, answered_by(receiver.address.removesuffix("/rewards")):
        yield receiver


@pytest.mark.parametrize(
    ("amount", "unit", "written"),
    [(1000, "EUR", "10.00"), (1995, "EUR", "19.95"), (5, "JPY", "5"), (10_000_01, "USD", "10000.01")],
)
def test_an_order_carries_our_key_and_its_amount_digit_by_digit(
    merchant: Merchant, service: Receiver, amount: int, unit: str, written: str
) -> None:
    wanted = order(amount_minor=amount, unit=unit, recipient_name='Dana "10.00" Ünal')
    service.says(200, {"order": {"status": "EXECUTED", "rewards": [{"id": "R1"}]}})
    assert deliver(merchant, GiftCard, wanted) == Delivered("R1")
    headers, body = service.calls[0]
    assert f'"denomination":{written},'.encode() in body
    assert headers["authorization"] == "Bearer TEST_demo"
    sent = json.loads(body)
    del sent["reward"]["value"]["denomination"]
    assert sent == {
        "external_id": wanted.key,
        "payment": {"funding_source_id": "balance"},
        "reward": {
            "campaign_id": "CAMPAIGN1",
            "value": {"currency_code": unit},
            "recipient": {"name": 'Dana "10.00" Ünal', "email": "dana@advocate.example"},
            "delivery": {"method": "EMAIL"},
        },
    }


def test_a_kind_may_name_its_own_campaign_and_funding(merchant: Merchant, service: Receiver) -> None:
    service.says(200, {"order": {"status": "EXECUTED", "rewards": [{"id": "R1"}]}})
    deliver(merchant, GiftCard, order(setting={"campaign_id": "OTHER", "funding_source_id": "INVOICE1"}))
    sent = service.messages()[0]
    assert (sent["reward"]["campaign_id"], sent["payment"]["funding_source_id"]) == ("OTHER", "INVOICE1")


def test_an_empty_account_is_tried_again_and_told_in_words(merchant: Merchant, providers: Providers) -> None:
    providers.switch("giftcards", fault="refuse", reason="insufficient_funds", times=1)
    wanted = order()
    with pytest.raises(Retryable) as told:
        deliver(merchant, GiftCard, wanted)
    assert (told.value.reason, told.value.after) == ("no_funds", 3600)
    assert service_text("no_funds").startswith("The gift card account does not hold enough money.")
    assert account(merchant, "GIFT_CARDS").health == "FAILING"
    assert deliver(merchant, GiftCard, wanted).voucher
    assert len(providers.ledger("giftcards")) == 1


def test_refusal_names_the_field_in_the_services_words(merchant: Merchant, providers: Providers) -> None:
    providers.switch("giftcards", fault="refuse", reason="campaign", times=1)
    with pytest.raises(Terminal, match="giftcards_refused"):
        deliver(merchant, GiftCard, order())
    assert "There is no such campaign." in account(merchant, "GIFT_CARDS").last_error


def test_without_any_campaign_nothing_is_ordered(merchant: Merchant, providers: Providers) -> None:
    with at_work(merchant) as now:
        remove_connection(connection=Connection.objects.get(kind="GIFT_CARDS"), by=SYSTEM, now=now)
        add_gift_card_connection(api_key="TEST_demo", by=SYSTEM, now=now)
    with pytest.raises(Terminal, match="campaign_missing"):
        deliver(merchant, GiftCard, order())
    assert providers.ledger("giftcards") == []


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        ("PENDING APPROVAL", Unknown, "awaits_approval"),
        ("PENDING INTERNAL PAYMENT APPROVAL", Unknown, "awaits_approval"),
        ("CART", Unknown, "awaits_approval"),
        ("FAILED", Terminal, "order_failed"),
        ("CANCELED", Terminal, "order_cancelled"),
        ("", Unknown, "answer_unreadable"),
    ],
)
def test_only_an_executed_order_is_delivered(
    merchant: Merchant, service: Receiver, status: str, error: type[Exception], reason: str
) -> None:
    wanted = order()
    told_order = {"id": "O1", "external_id": wanted.key, "status": status}
    service.says(200, {"order": told_order, "orders": [told_order]})
    for ask in (deliver, look_up):
        with pytest.raises(error) as told:
            ask(merchant, GiftCard, wanted)
        assert told.value.reason == reason  # type: ignore[attr-defined]


def test_a_list_of_other_orders_finds_nothing(merchant: Merchant, service: Receiver) -> None:
    """As from a service that does not know the filter."""
    service.says(200, {"orders": [{"id": "O9", "external_id": "rwd-other", "status": "EXECUTED"}]})
    assert look_up(merchant, GiftCard, order()) is None


def test_what_may_not_be_cancelled_counts_as_used(merchant: Merchant, relay: Relay, providers: Providers) -> None:
    wanted = order()
    voucher = deliver(merchant, GiftCard, wanted).voucher
    providers.switch("giftcards", use=voucher)
    assert withdraw(merchant, GiftCard, wanted, voucher) == Withdrawn.USED
    assert relay.exchanges[-1].path == f"/giftcards/api/v2/rewards/{voucher}/cancel"


@pytest.mark.parametrize(
    ("key", "address"), [("TEST_abc", "testflight.tremendous.com"), ("PROD_abc", "api.tremendous.com")]
)
def test_the_key_says_which_service_is_called(key: str, address: str) -> None:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht", sandbox=False)
    with at_work(merchant) as now:
        row = add_gift_card_connection(api_key="TEST_demo", by=SYSTEM, now=now)
        replace_credentials(connection=row, values={"api_key": key}, by=SYSTEM, now=now)
    assert account(merchant, "GIFT_CARDS").address == address
