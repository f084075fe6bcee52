"""The guided set-up: from a new workspace to a live program, left and taken up again, and what it refuses."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.actions.customers import know_customer
from merchants.models import ApiKey, Event, Merchant, Role
from programs.actions.edit import create_program
from programs.models import Program, Setup
from programs.rules import CodeSource, Value
from programs.rules.margin import Business
from referral_saas.dashboard.setup_page import Way
from referral_saas.dashboard.views.keys import snippet_of
from rewards.actions.budget import set_budget
from tests.cast import at_work, live_program, member, user, workspace_of
from tests.dashboard.desk import signed_in, text_of
from tests.dashboard.importing import checked, imported
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

REWARD = {
    "friend_side": "offer", "offer_kind": "PERCENT", "offer_value": "10", "offer_source": "SHOP_CODE",
    "offer_shop_code": "FREUND10", "friend_reward_fulfilment": "MANUAL", "friend_reward_kind": "PERCENT",
    "friend_reward_value": "10", "friend_reward_cap": "", "advocate_reward_fulfilment": "MANUAL",
    "advocate_reward_kind": "FIXED", "advocate_reward_value": "8", "advocate_reward_cap": "", "min_order_minor": "20",
    "order_minor": "60", "margin_bp": "45", "return_bp": "5", "acquisition_minor": "30",
}  # fmt: skip
BRAND = {
    "name": "Nordlicht", "brand_colour": "#b4532a", "support_email": "help@nordlicht.example",
    "shop_url": "https://shop.example",
}  # fmt: skip
TERMS = {"name": "Freunde", "return_window_days": "30", "new_customers_only": "on", "self_sign_up": "on"}


class Owner:
    """Alice at her new workspace."""

    def __init__(self, merchant: Merchant) -> None:
        self.merchant = merchant
        self.client: Client = signed_in(user("alice@nordlicht.example"))
        self.base = f"/w/{self.merchant.slug}"

    @classmethod
    def anew(cls) -> Owner:
        return cls(workspace_of("alice@nordlicht.example", "Nordlicht"))

    def get(self, path: str) -> Any:
        return self.client.get(f"{self.base}/setup{path}")

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        return self.client.post(f"{self.base}/setup{path}", data or {})

    def answers(self, path: str, data: dict[str, Any] | None = None) -> str:
        """Where a step that was kept leads to, below the set-up's address."""
        answer = self.post(path, data)
        assert answer.status_code == 302, text_of(answer)
        return str(answer["Location"]).removeprefix(f"{self.base}/setup/")

    def next(self) -> str:
        answer = self.get("")
        assert answer.status_code == 302
        return str(answer["Location"]).removeprefix(f"{self.base}/setup/")

    def program(self) -> Program:
        with at_work(self.merchant):
            return Program.objects.get()

    def setup(self) -> Setup:
        with at_work(self.merchant):
            return Setup.objects.get()

    def up_to_launch(self) -> None:
        self.post("/sell", {"preset": "shop"})
        self.post("/reward", REWARD)
        self.post("/brand", BRAND)
        self.post("/later/shop")
        self.post("/later/customers")
        self.post("/terms", TERMS)


built, merchant = for_a_file(lambda: workspace_of("alice@nordlicht.example", "Nordlicht"))


@pytest.fixture
def alice(merchant: Merchant) -> Owner:
    return Owner(merchant)


def rows(merchant: Merchant) -> tuple[Any, ...]:
    with at_work(merchant):
        kept = list(Setup.objects.values()), list(Program.objects.values())
        return (*kept, Event.objects.count())


def test_whole_way_leads_to_a_live_program(alice: Owner) -> None:
    assert alice.next() == "sell"
    assert alice.answers("/sell", {"preset": "shop"}) == "reward"
    assert alice.answers("/reward", REWARD) == "brand"
    assert alice.answers("/brand", BRAND) == "shop"
    assert alice.answers("/later/shop") == "customers"
    assert alice.answers("/later/customers") == "terms"
    assert alice.answers("/terms", TERMS) == "launch"
    assert alice.next() == "launch"
    assert alice.answers("/publish") == "live"

    program = alice.program()
    assert program.state == Program.State.ACTIVE
    with at_work(alice.merchant):
        terms = program.live_terms
    assert terms.offer
    assert (terms.offer.source, terms.offer.shop_code) == (CodeSource.SHOP_CODE, "FREUND10")
    assert (terms.advocate_reward.kind, terms.advocate_reward.value) == (Value.FIXED, 800)
    assert (terms.min_order_minor, program.name) == (2000, "Freunde")
    shown = alice.get("/live")
    assert "Your program is live" in text_of(shown)
    assert f'href="{alice.base}/setup/' not in shown.content.decode(), "the way is over"


def test_what_a_shop_pastes_names_a_file_that_stays(
    alice: Owner, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = "https://app.example"
    monkeypatch.setattr(staticfiles_storage, "url", lambda name: f"/static/{name}?of-this-release")
    with at_work(alice.merchant):
        key = ApiKey(public_value="pk_live_x")
    assert 'src="https://app.example/static/sdk/v1.js"' in snippet_of(key)


def test_another_draft_than_the_one_looked_at_is_not_published_and_the_page_says_so(alice: Owner) -> None:
    alice.up_to_launch()
    assert alice.answers("/publish", {"seen": "another"}) == "launch"
    assert "The draft changed since you looked at it" in text_of(alice.get("/launch"))
    assert alice.program().state == Program.State.DRAFT


def test_what_is_not_asked_stays_as_the_draft_says_it(alice: Owner) -> None:
    alice.post("/sell", {"preset": "b2b"})
    before = alice.program().draft
    alice.post("/reward", REWARD)
    after = alice.program().draft
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"offer", "advocate_reward", "min_order_minor"}
    assert after["advocate_cap"] == 20


def test_left_and_taken_up_where_it_stopped(alice: Owner) -> None:
    alice.post("/sell", {"preset": "subscription"})
    alice.post("/reward", REWARD)
    later = Owner(alice.merchant)
    assert later.next() == "brand"
    page = later.get("/reward").content.decode()
    assert 'value="FREUND10"' in page
    assert 'value="45"' in page
    assert "5 of 7 steps left until your program is live" in text_of(later.client.get(later.base))


def test_how_orders_differ_is_not_remembered_from_the_day_of_the_answer(alice: Owner) -> None:
    with at_work(alice.merchant):
        told = Setup(figures={"order_minor": 5000, "spread_bp": 9000})
    assert Way(None, told, None).said == Business(order_minor=5000)  # type: ignore[arg-type]


def test_preview_keeps_nothing(alice: Owner) -> None:
    alice.post("/sell", {"preset": "shop"})
    before = rows(alice.merchant)
    for path, data in (("/reward", REWARD), ("/brand", BRAND), ("/terms", TERMS)):
        assert "<form" in alice.post(f"{path}/look", data).content.decode(), (
            "without scripts the whole step comes again"
        )
        beside = alice.client.post(f"{alice.base}/setup{path}/look", data, headers={"HX-Request": "true"})
        assert beside.status_code == 200
        assert "<form" not in beside.content.decode()
        assert "<iframe" in beside.content.decode()
    assert rows(alice.merchant) == before


def test_same_answer_again_tells_nothing_new(alice: Owner) -> None:
    alice.up_to_launch()
    before = rows(alice.merchant)
    alice.up_to_launch()
    assert rows(alice.merchant) == before


def test_another_business_writes_the_draft_anew(alice: Owner) -> None:
    alice.post("/sell", {"preset": "shop"})
    alice.post("/reward", REWARD)
    assert alice.answers("/sell", {"preset": "space"}) == "reward"
    assert alice.program().draft["offer"] is None
    assert alice.next() == "reward"


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        ("/sell", {"preset": "bakery"}, "Select a valid choice"),
        ("/sell", {}, "This field is required"),
        ("/reward", {**REWARD, "offer_value": "lots"}, "Write the percentage as a number"),
        ("/reward", {**REWARD, "margin_bp": "140"}, "Write a percentage from 0 to 100"),
        ("/reward", {**REWARD, "acquisition_minor": "-3"}, ""),
        ("/brand", {**BRAND, "brand_colour": "red"}, "Write the colour like"),
        ("/brand", {**BRAND, "support_email": "help"}, "Write a complete e-mail address"),
        ("/terms", {**TERMS, "return_window_days": "400"}, "365"),
        ("/terms", {**TERMS, "name": ""}, "This field is required"),
    ],
)
def test_refusal_changes_nothing(alice: Owner, path: str, data: dict[str, Any], words: str) -> None:
    alice.post("/sell", {"preset": "shop"})
    before = rows(alice.merchant)
    answer = alice.post(path, data)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert rows(alice.merchant) == before


def test_publishing_says_what_stands_in_the_way(alice: Owner) -> None:
    alice.up_to_launch()
    alice.post("/reward", {**REWARD, "offer_shop_code": ""})
    before = rows(alice.merchant)
    answer = alice.post("/publish")
    assert answer.status_code == 422
    assert "One thing stands in the way" in text_of(answer)
    assert f'href="{alice.base}/setup/reward#id_offer_shop_code"' in answer.content.decode()
    assert rows(alice.merchant) == before


@pytest.mark.parametrize("path", ["/reward", "/terms", "/launch"])
def test_too_early_leads_to_the_first_step(alice: Owner, path: str) -> None:
    assert alice.get(path)["Location"] == f"{alice.base}/setup/sell"


def test_only_what_may_wait_can_be_put_off(alice: Owner) -> None:
    for step in ("sell", "reward", "terms", "launch", "nothing"):
        assert alice.post(f"/later/{step}").status_code == 404
    with at_work(alice.merchant):
        assert not Setup.objects.exists()


def test_changed_rules_are_to_be_read_anew(alice: Owner) -> None:
    alice.up_to_launch()
    assert alice.next() == "launch"
    alice.post("/reward", {**REWARD, "advocate_reward_value": "9"})
    assert alice.next() == "terms"


def test_draft_made_elsewhere_is_taken_up(alice: Owner) -> None:
    with at_work(alice.merchant) as now:
        made = create_program(name="Von Hand", template="services", by="t", now=now)
    assert alice.next() == "reward"
    assert "As your draft “Von Hand” says" in text_of(alice.get("/sell"))
    assert alice.answers("/sell", {"preset": "keep"}) == "reward"
    alice.post("/brand", BRAND)
    assert alice.setup().program_id == made.pk
    assert alice.program().draft_terms == made.draft_terms


def test_look_of_the_draft_as_typed(alice: Owner) -> None:
    """The friend's and the advocate's real pages, framed by nobody but us, counted and kept by nobody."""
    alice.post("/sell", {"preset": "shop"})
    before = rows(alice.merchant)
    page = alice.post("/reward/look", {**REWARD, "offer_value": "17"}).content.decode()
    found = [html.unescape(each) for each in re.findall(r'<iframe src="([^"]+)"', page)]
    assert len(found) == 2
    seen = [alice.client.get(address) for address in found]
    assert all("17%" in text_of(answer) for answer in seen)
    assert "Dana recommends" in text_of(seen[0])
    assert "Your link" in text_of(seen[1])
    for answer in seen:
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert "X-Frame-Options" not in answer
    for address in found:
        assert "10%" in text_of(alice.client.get(address.partition("?")[0])), "without what is typed: the draft"
        assert "10%" in text_of(alice.client.get(address + "x")), "what we did not sign counts for nothing"
    typed = alice.post("/brand/look", {**BRAND, "name": "Südlicht"}).content.decode()
    [first, _second] = [html.unescape(each) for each in re.findall(r'<iframe src="([^"]+)"', typed)]
    shown = alice.client.get(first).content.decode()
    assert "Südlicht" in shown
    assert "?v=b4532a" in shown
    assert rows(alice.merchant) == before


def test_look_of_another_merchants_draft_is_unknown(alice: Owner) -> None:
    alice.post("/sell", {"preset": "shop"})
    page = alice.get("/reward").content.decode()
    [address, _other] = [html.unescape(each) for each in re.findall(r'<iframe src="([^"]+)"', page)]
    halcyon = workspace_of("charlie@halcyon.example", "Halcyon")
    charlie = signed_in(user("charlie@halcyon.example"))
    assert charlie.get(address).status_code == 404
    assert charlie.get(address.replace(alice.base, f"/w/{halcyon.slug}")).status_code == 404, "no draft yet"
    charlie.post(f"/w/{halcyon.slug}/setup/sell", {"preset": "services"})
    shown = text_of(charlie.get(address.replace(alice.base, f"/w/{halcyon.slug}")))
    assert "10%" not in shown
    assert "Halcyon" in shown


def test_once_something_is_live_the_way_is_over(alice: Owner) -> None:
    alice.post("/sell", {"preset": "shop"})
    live_program(alice.merchant)
    before = rows(alice.merchant)
    for path in ("", "/sell", "/reward", "/launch"):
        assert alice.get(path)["Location"] == f"{alice.base}/setup/live"
    for path, data in (("/sell", {"preset": "b2b"}), ("/reward", REWARD), ("/terms", TERMS), ("/publish", {})):
        assert alice.post(path, data)["Location"] == f"{alice.base}/setup/live"
    assert rows(alice.merchant) == before
    assert "steps left until" not in text_of(alice.client.get(alice.base))
    assert alice.get("/live").status_code == 200


def test_nothing_live_leads_back(alice: Owner) -> None:
    assert alice.get("/live")["Location"] == f"{alice.base}/setup"


def test_a_step_that_was_put_off_is_not_drawn_as_done(alice: Owner) -> None:
    def states() -> dict[str, str]:
        return {item["label"]: item["state"] for item in alice.get("/launch").context["steps"]}

    alice.up_to_launch()
    before = states()
    imported(alice.client, checked(alice.client, alice, "customers", b"email\nnora@friend.example\n"))
    assert {name: (state, states()[name]) for name, state in before.items() if state == "later"} == {
        "Your shop": ("later", "later"),
        "Customers": ("later", "done"),
    }


def test_checklist_is_computed(alice: Owner) -> None:
    alice.up_to_launch()
    text = text_of(alice.get("/launch"))
    assert "Place an order in your shop with this code" in text
    assert "Without them an old customer counts as a new one" in text
    assert "You agreed to them as they stand now" in text
    assert "An average order leaves €13.00 after both sides" in text  # 27 of margin, 6 and 8 given
    program = alice.program()
    with at_work(alice.merchant) as now:
        know_customer(email="gil@friend.example", name="Gil", source="HOOK", now=now)
        set_budget(program=program, limit_minor=50_000, is_hard=True, by="t", now=now)
    assert "Without them an old customer" in text_of(alice.get("/launch"))  # one order tells nothing of the others
    imported(alice.client, checked(alice.client, alice, "customers", b"email\nnora@friend.example\n"))
    text = text_of(alice.get("/launch"))
    assert "So only new ones count" in text
    assert "You hear of it when little is left" in text


def test_guard_speaks_while_typing(alice: Owner) -> None:
    alice.post("/sell", {"preset": "shop"})
    dear = text_of(alice.post("/reward/look", {**REWARD, "acquisition_minor": "20"}))
    assert "Both sides cost €14.00: 70% of what a new customer costs you today. Stay below 60%, which is €12.00" in dear
    loss = text_of(alice.post("/reward/look", {**REWARD, "margin_bp": "20"}))
    assert "An average order loses €2.00" in loss
    nothing = text_of(alice.post("/reward/look", {**REWARD, "order_minor": ""}))
    assert "Say what an order is worth on average" in nothing


def test_roles(alice: Owner) -> None:
    """A marketer sets everything but the brand of the whole workspace; an analyst has no set-up."""
    alice.post("/sell", {"preset": "shop"})
    marketer = signed_in(member(alice.merchant, "mara@nordlicht.example", Role.MARKETER))
    analyst = signed_in(member(alice.merchant, "bob@nordlicht.example", Role.ANALYST))
    assert marketer.get(f"{alice.base}/setup/brand").status_code == 200
    before = rows(alice.merchant)
    assert marketer.post(f"{alice.base}/setup/brand", BRAND).status_code == 404
    assert marketer.post(f"{alice.base}/setup/brand/look", BRAND).status_code == 404
    assert analyst.get(f"{alice.base}/setup").status_code == 404
    assert analyst.post(f"{alice.base}/setup/publish").status_code == 404
    assert "Set up your program" not in text_of(analyst.get(alice.base))
    assert rows(alice.merchant) == before


def test_another_merchants_set_up_is_unknown(alice: Owner) -> None:
    alice.up_to_launch()
    workspace_of("charlie@halcyon.example", "Halcyon")
    charlie, before = signed_in(user("charlie@halcyon.example")), rows(alice.merchant)
    for path in ("", "/sell", "/reward", "/launch", "/live"):
        assert charlie.get(f"{alice.base}/setup{path}").status_code == 404
    assert charlie.post(f"{alice.base}/setup/publish").status_code == 404
    assert rows(alice.merchant) == before


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


def test_queries_do_not_grow_with_rows(alice: Owner) -> None:
    alice.up_to_launch()
    steps = ("sell", "reward", "brand", "shop", "customers", "terms", "launch")
    few = {step: queries(alice.client, f"{alice.base}/setup/{step}") for step in steps}
    with at_work(alice.merchant) as now:
        for number in range(20):
            know_customer(email=f"c{number}@friend.example", name="C", source="IMPORT", now=now)
            create_program(name=f"P{number}", template="space", by="t", now=now)
    for step in steps:
        assert queries(alice.client, f"{alice.base}/setup/{step}") <= few[step] <= 20, step
