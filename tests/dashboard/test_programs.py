"""From sign-up to a live program, by forms alone; and what editing and publishing store, refuse and leave alone."""

from __future__ import annotations

import pytest
from django.test import Client

from merchants.models import Merchant
from programs.models import PoolCode, Program, TermsVersion
from programs.templates import TEMPLATES
from referral_saas.dashboard.forms.program import ProgramForm
from tests.cast import PASSWORD, at_work, user

pytestmark = pytest.mark.django_db


def signed_in(email: str) -> Client:
    client = Client()
    user(email)
    assert client.login(email=email, password=PASSWORD)
    return client


def test_from_nothing_to_a_live_program():
    client = signed_in("alice@nordlicht.example")
    answer = client.post(
        "/workspaces/new",
        {
            "name": "Nordlicht Kaffee",
            "shop_url": "shop.nordlicht.example",
            "currency": "EUR",
            "time_zone": "Europe/Berlin",
        },
    )
    merchant = Merchant.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/w/{merchant.slug}/setup")
    base = f"/w/{merchant.slug}"
    assert client.post(f"{base}/programs/new", {"name": "Freunde", "template": "shop"}).status_code == 302
    refused = client.post(f"{base}/programs/freunde/publish")
    assert refused.status_code == 422
    assert "There are no codes left" in refused.content.decode()
    with at_work(merchant):
        assert (Program.objects.get().state, TermsVersion.objects.count()) == ("DRAFT", 0)
    sent = client.post(f"{base}/programs/freunde/codes/offer", {"pasted": "A-1\nA-2\n\nA-1"})
    assert sent["Location"] == f"{base}/programs/freunde"
    assert client.post(f"{base}/programs/freunde/publish").status_code == 302
    with at_work(merchant):
        program = Program.objects.get()
        assert (program.state, program.terms.number, program.auto_enrol) == ("ACTIVE", 1, "OFF")
        assert sorted(PoolCode.objects.values_list("code", flat=True)) == ["A-1", "A-2"]
    assert client.get(f"{base}/programs/freunde").status_code == 200


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_saving_the_form_unchanged_changes_nothing(template, currency):
    terms = TEMPLATES[template].terms_in(currency)
    program = Program(
        merchant=Merchant(), name="P", slug="p", draft=terms.to_json(), self_sign_up=True, auto_enrol="OFF"
    )
    typed = {name: value for name, value in ProgramForm(program=program).typed.items() if value is not False}
    form = ProgramForm({name: "" if value is None else value for name, value in typed.items()}, program=program)
    assert form.is_valid(), form.errors
    assert form.terms() == terms
