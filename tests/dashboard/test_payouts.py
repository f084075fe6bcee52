"""Money > Payouts at the desk: from the empty page to the bank's answer."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kit.days import local_date
from kit.ids import public_id
from merchants.models import Event, User
from rewards.models import Payout, PayoutLine, PayoutPolicy, Reward, TaxForm
from rewards.payout_words import payout_steps
from tests.cast import a_world, at_work, member
from tests.dashboard.desk import as_role, base, owner, signed_in, text_of
from tests.once import for_a_file
from tests.rewards.cash import IBAN, Till, a_till

pytestmark = pytest.mark.django_db


built, till = for_a_file(a_till)


def pay(payout: Payout) -> str:
    return public_id("pay", payout.pk)


def pln(line: PayoutLine) -> str:
    return public_id("pln", line.pk)


def at(till: Till, rest: str = "") -> str:
    return f"{base(till.world)}/payouts{rest}"


def made(till: Till, client: Client) -> tuple[Payout, str]:
    with at_work(till.world.merchant) as now:
        form = {"unit": "EUR", "last_day": local_date(now, till.world.zone).isoformat()}
    answer = client.post(at(till, "/new"), form)
    assert answer.status_code == 302, text_of(answer)
    with at_work(till.world.merchant):
        payout = Payout.objects.order_by("-number")[0]
    assert answer["Location"] == at(till, f"/{pay(payout)}")
    return payout, str(answer["Location"])


def test_what_rewards_of_a_payout_wait_for_is_read_once_for_all(till):
    for name, account in (("emil", ""), ("fritz", ""), ("finn", IBAN), ("gina", IBAN)):
        till.advocate(name, account=account)
    for amount, name in ((2000, "emil"), (2500, "fritz"), (4000, "finn"), (5000, "gina")):
        till.earn(amount, name)
    with at_work(till.world.merchant):
        rewards = list(Reward.objects.order_by("amount_minor"))
        with CaptureQueriesContext(connection) as few:
            payout_steps(rewards[:1], language="en", zone="UTC")
        with CaptureQueriesContext(connection) as many:
            told = payout_steps(rewards, language="en", zone="UTC")
    assert len(few) == len(many)
    codes = [told[reward.pk].code for reward in rewards]
    assert codes == ["payout_no_account", "payout_no_account", "payout", "payout"]


def states(till: Till) -> list[Any]:
    with at_work(till.world.merchant):
        lines = list(PayoutLine.objects.order_by("pk").values_list("state", "reference", "reason"))
        return [list(Payout.objects.values_list("state", flat=True)), lines, till_rewards(till)]


def till_rewards(till: Till) -> list[str]:
    return list(Reward.objects.order_by("pk").values_list("state", flat=True))


def test_an_empty_page_says_what_will_be_here():
    world = a_world()
    page = text_of(owner(world).get(f"{base(world)}/payouts"))
    assert "Nothing to pay out yet" in page
    assert "keeps back what was returned meanwhile" in page
    assert "Nothing to pay out yet" in text_of(owner(world).get(f"{base(world)}/payouts/new"))


def test_the_whole_way_at_the_desk(till):
    till.earn(2000)
    client = owner(till.world)
    assert "€20.00" in text_of(client.get(at(till)))
    payout, here = made(till, client)
    page = text_of(client.get(here))
    assert "Dana Muster DE•• •••• 3000 1 reward €20.00" in page
    assert "0532" not in page, "the account is never shown in full"
    told = text_of(client.get(f"{here}/confirm"))
    assert "No money moves by itself" in told
    assert client.post(f"{here}/file").status_code == 409
    assert client.post(f"{here}/confirm")["Location"] == here
    table = client.post(f"{here}/file")
    assert table["Cache-Control"] == "no-store"
    [row] = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    line = till.lines(payout)[0]
    assert row == {
        "line": pln(line),
        "recipient": "Dana Muster",
        "email": "dana@advocate.example",
        "method": "IBAN",
        "account": "DE89370400440532013000",
        "amount": "20.00",
        "currency": "EUR",
        "purpose": f"Nordlicht Kaffee 1 {pln(line)}",
    }
    assert client.post(f"{here}/marks", {"line": [pln(line)], "do": "paid", "reference": "B-1", "reason": "other"})
    assert states(till) == [["CLOSED"], [("PAID", "B-1", "")], ["FULFILLED"]]
    assert "B-1" in text_of(client.get(here))
    with at_work(till.world.merchant):
        assert Event.objects.filter(code="payout.file", subject_id=payout.pk).count() == 1


def test_marking_again_changes_nothing_and_says_so(till):
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    [line] = till.lines(payout)
    client, here = owner(till.world), at(till, f"/{pay(payout)}")
    client.post(f"{here}/marks", {"line": [pln(line)], "do": "failed", "reason": "account_closed"})
    assert states(till) == [["CLOSED"], [("FAILED", "", "account_closed")], ["RELEASED"]]
    told = text_of(client.get(here))
    assert (told.count("The account is closed"), "Stripe" in told) == (2, False)
    answer = client.post(f"{here}/marks", {"line": [pln(line)], "do": "paid", "reason": "other"})
    assert answer.status_code == 409
    assert states(till) == [["CLOSED"], [("FAILED", "", "account_closed")], ["RELEASED"]]


def test_nothing_ticked_is_nothing_marked(till):
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    answer = owner(till.world).post(at(till, f"/{pay(payout)}/marks"), {"do": "paid", "reason": "other"})
    assert (answer.status_code, "Tick at least one line." in text_of(answer)) == (422, True)
    assert states(till) == [["CONFIRMED"], [("INCLUDED", "", "")], ["FULFILLING"]]


def test_while_one_is_open_no_other_is_offered(till):
    till.earn(2000)
    client = owner(till.world)
    _payout, here = made(till, client)
    page = client.get(at(till, "/new"))
    assert "Go to payout 1 in EUR" in text_of(page)
    assert b'name="last_day"' not in page.content
    assert here.encode() in page.content
    assert "Make a payout" not in text_of(client.get(at(till)))


def test_leaving_out_and_taking_in(till):
    till.policy(minimum_minor=1000)
    till.earn(500)
    client = owner(till.world)
    _payout, here = made(till, client)
    page = text_of(client.get(here))
    assert "Below the smallest payout." in page
    [line] = till.lines(_payout)
    assert client.post(f"{here}/lines/{pln(line)}/take-in")["Location"] == here
    assert client.post(f"{here}/lines/{pln(line)}/take-in").status_code == 409
    assert client.post(f"{here}/lines/{pln(line)}/leave-out")["Location"] == here
    assert states(till)[1] == [("EXCLUDED", "", "by_hand")]
    assert client.post(f"{here}/confirm").status_code == 409
    assert client.post(f"{here}/cancel")["Location"] == here
    assert states(till)[0] == ["CANCELLED"]


def test_two_people_at_the_desk(till):  # hostile 84
    till.policy(approval_over_minor=1000)
    till.earn(2000)
    first = owner(till.world)
    second = signed_in(member(till.world.merchant, "fin@nordlicht.example", "FINANCE"))
    _payout, here = made(till, first)
    assert first.post(f"{here}/confirm").status_code == 409
    assert first.post(f"{here}/ask")["Location"] == here
    assert first.post(f"{here}/confirm").status_code == 409
    assert "Somebody else must press here" in text_of(first.get(f"{here}/confirm"))
    assert "asks you to agree" in text_of(second.get(here))
    assert second.post(f"{here}/confirm")["Location"] == here
    assert second.post(f"{here}/confirm").status_code == 409
    with at_work(till.world.merchant):
        found = Payout.objects.get()
        by = User.objects.get(email="fin@nordlicht.example")
        assert (found.state, found.confirmed_by) == ("CONFIRMED", f"user:{by.pk}")


def test_a_preview_that_is_not_true_any_more_pays_nobody(till):
    number = till.earn(2000)
    client = owner(till.world)
    _payout, here = made(till, client)
    till.give_back(number, 500)
    answer = client.post(f"{here}/confirm", follow=True)
    assert "calculated anew and nobody was paid" in text_of(answer)
    assert states(till)[0] == ["PREVIEW"]
    assert "€15.00" in text_of(client.get(here))


def upload(text: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("answer.csv", text.encode(), "text/csv")}


def test_the_banks_answer_as_a_file(till):
    till.advocate("otto")
    till.earn(2000)
    till.earn(1000, "otto")
    payout = till.make()
    till.confirm(payout)
    dana, otto = map(pln, till.lines(payout))
    client, here = owner(till.world), at(till, f"/{pay(payout)}")
    table = f"line;status;reference;reason\n{dana};PAID;S-1;\n{otto};rejected;;account_closed\n"
    assert client.post(f"{here}/results", upload(table))["Location"] == here
    wanted = [["CLOSED"], [("PAID", "S-1", ""), ("FAILED", "", "account_closed")], ["FULFILLED", "RELEASED"]]
    assert sorted(states(till)[1]) == sorted(wanted[1])
    assert states(till)[0] == wanted[0]
    assert client.post(f"{here}/results", upload(table))["Location"] == here, "the same file again"
    assert sorted(states(till)[1]) == sorted(wanted[1])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("pln_nothing,paid", "is no line that this payout pays"),
        ("{line},maybe", "is no status"),
        ("{line},failed", "is there twice"),
    ],
)
def test_one_bad_row_and_nothing_changes(till, row, said):
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    [line] = till.lines(payout)
    table = f"line,status\n{pln(line)},paid\n" + row.format(line=pln(line)) + "\n"
    answer = owner(till.world).post(at(till, f"/{pay(payout)}/results"), upload(table))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert states(till) == [["CONFIRMED"], [("INCLUDED", "", "")], ["FULFILLING"]]


def test_a_file_without_the_columns_is_refused(till):
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    answer = owner(till.world).post(at(till, f"/{pay(payout)}/results"), upload("a,b\n1,2\n"))
    assert (answer.status_code, "The column “line” is missing." in text_of(answer)) == (422, True)


def test_names_that_are_formulas_stay_text_in_the_file(till):  # hostile 114
    from rewards.actions.payouts.accounts import Details, give_payout_account

    with at_work(till.world.merchant) as now:
        details = Details("PAYPAL", '=HYPERLINK("http://x")', "dana@advocate.example")
        give_payout_account(customer=till.world.advocate.customer, details=details, by="test", now=now)
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    text = owner(till.world).post(at(till, f"/{pay(payout)}/file")).content.decode()
    assert "\"'=HYPERLINK(" in text


def test_after_a_restore_the_file_is_given_only_to_who_asked_the_bank(till):  # hostile 125
    from rewards.actions.restored import doubt_what_is_open

    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    with at_work(till.world.merchant) as now:
        doubt_what_is_open(backup_at=now, now=now, real_now=now)
    client, here = owner(till.world), at(till, f"/{pay(payout)}")
    answer = client.post(f"{here}/file")
    assert (answer.status_code, "Ask your bank first" in text_of(answer)) == (409, True)
    with at_work(till.world.merchant):
        assert not Event.objects.filter(code="payout.file").exists()
    assert "its file may be at the bank already" in text_of(client.get(here))
    assert client.post(f"{here}/file", {"bank": "asked"})["Content-Type"].startswith("text/csv")


def test_the_rules_are_saved_and_wrong_ones_refused(till):
    client = owner(till.world)
    good = {"minimum": "25,00", "cycle": "WEEKLY", "cut_off_days": "3", "approval_over": "500"}
    assert client.post(at(till, "/rules"), good)["Location"] == at(till)
    for bad in ({"minimum": "-1"}, {"cycle": "NEVER"}, {"cut_off_days": "61"}, {"approval_over": "9999999"}):
        assert client.post(at(till, "/rules"), good | bad).status_code == 422
    with at_work(till.world.merchant):
        row = PayoutPolicy.objects.values_list("minimum_minor", "cycle", "cut_off_days", "approval_over_minor").get()
        assert row == (2500, "WEEKLY", 3, 50000)
    assert "every Monday" in text_of(client.get(at(till)))


def test_who_may_not_pay_sees_no_payouts(till):
    till.earn(2000)
    payout = till.make()
    analyst = as_role(till.world, "ANALYST")
    assert analyst.get(at(till)).status_code == 404
    assert analyst.get(at(till, f"/{pay(payout)}")).status_code == 404
    finance = as_role(till.world, "FINANCE")
    assert finance.get(at(till)).status_code == 200
    assert finance.get(at(till, "/rules")).status_code == 404


def test_another_workspaces_payout_does_not_exist(till):
    till.earn(2000)
    payout = till.make()
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    charlie = signed_in(User.objects.get(email="charlie@halcyon.example"))
    for verb in ("", "/confirm"):
        assert charlie.get(f"{base(other)}/payouts/{pay(payout)}{verb}").status_code == 404
    for verb in ("refresh", "ask", "confirm", "cancel", "file", "marks", "results"):
        assert charlie.post(f"{base(other)}/payouts/{pay(payout)}/{verb}").status_code == 404
    assert till.state(payout) == "PREVIEW"


def test_a_collected_form_is_marked_once(till):
    with at_work(till.world.merchant) as now:
        form = TaxForm.objects.create(customer=till.world.advocate.customer, country="US", asked_at=now)
    client, key = owner(till.world), public_id("tax", form.pk)
    assert "Tax forms to collect" in text_of(client.get(at(till)))
    assert client.post(at(till, f"/forms/{key}/collected"))["Location"] == at(till)
    assert client.post(at(till, f"/forms/{key}/collected")).status_code == 409
    assert "Tax forms to collect" not in text_of(client.get(at(till)))


def test_a_reward_says_which_payout_it_waits_for(till):
    till.policy(minimum_minor=5000)
    till.earn(2000)
    with at_work(till.world.merchant):
        reward = Reward.objects.get()
    client, here = owner(till.world), f"{base(till.world)}/rewards/{public_id('rwd', reward.pk)}"
    assert "Waits until €50.00 have come together; so far it is €20.00." in text_of(client.get(here))
    till.policy(minimum_minor=0)
    assert "Waits for the payout of 1 " in text_of(client.get(here))
    payout = till.make()
    till.confirm(payout)
    assert "In payout 1. Waiting for the bank." in text_of(client.get(here))
