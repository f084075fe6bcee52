"""Refund arithmetic against an oracle written apart from the rules: equal to the minor unit, and in every order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.money import LARGEST_MINOR, to_major_text
from programs.rules import RewardRule, Scope, Terms, Value
from referral_saas.api.body import Body
from referral_saas.api.disputes_in import read_dispute_body
from referral_saas.api.orders_in import Told, read_order_body
from referral_saas.api.refunds_in import read_refund_body
from rewards.rules import settle
from tests.facts import NOON
from tests.rewards.oracle import Article, Ledger, Promise
from tracking.facts import OrderKey
from tracking.rules import Fact, read_order

KEY = OrderKey("api", "1")
NOTHING_TOLD = Told(None, {}, None)
LATER = NOON + timedelta(days=3)
CURRENCIES = ("JPY", "EUR", "KWD", "CLF")
SCOPED = ("p1", "p3", "p5")

many = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Story:
    """One order as the shop tells it through the API, and the same in the oracle's account."""

    currency: str
    terms: Terms
    promise: Promise
    ledger: Ledger
    facts: list[Fact] = field(default_factory=list)

    def text(self, minor: int) -> str:
        return to_major_text(minor, self.currency)

    def order(self, **changes: Any) -> None:
        """Tell it as it now is, as the next version."""
        ledger, version = self.ledger, len(self.facts)
        body = {
            "order_id": "1",
            "currency": self.currency,
            "status": "cancelled" if ledger.cancelled else "paid",
            "placed_at": NOON.isoformat(),
            "paid_at": NOON.isoformat(),
            "customer": {"email": "eve@friend.example"},
            "updated_at": (NOON + timedelta(hours=version)).isoformat(),
            "shipping": self.text(ledger.shipping),
            "shipping_tax": self.text(ledger.shipping_tax),
            "lines": [self._line(number, article) for number, article in enumerate(ledger.articles, start=1)],
        }
        if ledger.cancelled:
            body["cancelled_at"] = NOON.isoformat()
        self.facts.append(read_order_body(_body(body), NOTHING_TOLD, key=KEY, now=LATER).fact)

    def _line(self, number: int, article: Article) -> dict[str, Any]:
        return {
            "id": article.name,
            "product_id": f"p{number}",
            "quantity": 3,
            "total": self.text(article.net),
            "tax": self.text(article.tax),
            "gift_card": article.is_card,
        }

    def refund(self, **given: Any) -> None:
        body = {"refund_id": f"r{len(self.facts)}", "order_id": "1", "currency": self.currency, **given}
        fact = read_refund_body(_body(body), NOTHING_TOLD, now=LATER)
        self.facts.append(fact)

    def dispute(self, name: str, status: str, amount: int | None) -> None:
        body: dict[str, Any] = {"dispute_id": name, "status": status, "currency": self.currency}
        body |= {"amount": self.text(amount)} if amount else {}
        body["updated_at"] = (NOON + timedelta(minutes=len(self.facts))).isoformat()
        self.facts.append(read_dispute_body(_body(body), NOTHING_TOLD, now=LATER))


def _body(data: dict[str, Any]) -> Body:
    body = Body.of(data)
    body.has("order_id")
    return body


# --- what is drawn ----------------------------------------------------------------------------------------------------

minor = st.one_of(st.integers(0, 30), st.integers(0, 30_000), st.integers(0, 10**9))


def seldom(rare: st.SearchStrategy[Any], usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 5).flatmap(lambda dice: rare if dice == 5 else usual)


@st.composite
def articles(draw: st.DrawFn) -> list[Article]:
    scoped, count = draw(st.booleans()), draw(st.integers(1, 6))
    return [
        Article(
            name=f"line-{number}",
            net=draw(minor),
            tax=draw(minor),
            counts=not scoped or f"p{number}" in SCOPED,
            is_card=draw(st.integers(0, 9)) == 0,
        )
        for number in range(1, count + 1)
    ]


@st.composite
def beginnings(draw: st.DrawFn) -> Story:
    currency, lines = draw(st.sampled_from(CURRENCIES)), draw(articles())
    percent = draw(seldom(st.none(), st.integers(1, 10_000)))
    promise = Promise(
        percent_bp=percent,
        fixed=draw(st.integers(1, 5000)),
        cap=draw(seldom(st.integers(1, 5000), st.none())),
        minimum=draw(seldom(minor, st.just(0))),
        tax=draw(st.booleans()),
        shipping=draw(st.booleans()),
    )
    rule = RewardRule(
        kind=Value.FIXED if percent is None else Value.PERCENT,
        value=promise.fixed if percent is None else percent,
        cap_minor=promise.cap,
    )
    is_scoped = not all(line.counts for line in lines)
    terms = Terms(
        currency=currency,
        advocate_reward=rule,
        min_order_minor=promise.minimum,
        count_tax=promise.tax,
        count_shipping=promise.shipping,
        scope=Scope.PRODUCTS if is_scoped else Scope.SHOP,
        scope_ids=SCOPED if is_scoped else (),
    )
    story = Story(currency, terms, promise, Ledger(lines, shipping=draw(minor), shipping_tax=draw(minor)))
    story.order()
    return story


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = draw(beginnings())
    for _ in range(draw(st.integers(0, 6))):
        draw(seldom(st.sampled_from(RARE), st.sampled_from(USUAL)))(draw, story)
    return story


def named(draw: st.DrawFn, story: Story) -> None:
    article = draw(st.sampled_from(story.ledger.articles))
    net = draw(seldom(st.integers(article.net, article.net + 10), st.integers(0, article.net)))
    story.refund(lines=[{"id": article.name, "total": story.text(net), "quantity": 1}])
    story.ledger.give_back(article.name, net)


def unnamed(draw: st.DrawFn, story: Story) -> None:
    goods = sum(article.net + article.tax for article in story.ledger.goods())
    amount = draw(seldom(st.integers(1, max(goods, 1) + 10), st.integers(1, max(goods // 3, 1))))
    story.refund(amount=story.text(amount))
    story.ledger.unnamed_back += amount


def freight(draw: st.DrawFn, story: Story) -> None:
    amount = draw(st.integers(1, story.ledger.shipping + 10))
    story.refund(shipping=story.text(amount))
    story.ledger.shipping_back += amount


def edit(draw: st.DrawFn, story: Story) -> None:
    """A line costs more or less, or another is added."""
    ledger = story.ledger
    if len(ledger.articles) < 6 and draw(st.booleans()):
        number = len(ledger.articles) + 1
        counts = story.terms.scope == Scope.SHOP or f"p{number}" in SCOPED
        ledger.articles.append(Article(f"line-{number}", draw(minor), draw(minor), counts))
    else:
        article = draw(st.sampled_from(ledger.articles))
        article.net, article.tax = draw(minor), draw(minor)
    story.order()


def cancel(draw: st.DrawFn, story: Story) -> None:
    """Or take it back."""
    story.ledger.cancelled = draw(st.booleans())
    story.order()


def dispute(draw: st.DrawFn, story: Story) -> None:
    name, status = draw(st.sampled_from(["d1", "d2"])), draw(st.sampled_from(["opened", "won", "lost"]))
    if story.ledger.disputes.get(name, ("opened",))[0] != "opened":
        return  # which of two ends counts is told in tests/rewards/test_disputes.py
    payment = story.ledger.payment()
    amount = draw(seldom(st.one_of(st.none(), st.integers(1, payment + 10)), st.integers(1, payment // 3 + 1)))
    story.dispute(name, status, amount)
    story.ledger.dispute(name, status, amount)


def the_rest(draw: st.DrawFn, story: Story) -> None:
    """The buyer's bank takes back what the shop has not, to the last unit."""
    ledger = story.ledger
    back = sum(article.returned() + article.tax_returned() for article in ledger.articles) + ledger.unnamed_back
    left = ledger.payment() - back - ledger.lost_money()
    if left > 0:
        story.dispute("rest", "lost", left)
        ledger.dispute("rest", "lost", left)


USUAL = [named, named, unnamed, freight, dispute, dispute, edit]
RARE = [cancel, the_rest]


# --- the comparison ---------------------------------------------------------------------------------------------------


def wanted(story: Story, facts: list[Fact]) -> Any:
    view = read_order(facts)
    assert view is not None
    return settle(view, story.terms, touched_at=NOON, zone="Europe/Berlin")


@many
@given(story=stories())
def test_whatever_happens_to_an_order_its_reward_agrees_with_the_oracle(story: Story) -> None:
    found = wanted(story, story.facts)
    now, full = story.promise.now(story.ledger), story.promise.full(story.ledger)
    if found.advocate is None:
        assert (now, full) == (0, 0)
    else:
        assert (found.advocate.amount_minor, found.advocate.full_minor) == (now, full)


@many
@given(story=stories(), data=st.data())
def test_the_order_and_number_of_tellings_mean_nothing(story: Story, data: st.DataObject) -> None:
    drawn = data.draw(st.permutations(story.facts))
    doubled = data.draw(st.lists(st.sampled_from(story.facts), max_size=4))
    assert wanted(story, [*drawn, *doubled]) == wanted(story, story.facts)


@many
@given(story=stories(), data=st.data())
def test_more_given_back_is_never_worth_more(story: Story, data: st.DataObject) -> None:
    before = wanted(story, story.facts).advocate
    data.draw(st.sampled_from([named, unnamed, freight]))(data.draw, story)
    after = wanted(story, story.facts).advocate
    assert 0 <= (after.amount_minor if after else 0) <= (before.amount_minor if before else 0)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_largest_amounts_are_exact(currency: str) -> None:
    """Every exponent up to four, at the limit of what is taken."""
    ledger = Ledger([Article("line-1", LARGEST_MINOR, LARGEST_MINOR - 1), Article("line-2", 1, 0)])
    promise = Promise(percent_bp=3333, fixed=0, cap=None, minimum=0, tax=True, shipping=True)
    rule = RewardRule(value=3333)
    story = Story(currency, Terms(currency, rule, count_tax=True, count_shipping=True), promise, ledger)
    story.order()
    story.refund(lines=[{"id": "line-1", "total": story.text(LARGEST_MINOR // 7)}])
    ledger.give_back("line-1", LARGEST_MINOR // 7)
    assert wanted(story, story.facts).advocate.amount_minor == promise.now(ledger)
