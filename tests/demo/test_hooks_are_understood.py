"""The test shop's hooks read by the product: its own sums and ours agree."""

from typing import Any

from integrations.shopify.mapping import Mapped, to_facts
from kit.jsonio import loads_bounded
from programs.rules import Terms
from tests.payloads import as_body
from tracking.rules import OrderView, base_minor, net_base_minor, read_order

from .client import Browser, Receiver, act, add_code, flush, ordered

EUR = Terms(currency="EUR")


def understood(browser: Browser, receiver: Receiver, *, only: str = "") -> OrderView:
    flush(browser)
    told = [hook for hook in receiver.hooks if hook.topic.startswith(only)]
    found = [to_facts(hook.topic, _as_sent(hook.body), reports_shipping=True) for hook in told]
    assert all(isinstance(each, Mapped) and each.facts for each in found), found
    view = read_order([fact for each in found if isinstance(each, Mapped) for fact in each.facts])
    assert view is not None
    assert not view.contradicts_itself
    return view


def _as_sent(body: Any) -> Any:
    return loads_bounded(as_body(body))


def test_base_is_the_subtotal_without_tax(browser: Browser, receiver: Receiver) -> None:
    add_code(browser)
    ordered(browser, code="FREUND-1")  # 40.23 with 19 % in it
    view = understood(browser, receiver)
    assert (base_minor(view, EUR), view.codes) == (3380, (("FREUND-1", 447),))


def test_returned_piece_takes_its_share_whichever_way_it_is_told(browser: Browser, receiver: Receiver) -> None:
    add_code(browser)
    order = ordered(browser, code="FREUND-1")
    act(browser, order, "refund", lines=[{"product": "polarnacht", "quantity": 1}])
    assert net_base_minor(understood(browser, receiver), EUR) == 3380 - (1341 - 214)
    assert net_base_minor(understood(browser, receiver, only="orders/"), EUR) == 3380 - (1341 - 214)


def test_amount_given_back_falls_on_the_goods_and_all_leaves_nothing(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)  # 44.70 with 7.14 tax in it
    act(browser, order, "refund", amount_minor=1000)
    assert net_base_minor(understood(browser, receiver), EUR) == 3756 - 840
    act(browser, order, "refund", all=True)
    assert net_base_minor(understood(browser, receiver), EUR) == 0


def test_parcels_arrive_with_the_last(browser: Browser, receiver: Receiver) -> None:
    order = ordered(browser)
    first, second = act(browser, order, "ship", parcels=2)["parcels"]
    act(browser, order, "deliver", parcel=first)
    view = understood(browser, receiver)
    assert [parcel.delivered_at is not None for parcel in view.parcels] == [True, False]
    act(browser, order, "deliver", parcel=second)
    view = understood(browser, receiver)
    assert (view.all_shipped, [parcel.delivered_at is not None for parcel in view.parcels]) == (True, [True, True])
