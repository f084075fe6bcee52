"""What of an order counts for a program, and what of that was kept. Pure; minor units of the order's currency.

The base is goods after all discounts, with tax and shipping where the terms count them. Money that comes back without
naming goods falls on the base by its share of what was left of what it was paid for: first what names its goods is
taken off, then what names none, then what the bank took. So nobody is rewarded for more money than was kept. Shipping
alone earns nothing: once all goods or all the money are back, nothing counts.
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
    return goods + _shipping(view, terms) if goods > 0 else 0


def net_base_minor(view: OrderView, terms: Terms) -> int:
    """The base less everything that came back on it: never negative, and never more than the money that was kept."""
    goods = _goods_left(view, terms)
    goods -= _part(goods, min(_unnamed(view), _all_goods_left(view)), _all_goods_left(view))
    if goods <= 0 or nothing_kept(view):
        return 0
    kept = goods + _shipping(view, terms, _shipping_back(view))
    return kept - _part(kept, view.lost_minor, _paid_left(view))


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
    goods_left, paid = _all_goods_left(view), paid_minor(view)
    all_goods_back = goods_left <= _unnamed(view) and _gross(_goods_of(view)) > _short(view)
    return view.lost_wholly or all_goods_back or (paid > 0 and _paid_left(view) <= view.lost_minor)


def paid_minor(view: OrderView) -> int:
    """The whole order with tax, shipping and gift cards: what a disputed payment was for."""
    return _gross(view.lines) - _short(view) + view.shipping_minor + view.shipping_tax_minor


def refunds_exceed_order(view: OrderView, terms: Terms) -> bool:
    """More was given back on what counts than it cost, or on goods altogether."""
    unnamed = _unnamed(view)
    exceeds_goods = bool(unnamed and counting_lines(view, terms)) and unnamed > _all_goods_left(view)
    return exceeds_goods or _line_refunds(view, terms, capped=False) > _goods(view, terms)


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


def _goods_left(view: OrderView, terms: Terms) -> int:
    """Of what counts, after what named it."""
    return min(_goods(view, terms) - _line_refunds(view, terms), _all_goods_left(view))


def _all_goods_left(view: OrderView) -> int:
    """Of all goods with their tax, after what named them. On this falls what was given back without naming any."""
    goods = _goods_of(view)
    return max(_gross(goods) - _short(view) - _gross_back(view, goods), 0)


def _paid_left(view: OrderView) -> int:
    """Of the payment, after all refunds: what a lost dispute falls on."""
    cards = [line for line in view.lines if line.gift_card]
    shipping = view.shipping_minor + view.shipping_tax_minor - _taxed_shipping(view, _shipping_back(view))
    goods_and_more = _all_goods_left(view) - _unnamed(view) + shipping
    return goods_and_more + _gross(cards) - _gross_back(view, cards)


def _goods_of(view: OrderView) -> list[Line]:
    return [line for line in view.lines if not line.gift_card]


def _shipping(view: OrderView, terms: Terms, back: int = 0) -> int:
    """So much of the shipping not given back as falls on the goods that count; nothing where the terms leave it out.

    It was paid for the goods that ship; where none does, for all.
    """
    whole, net = view.shipping_minor, view.shipping_minor - back
    shipped = {line.id: line.net_minor for line in _goods_of(view) if line.ships}
    shipped = shipped or {line.id: line.net_minor for line in _goods_of(view)}
    goods = sum(shipped.values())
    if not terms.count_shipping or net <= 0 or goods <= 0:
        return 0
    tax = view.shipping_tax_minor - _part(view.shipping_tax_minor, back, whole) if terms.count_tax else 0
    counting = sum(shipped.get(line.id, 0) for line in counting_lines(view, terms))
    return divide_half_even((net + tax) * counting, goods)


def _taxed_shipping(view: OrderView, net: int) -> int:
    return net + _part(view.shipping_tax_minor, net, view.shipping_minor)


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


def _unnamed(view: OrderView) -> int:
    """Given back on goods without naming any, tax included."""
    return sum(refund.other_minor for refund in view.refunds)


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
