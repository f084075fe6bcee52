"""What the forms of settings, team, keys, connections and programs store; and that a refusal stores nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from integrations.models import Connection, InboundEvent
from kit.ids import public_id
from merchants.models import ApiKey, Door, Event, Invitation, Membership, Merchant, Role, Workspace
from programs.models import PoolCode, Program, TermsVersion
from programs.rules import Value
from referral_saas.dashboard.forms.program import ProgramForm
from tests.cast import World, a_world, at_work, member
from tests.dashboard.importing import checked, imported
from tests.dashboard.test_workspace_pages import client_of, connection_of, furnish
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

SETTINGS = {
    "name": "Nordlicht Rösterei",
    "shop_url": "https://new.shop.example/",
    "support_email": "help@nordlicht.example",
    "language": "de",
    "brand_colour": "#aa2200",
    "currency": "USD",
    "time_zone": "Europe/Vienna",
}


built, world = for_a_file(a_world)


@pytest.fixture
def alice(world: World) -> Client:
    return client_of("alice@nordlicht.example")


def base(world: World) -> str:
    return f"/w/{world.merchant.slug}"


def events(world: World) -> int:
    with at_work(world.merchant):
        return Event.objects.count()


def typed(program: Program, **changes: object) -> dict[str, object]:
    """The editor's fields as a browser would send them."""
    values = ProgramForm(program=program).typed | changes
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


# --- settings ---------------------------------------------------------------------------------------------------


def test_settings_are_stored_and_a_promised_currency_stays(world, alice):
    assert alice.post(f"{base(world)}/settings/edit", SETTINGS).status_code == 302
    with at_work(world.merchant):
        place = Workspace.objects.get()
        stored = (place.shop_url, place.support_email, place.language, place.brand_colour, place.time_zone)
        assert stored == (SETTINGS["shop_url"], "help@nordlicht.example", "de", "#aa2200", "Europe/Vienna")
        assert (place.currency, place.verified_hosts) == ("EUR", ["new.shop.example"])
    assert Merchant.objects.get(pk=world.merchant.pk).name == "Nordlicht Rösterei"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("shop_url", "javascript:alert(1)"), ("support_email", "nobody"), ("brand_colour", "red;}")],
)
def test_a_setting_that_cannot_be_used_is_pointed_out_and_nothing_changes(world, alice, field, value):
    before = events(world)
    answer = alice.post(f"{base(world)}/settings/edit", SETTINGS | {field: value})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    with at_work(world.merchant):
        assert (Workspace.objects.get().language, Event.objects.count()) == ("en", before)
    assert Merchant.objects.get(pk=world.merchant.pk).name == "Nordlicht Kaffee"


def test_a_real_workspace_opens_its_sandbox_once(alice):
    alice.post("/workspaces/new", {**SETTINGS, "name": "Real"})
    real = Merchant.objects.get(name="Real")
    first = alice.post(f"/w/{real.slug}/settings/sandbox")["Location"]
    assert alice.post(f"/w/{real.slug}/settings/sandbox")["Location"] == first
    assert Merchant.objects.get(slug=first.removeprefix("/w/")).is_sandbox
    assert alice.post(f"{first}/settings/sandbox").status_code == 404


# --- keys -------------------------------------------------------------------------------------------------------


def test_a_secret_key_is_shown_once_stored_hashed_and_dies_when_revoked(world, alice):
    answer = alice.post(f"{base(world)}/settings/keys/new", {"kind": "SECRET", "name": "Server"})
    value = re.search(r"sk_test_[\w-]+", answer.content.decode())[0]
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    with at_work(world.merchant):
        key = ApiKey.objects.get()
        assert (key.name, key.kind, key.public_value, value in str(key.__dict__)) == ("Server", "SECRET", "", False)
    assert value not in alice.get(f"{base(world)}/settings/keys").content.decode()
    alice.post(f"{base(world)}/settings/keys/{public_id('key', key.pk)}/revoke")
    with at_work(world.merchant):
        assert ApiKey.objects.get().revoked_at is not None
    assert not Door.objects.filter(kind=Door.Kind.API_KEY).exists()


# --- team -------------------------------------------------------------------------------------------------------


def test_invite_again_withdraw_change_remove(world, alice):
    team = f"{base(world)}/team"
    assert alice.post(f"{team}/invite", {"email": "new@nordlicht.example", "role": "SUPPORT"}).status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role) == ("new@nordlicht.example", "SUPPORT")
    alice.post(f"{team}/invitations/{invitation.pk}/withdraw")
    assert Invitation.objects.get().withdrawn_at is not None
    bob = member(world.merchant, "bob@nordlicht.example", Role.ANALYST)
    seat = Membership.objects.get(user=bob)
    alice.post(f"{team}/{seat.pk}/role", {"role": "FINANCE"})
    assert Membership.objects.get(user=bob).role == "FINANCE"
    alice.post(f"{team}/{seat.pk}/remove")
    assert not Membership.objects.filter(user=bob).exists()


def test_the_last_owner_stays_and_admins_touch_no_owner(world, alice):
    team = f"{base(world)}/team"
    owner = Membership.objects.get(merchant=world.merchant, role=Role.OWNER)
    before = events(world)
    assert alice.post(f"{team}/leave")["Location"] == team
    alice.post(f"{team}/{owner.pk}/role", {"role": "ANALYST"})
    member(world.merchant, "adam@nordlicht.example", Role.ADMIN)
    adam = client_of("adam@nordlicht.example")
    adam.post(f"{team}/{owner.pk}/remove")
    adam.post(f"{team}/{owner.pk}/role", {"role": "ANALYST"})
    assert adam.post(f"{team}/invite", {"email": "x@nordlicht.example", "role": "OWNER"}).status_code == 422
    assert Membership.objects.get(pk=owner.pk).role == Role.OWNER
    assert (Invitation.objects.count(), events(world)) == (0, before)
    assert adam.post(f"{team}/leave")["Location"] == "/"
    assert Membership.objects.filter(merchant=world.merchant).count() == 1


def test_a_seat_of_another_workspace_cannot_be_named(world, alice):
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    seat = Membership.objects.get(merchant=other.merchant)
    for step in ("role", "remove"):
        assert alice.post(f"{base(world)}/team/{seat.pk}/{step}", {"role": "ANALYST"}).status_code == 404
    assert Membership.objects.get(pk=seat.pk).role == Role.OWNER


# --- connections ------------------------------------------------------------------------------------------------


def test_a_shop_is_connected_shows_its_address_and_is_removed(world, alice):
    form = {"domain": "nordlicht.myshopify.com", "secret": "shpss_1234567890", "reports_shipping": "on"}
    page = alice.post(f"{base(world)}/connections/new/shopify", form)["Location"]
    with at_work(world.merchant):
        shop = Connection.objects.get()
        assert (shop.address, shop.kind, "1234567890" in shop.credentials) == (form["domain"], "SHOPIFY", False)
    shown = alice.get(page).content.decode()
    assert f"/hooks/shopify/{shop.hook_token}" in shown
    assert "refunds/create" in shown
    again = alice.post(f"{base(world)}/connections/new/shopify", form)
    assert (again.status_code, 'id="id_domain_error"' in again.content.decode()) == (422, True)
    assert alice.post(f"{page}/test")["Location"] == page
    alice.post(f"{page}/remove")
    with at_work(world.merchant):
        assert Connection.objects.get().removed_at is not None
    assert alice.get(page).status_code == 404


def test_a_webhooks_secret_is_shown_once_and_private_addresses_are_pointed_out(world, alice):
    add = f"{base(world)}/connections/new/webhook/add"
    refused = alice.post(add, {"url": "ftp://x.example", "purposes": ["REWARD"]})
    assert (refused.status_code, 'id="id_url_error"' in refused.content.decode()) == (422, True)
    made = alice.post(add, {"url": "http://127.0.0.1:9/hook", "purposes": ["REWARD", "CODES"]})
    assert (made.status_code, made["Cache-Control"], "whsec_" in made.content.decode()) == (200, "no-store", True)
    with at_work(world.merchant):
        hook = Connection.objects.get()
        assert (hook.purposes, "whsec_" in hook.credentials) == (["CODES", "REWARD"], False)
    taken = alice.post(add, {"url": "http://127.0.0.1:9/other", "purposes": ["CODES"]})
    assert (taken.status_code, "another connection already does this" in taken.content.decode()) == (422, True)


def test_what_was_set_aside_is_worked_again_once(world, alice):
    furnish(world, 1)
    with at_work(world.merchant):
        event = InboundEvent.objects.get()
        InboundEvent.objects.update(body=b"{}")
    replay = f"{base(world)}/connections/deliveries/{public_id('evt', event.pk)}/replay"
    alice.post(replay)
    alice.post(replay)
    with at_work(world.merchant):
        stored = InboundEvent.objects.get()
        assert (stored.state, stored.attempts, stored.handled_at) == ("WAITING", 0, None)
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    stranger = client_of("charlie@halcyon.example")
    assert stranger.post(replay.replace(base(world), base(other))).status_code == 404
    assert stranger.get(f"{base(other)}/connections/{connection_of(world)}").status_code == 404


# --- programs ---------------------------------------------------------------------------------------------------


def test_the_editor_stores_money_in_minor_units_and_publishing_makes_version_two(world, alice):
    page = f"{base(world)}/programs/{world.program.slug}"
    changes = {"advocate_reward_kind": "FIXED", "advocate_reward_value": "12,50", "min_order_minor": "49.90"}
    assert alice.post(f"{page}/edit", typed(world.program, **changes)).status_code == 302
    with at_work(world.merchant):
        draft = Program.objects.get().draft_terms
        assert (draft.advocate_reward.kind, draft.advocate_reward.value) == (Value.FIXED, 1250)
        assert (draft.min_order_minor, TermsVersion.objects.count()) == (4990, 1)
    difference = alice.get(f"{page}/publish").content.decode()
    assert "€12.50" in difference
    assert "€49.90" in difference
    assert alice.post(f"{page}/publish").status_code == 302
    with at_work(world.merchant):
        assert Program.objects.get().live_terms == draft
        assert sorted(TermsVersion.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("advocate_reward_value", "ten"),
        ("advocate_reward_value", "10.001"),
        ("advocate_reward_value", "101"),
        ("min_order_minor", "-5"),
        ("return_window_days", "366"),
        ("countries", "DE, Narnia"),
        ("ends_on", "soon"),
        ("name", ""),
        ("offer_value", ""),
    ],
)
def test_what_cannot_be_read_stands_beside_its_field_and_changes_nothing(world, alice, field, value):
    before = events(world)
    answer = alice.post(f"{base(world)}/programs/freunde/edit", typed(world.program, **{field: value}))
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    with at_work(world.merchant):
        assert (Program.objects.get().draft, Event.objects.count()) == (world.program.draft, before)


def test_the_side_that_is_not_given_asks_for_nothing(world, alice):
    side = {"friend_side": "reward", "offer_value": "nonsense", "offer_source": "", "friend_reward_value": "5"}
    assert alice.post(f"{base(world)}/programs/freunde/edit", typed(world.program, **side)).status_code == 302
    with at_work(world.merchant):
        draft = Program.objects.get().draft_terms
        assert (draft.offer, draft.friend_reward.value) == (None, 500)


def test_the_preview_reads_as_typed_and_writes_nothing(world, alice):
    before = events(world)
    answer = alice.post(f"{base(world)}/programs/freunde/preview", typed(world.program, offer_value="25"))
    assert "25%" in answer.content.decode()
    with at_work(world.merchant):
        assert (Program.objects.get().draft, Event.objects.count()) == (world.program.draft, before)


def test_problems_stand_beside_their_fields_with_the_way_out(world, alice):
    shop_code = typed(world.program, offer_source="SHOP_CODE", starts_on="2030-02-01", ends_on="2030-01-01")
    alice.post(f"{base(world)}/programs/freunde/edit", shop_code)
    refused = alice.post(f"{base(world)}/programs/freunde/publish")
    assert refused.status_code == 422
    assert "/programs/freunde/edit?check=1#id_offer_shop_code" in refused.content.decode()
    editor = alice.get(f"{base(world)}/programs/freunde/edit?check=1").content.decode()
    assert 'id="id_offer_shop_code_error"' in editor
    assert 'id="id_ends_on_error"' in editor
    with at_work(world.merchant):
        assert TermsVersion.objects.count() == 1


def test_pause_resume_end_archive(world, alice):
    page = f"{base(world)}/programs/freunde"
    for step, state in [("pause", "PAUSED"), ("resume", "ACTIVE"), ("end", "ENDED"), ("resume", "ENDED")]:
        alice.post(f"{page}/{step}", {"typed_name": "Freunde"})
        with at_work(world.merchant):
            assert Program.objects.get().state == state
    alice.post(f"{page}/archive")
    with at_work(world.merchant):
        assert Program.objects.get().archived_at is not None
    assert alice.post(f"{page}/delete").status_code == 404
    assert alice.get(f"{page}/edit").status_code == 404


def test_codes_come_from_a_file_with_a_heading_and_bad_lines_add_none(world, alice):
    path, file = "programs/freunde/codes/reward", '\ufeffCode;Times used\n"GIFT-1";0\nGIFT-2;0\n'.encode()
    page = f"{base(world)}/{path}"
    assert imported(alice, checked(alice, world, "codes", file, path=path)).status_code == 302
    with at_work(world.merchant):
        assert PoolCode.objects.filter(code__startswith="GIFT-").count() == 2
    refused = alice.post(page, {"pasted": "GIFT-3\nGIFT 4"})
    assert (refused.status_code, "Line 2" in refused.content.decode()) == (422, True)
    assert alice.post(page, {"pasted": " \n"}).status_code == 422
    with at_work(world.merchant):
        assert PoolCode.objects.filter(code__startswith="GIFT-").count() == 2


# --- sandbox ----------------------------------------------------------------------------------------------------


def test_the_clock_moves_forward_only_and_only_in_a_sandbox(world, alice):
    clock = f"{base(world)}/clock"
    assert alice.post(clock, {"days": "30"}).status_code == 302
    assert Merchant.objects.get(pk=world.merchant.pk).clock_offset == timedelta(days=30)
    for days in ("0", "-1", "401", "x", ""):
        assert alice.post(clock, {"days": days}).status_code == 422
    assert Merchant.objects.get(pk=world.merchant.pk).clock_offset == timedelta(days=30)
    alice.post("/workspaces/new", {**SETTINGS, "name": "Real"})
    real = Merchant.objects.get(name="Real")
    for path in ("clock", "mailbox"):
        assert alice.get(f"/w/{real.slug}/{path}").status_code == 404


def test_a_mailbox_shows_its_own_sandboxs_mail_alone(world, alice, settings, tmp_path):
    from django.core.mail import EmailMessage

    from engagement.mailbox import MailboxBackend, mails

    settings.MAILBOX_DIR = tmp_path
    for slug, subject in [(world.merchant.slug, "Ours"), ("somebody-else", "Theirs")]:
        MailboxBackend().send_messages(
            [EmailMessage(subject, "Hello", to=["a@b.example"], headers={"X-Merchant": slug})]
        )
    page = alice.get(f"{base(world)}/mailbox").content.decode()
    assert ("Ours" in page, "Theirs" in page) == (True, False)
    found = {mail.subject: mail.id for mail in mails()}
    assert alice.get(f"{base(world)}/mailbox/{found['Ours']}").status_code == 200
    assert alice.get(f"{base(world)}/mailbox/{found['Theirs']}").status_code == 404
