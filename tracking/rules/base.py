"""What of an order counts for a program, and what of that was kept. Pure; minor units of the order's currency.

The base is goods after all discounts, with tax and shipping where the terms count them. Money that comes back without
naming goods falls on the base by its share of what it was paid for. Shipping alone earns nothing: once all goods or
all the money are back, nothing counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from kit.money import divide_half_even
from programs.rules import Terms, line_in_scope
from tracking.rules.orders import Line, OrderView


def base_minor(view: OrderView, terms: Terms) -> int:
    """What percentages and the minimum look at: counting goods (and shipping, and tax); never tips or gift cards."""
    goods = _goods(view, terms)
    return goods + _shipping(view, terms, view.shipping_minor) if goods > 0 else 0


def net_base_minor(view: OrderView, terms: Terms) -> int:
    """The base less everything that came back on it; never negative, whatever was refunded or lost."""
    goods = _goods(view, terms) - _line_refunds(view, terms) - _other_refunds(view, terms)
    if goods <= 0 or nothing_kept(view):
        return 0
    kept = goods + _shipping(view, terms, view.shipping_minor - _shipping_back(view))
    return max(kept - _lost(view, base_minor(view, terms)), 0)


def kept_lines(view: OrderView, terms: Terms) -> list[Line]:
    """The lines that count and of which something is still the friend's."""
    given, pieces = _given_back(view), _pieces_back(view)
    return [
        line
        for line in counting_lines(view, terms)
        if given[line.id] < line.net_minor and pieces[line.id] < line.quantity
    ]


def counting_lines(view: OrderView, terms: Terms) -> list[Line]:
    return [
        line
        for line in view.lines
        if not line.gift_card and line_in_scope(terms, product_id=line.product_id, collection_ids=line.collection_ids)
    ]


def nothing_kept(view: OrderView) -> bool:
    """All goods came back, or all the money did, however it is divided among refunds and lost disputes."""
    goods = [line for line in view.lines if not line.gift_card]
    goods_back = _gross_back(view, goods) + sum(refund.other_minor for refund in view.refunds)
    cards_back = _gross_back(view, [line for line in view.lines if line.gift_card])
    shipping_back = _shipping_back(view)
    shipping_back += _part(view.shipping_tax_minor, shipping_back, view.shipping_minor)
    all_back = goods_back + cards_back + shipping_back + view.lost_minor
    cost = _gross(goods) - _short(view)
    return view.lost_wholly or 0 < cost <= goods_back or 0 < paid_minor(view) <= all_back


def paid_minor(view: OrderView) -> int:
    """The whole order with tax, shipping and gift cards: what a disputed payment was for."""
    return _gross(view.lines) - _short(view) + view.shipping_minor + view.shipping_tax_minor


def refunds_exceed_order(view: OrderView, terms: Terms) -> bool:
    """More was given back on what counts than it cost."""
    return _line_refunds(view, terms, capped=False) + _other_refunds(view, terms) > _goods(view, terms)


def _goods(view: OrderView, terms: Terms) -> int:
    """Of lines and stated subtotal the smaller counts: what they differ by is taken off."""
    lines = counting_lines(view, terms)
    net = sum(line.net_minor for line in lines)
    short = 0 if view.stated_net_minor is None else max(net - view.stated_net_minor, 0)
    return max(sum(_value(line, terms) for line in lines) - short, 0)


def _short(view: OrderView) -> int:
    """By how much the goods were cheaper than their lines say, where the order states less."""
    return 0 if view.stated_net_minor is None else max(view.lines_net_minor - view.stated_net_minor, 0)


def _value(line: Line, terms: Terms) -> int:
    return line.net_minor + (line.tax_minor if terms.count_tax else 0)


def _shipping(view: OrderView, terms: Terms, net: int) -> int:
    """So much of this shipping as falls on the goods that count; nothing where the terms leave shipping out."""
    goods = sum(line.net_minor for line in view.lines if not line.gift_card)
    if not terms.count_shipping or net <= 0 or goods <= 0:
        return 0
    tax = _part(view.shipping_tax_minor, net, view.shipping_minor) if terms.count_tax else 0
    counting = sum(line.net_minor for line in counting_lines(view, terms))
    return divide_half_even((net + tax) * counting, goods)


def _shipping_back(view: OrderView) -> int:
    """Without its tax, at most what shipping cost."""
    return min(sum(refund.shipping_minor for refund in view.refunds), view.shipping_minor)


def _line_refunds(view: OrderView, terms: Terms, *, capped: bool = True) -> int:
    """Given back on named lines that count, each line at most once over, with its tax where tax counts."""
    given = _given_back(view)
    back = 0
    for line in counting_lines(view, terms):
        net = min(given[line.id], line.net_minor) if capped else given[line.id]
        back += net + (_tax_of(line, net) if terms.count_tax else 0)
    return back


def _other_refunds(view: OrderView, terms: Terms) -> int:
    """The share of unnamed refunds that falls on the base: on lines in scope only, tax as the terms count it."""
    other = sum(refund.other_minor for refund in view.refunds)
    goods = _gross(line for line in view.lines if not line.gift_card)
    if not other or goods <= 0:
        return 0
    counting = sum(_value(line, terms) for line in counting_lines(view, terms))
    return divide_half_even(other * counting, goods)


def _lost(view: OrderView, base: int) -> int:
    """The share of lost disputes that falls on the base. A dispute is about a payment, so about all it was for."""
    paid = paid_minor(view)
    return divide_half_even(min(view.lost_minor, paid) * base, paid) if paid > 0 else 0


def _given_back(view: OrderView) -> dict[str, int]:
    """Net by line id, as told: it may be more than the line cost."""
    given: dict[str, int] = defaultdict(int)
    for refund in view.refunds:
        for line_id, _, net in refund.lines:
            given[line_id] += net
    return given


def _pieces_back(view: OrderView) -> dict[str, int]:
    pieces: dict[str, int] = defaultdict(int)
    for refund in view.refunds:
        for line_id, quantity, _ in refund.lines:
            pieces[line_id] += quantity
    return pieces


def _gross(lines: Iterable[Line]) -> int:
    return sum(line.net_minor + line.tax_minor for line in lines)


def _gross_back(view: OrderView, lines: Iterable[Line]) -> int:
    given = _given_back(view)
    nets = ((line, min(given[line.id], line.net_minor)) for line in lines)
    return sum(net + _tax_of(line, net) for line, net in nets)


def _tax_of(line: Line, net: int) -> int:
    return _part(line.tax_minor, net, line.net_minor)


def _part(tax: int, net: int, whole: int) -> int:
    """The tax in so much of a whole. Asked of all that came back together, so that parts never round past it."""
    return divide_half_even(tax * net, whole) if whole > 0 else 0
