"""What becomes of the orders: attributed, delivered, held, refunded, released by the workers, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from demo.drive.people import claimed
from demo.drive.story import Step, Story, check, equal
from demo.drive.sums import minor, net_of, tenth
from demo.drive.wait import until
from demo.drive.web import Page

HOLD = 30


def order_of(story: Story, which: str) -> dict[str, Any]:
    platform = "api" if which == "api" else "shopify"
    return until(f"the order by {which} is there", lambda: story.order_where(platform, story.orders[which]))


def reward_of(story: Story, which: str) -> dict[str, Any]:
    """The advocate's reward for this order."""
    for reward in order_of(story, which)["rewards"]:
        if reward["side"] == "ADVOCATE":
            return dict(reward)
    return {}


def expect(story: Story, which: str, state: str, amount: int) -> dict[str, Any]:
    """As soon as the reward stands so; else what it was at last."""
    seen: dict[str, Any] = {}

    def look() -> dict[str, Any] | None:
        seen.update(reward_of(story, which))
        stands = seen and seen["state"] == state and minor(seen["amount"]) == amount
        return seen if stands else None

    try:
        found = until(f"the reward for the order by {which} is {state} with {amount}", look)
    except AssertionError as error:
        raise AssertionError(f"{error}. At last: {seen}") from None
    story.expected[which] = (state, amount)
    story.see(f"by {which}: {state} {amount / 100:.2f} EUR")
    return found


def attributed(story: Story) -> None:
    for which, how, advocate in (
        ("token", "TOKEN", story.dana),
        ("code", "CODE", story.otto),
        ("api", "TOKEN", story.dana),
    ):
        order = until(f"the order by {which} is attributed", lambda which=which: _with_referral(story, which))  # type: ignore[misc]
        equal(order["referral"]["advocate"], advocate.id, f"whose friend brought the order by {which}")
        equal(order["referral"]["matched_by"], how, f"what brought the order by {which}")
        story.see(f"by {which}: {order['decision']['text']}")
    expect(story, "token", "HELD", tenth(net_of(story.shop.order(story.orders["token"]))))
    expect(story, "code", "HELD", tenth(net_of(story.shop.order(story.orders["code"]))))
    expect(story, "api", "HELD", tenth(12000 + 7990))
    for which in ("token", "code", "api"):
        equal(reward_of(story, which)["release_at"], None, f"the due day before anything was shipped ({which})")


def _with_referral(story: Story, which: str) -> dict[str, Any] | None:
    order = order_of(story, which)
    return order if order["referral"] else None


def delivered(story: Story) -> None:
    """Two parcels each; a parcel that is only under way makes the hold end later, so this waits for the last news."""
    for which in ("token", "code"):
        story.shop.press(story.orders[which], "ship", parcels=2)
        story.shop.press(story.orders[which], "deliver")
    story.tell(f"/orders/{story.orders['api']}/delivered", {})
    for which in ("token", "code", "api"):
        until(
            f"the reward by {which} is held for {HOLD} days from now", lambda which=which: _held_from_now(story, which)
        )  # type: ignore[misc]
    story.see(f"told by the shop's parcels and by the API; held until {reward_of(story, 'api')['release_at']}")


def _held_from_now(story: Story, which: str) -> bool | None:
    """Days are calendar days: with a change to summer time in between they are an hour more or less."""
    release_at = reward_of(story, which)["release_at"]
    wanted = datetime.now(UTC) + timedelta(days=HOLD)
    return (release_at and abs(moment(release_at) - wanted) <= timedelta(hours=1, minutes=5)) or None


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def refunded_in_part(story: Story) -> None:
    order = story.orders["token"]
    gone = story.shop.line_of(order, "becher")
    story.shop.press(order, "refund", lines=[{"product": "becher", "quantity": 1}])
    expect(story, "token", "HELD", tenth(net_of(story.shop.order(order), without=[gone])))
    story.tell(
        "/refunds", {"order_id": story.orders["api"], "refund_id": "r1", "lines": [{"id": "1", "total": "120.00"}]}
    )
    expect(story, "api", "HELD", tenth(7990))


def forward(story: Story) -> None:
    form = story.merchant.get(story.w("/clock")).expect().form("/clock", days="30")
    page = story.merchant.submit(form).expect()
    check("became due" in page.words, f"not said what became due: {page.words[:300]}")
    story.shop.settings(clock_offset_seconds=HOLD * 86400)
    story.see("the sandbox's clock and the shop's are 30 days ahead")


def released(story: Story) -> None:
    for which in ("token", "code", "api"):
        expect(story, which, "FULFILLED", story.expected[which][1])


def vouchers(story: Story) -> None:
    """In the portal and in the mail; each of the advocate's own, and no code twice."""
    seen: list[str] = []
    for advocate, count in ((story.dana, 2), (story.otto, 1)):
        assert advocate.web is not None
        codes = codes_on(advocate.web.get(f"/p/{story.slug}/rewards").expect())
        equal(len(codes), count, f"voucher codes in the portal of {advocate.name}")
        for code in codes:
            check(code.startswith(f"REWARD-{story.run.upper()}"), f"{code} is none of the uploaded")
            story.mail_to(advocate.email, wanted=partial(_says, code))
        seen += codes
        story.see(f"{advocate.name}: {', '.join(codes)}")
    equal(len(set(seen)), 3, "different codes")


def _says(code: str, mail: dict[str, Any]) -> bool:
    return code in mail["text"]


def codes_on(page: Page) -> list[str]:
    return [str(field["value"]) for field in page.html.select("main input[data-select]")]


def taken_back(story: Story) -> None:
    story.shop.press(story.orders["code"], "refund", all=True)
    reward = expect(story, "code", "REVERSED", 0)
    equal(minor(reward["taken_back"]), minor(reward["full_amount"]), "what was taken back")


def replayed(story: Story) -> None:
    """Everything once more, newest first; then an order whose hooks arrive in the wrong order from the start."""
    before = story.standing()
    story.shop.settings(hold_hooks=True)
    hooks = [hook for which in ("token", "code") for hook in story.shop.hooks(story.orders[which])]
    for hook in hooks:
        story.shop.send_again(hook["webhook_id"])
    counts = story.shop.flush(newest_first=True)
    equal((counts["sent"], counts["failed"]), (len(hooks), 0), "hooks sent again")
    story.see(f"{len(hooks)} hooks sent again, newest first")
    backwards(story)
    late = story.order_where("shopify", story.orders["late"])
    assert late is not None
    equal(without(story.standing(), late), before, "what stands")
    story.see("nothing that stood before has changed")


def backwards(story: Story) -> None:
    """The refund comes before the parcel, the parcel before the order."""
    code = claimed(story, story.otto).value_of("copy-your-code")
    late = story.shop.place(
        email=story.friend("hal"), name="Hal Late", code=code, lines=[{"product": "handmuehle"}, {"product": "becher"}]
    )
    story.orders["late"] = late
    story.shop.press(late, "ship")
    story.shop.press(late, "deliver")
    gone = story.shop.line_of(late, "handmuehle")
    story.shop.press(late, "refund", lines=[{"product": "handmuehle", "quantity": 1}])
    counts = story.shop.flush(newest_first=True)
    equal(counts["failed"], 0, "hooks refused")
    story.shop.settings(hold_hooks=False)
    story.see(f"{counts['sent']} hooks of a new order, newest first")
    expect(story, "late", "HELD", tenth(net_of(story.shop.order(late), without=[gone])))


def without(standing: Any, late: dict[str, Any]) -> Any:
    """What stands, less this order and all that came of it."""
    return [[row for row in rows if late["id"] not in (row["id"], row.get("order"))] for rows in standing]


def read_back(story: Story) -> None:
    """Amounts as the API tells them, and as the merchant's pages show them."""
    equal({which: state for which, (state, _amount) in story.expected.items()}, FINAL, "states")
    for which, (state, amount) in story.expected.items():
        reward = reward_of(story, which)
        equal((reward["state"], minor(reward["amount"])), (state, amount), f"reward by {which}")
        page = story.merchant.get(story.w(f"/rewards/{reward['id']}")).expect()
        check(f"{amount / 100:.2f}" in page.words, f"{amount / 100:.2f} is not on {page.url}: {page.words[:300]}")
    total = sum(minor(reward["amount"]) for reward in story.api("/rewards?limit=100")["data"])
    equal(total, sum(amount for _state, amount in story.expected.values()), "all rewards together")
    story.see(f"{total / 100:.2f} EUR stand in four rewards, in the API and in the dashboard")


FINAL = {"token": "FULFILLED", "code": "REVERSED", "api": "FULFILLED", "late": "HELD"}

STEPS: list[tuple[str, Step]] = [
    ("Three orders are attributed and their rewards held", attributed),
    ("Everything is delivered", delivered),
    ("A refund in part before the release makes the reward smaller", refunded_in_part),
    ("The clock moves 30 days forward", forward),
    ("The workers release and fulfil", released),
    ("The voucher codes are in the portal and in the mailbox", vouchers),
    ("A full refund after the release takes the reward back", taken_back),
    ("Repeated and re-ordered hooks change nothing", replayed),
    ("What stands, read back, is what must stand", read_back),
]
