"""Everything under /w/<slug>/."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from referral_saas.dashboard.views import (
    accounts,
    audit,
    clock,
    codes,
    connections,
    keys,
    limits,
    mailbox,
    programs,
    settings,
    team,
)

_PEOPLE = "referral_saas.dashboard.people_urls"

urlpatterns: list[URLPattern | URLResolver] = [
    path("programs", programs.listed, name="programs"),
    path("programs/new", programs.new, name="new-program"),
    path("programs/<slug:program_slug>", programs.one, name="program"),
    path("programs/<slug:program_slug>/edit", programs.edit, name="edit-program"),
    path("programs/<slug:program_slug>/preview", programs.preview, name="preview-program"),
    path("programs/<slug:program_slug>/publish", programs.publish, name="publish-program"),
    path("programs/<slug:program_slug>/terms", programs.terms, name="program-terms"),
    path("programs/<slug:program_slug>/codes/<slug:purpose>", codes.codes, name="program-codes"),
    path("programs/<slug:program_slug>/budget", limits.budget, name="program-budget"),
    path("programs/<slug:program_slug>/budget/change", limits.change_budget, name="change-budget"),
    path("programs/<slug:program_slug>/bonus", limits.bonus, name="program-bonus"),
    path("programs/<slug:program_slug>/bonus/end", limits.stop_bonus, name="end-bonus"),
    path("programs/<slug:program_slug>/move/<slug:step>", programs.move, name="move-program"),
    path("", include("referral_saas.dashboard.gift_urls")),
    path("", include("referral_saas.dashboard.ledger_urls")),
    path("connections", connections.listed, name="connections"),
    path("connections/new/shopify", connections.new_shopify, name="new-shopify"),
    path("connections/new/webhook", connections.new_webhook, name="new-webhook"),
    path("connections/new/webhook/add", connections.add_webhook, name="add-webhook"),
    path("connections/new/woocommerce", accounts.new_woocommerce, name="new-woocommerce"),
    path("connections/new/stripe", accounts.new_stripe, name="new-stripe"),
    path("connections/new/gift-cards", accounts.new_gift_cards, name="new-gift-cards"),
    path("connections/deliveries", connections.deliveries, name="deliveries"),
    path("connections/deliveries/<str:public_key>/replay", connections.replay, name="replay-delivery"),
    path("connections/<str:public_key>", connections.one, name="connection"),
    path("connections/<str:public_key>/credentials", accounts.credentials, name="connection-credentials"),
    path("connections/<str:public_key>/test", connections.test, name="test-connection"),
    path("connections/<str:public_key>/try-now", connections.try_waiting, name="try-waiting"),
    path("connections/<str:public_key>/remove", connections.remove, name="remove-connection"),
    path("team", team.members, name="team"),
    path("team/invite", team.invite, name="invite"),
    path("team/leave", team.leave, name="leave"),
    path("team/invitations/<uuid:invitation_id>/withdraw", team.withdraw, name="withdraw-invitation"),
    path("team/<uuid:member_id>/role", team.role, name="change-role"),
    path("team/<uuid:member_id>/remove", team.remove, name="remove-member"),
    path("settings", settings.settings, name="settings"),
    path("settings/edit", settings.edit, name="edit-settings"),
    path("settings/colour", settings.colour, name="brand-colour"),
    path("settings/sandbox", settings.sandbox, name="open-sandbox"),
    path("settings/keys", keys.keys, name="keys"),
    path("settings/keys/new", keys.new, name="new-key"),
    path("settings/keys/<str:public_key>/revoke", keys.revoke, name="revoke-key"),
    path("", include("referral_saas.dashboard.payout_urls")),
    path("audit", audit.audit, name="audit"),
    path("clock", clock.clock, name="clock"),
    path("mailbox", mailbox.mails, name="sandbox-mailbox"),
    path("mailbox/<uuid:mail_id>", mailbox.mail, name="sandbox-mail"),
    path("mailbox/<uuid:mail_id>/body", mailbox.body, name="sandbox-mail-body"),
    *([path("", include(_PEOPLE))] if find_spec(_PEOPLE) else []),
]
