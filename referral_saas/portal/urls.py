"""Mounted at /p/: each merchant's portal under its name."""

from __future__ import annotations

from django.urls import path

from referral_saas.portal import (
    choices,
    entry,
    forgetting,
    introductions,
    links,
    looking,
    pages,
    parcels,
    payouts,
    second_look,
)

app_name = "portal"
urlpatterns = [
    path("<slug:slug>/", pages.home, name="home"),
    path("<slug:slug>/sign-in", entry.sign_in, name="sign-in"),
    path("<slug:slug>/sent", entry.sent, name="sent"),
    path("<slug:slug>/enter/<str:token>", entry.enter, name="enter"),
    path("<slug:slug>/join/<slug:program>", entry.join, name="join"),
    path("<slug:slug>/join/<slug:program>/<slug:mark>", entry.join, name="join-by"),
    path("<slug:slug>/switch/<uuid:advocate_id>", entry.switch, name="switch"),
    path("<slug:slug>/sign-out", entry.sign_out, name="sign-out"),
    path("<slug:slug>/stop-looking", looking.stop, name="stop-looking"),
    path("<slug:slug>/sign-out-everywhere", entry.sign_out_everywhere, name="sign-out-everywhere"),
    path("<slug:slug>/friends", pages.friends, name="friends"),
    path("<slug:slug>/friends/<str:public_id>/answer", introductions.answer, name="answer"),
    path("<slug:slug>/rewards", pages.rewards, name="rewards"),
    path("<slug:slug>/rewards/<str:public_id>/address", parcels.address, name="address"),
    path("<slug:slug>/rewards/<str:public_id>/choice", choices.choice, name="choice"),
    path("<slug:slug>/second-look/<str:public_id>", second_look.second_look, name="second-look"),
    path("<slug:slug>/payouts", payouts.payouts, name="payouts"),
    path("<slug:slug>/payouts/account", payouts.give_account, name="give-account"),
    path("<slug:slug>/terms", pages.terms, name="terms"),
    path("<slug:slug>/terms/accept", pages.accept, name="accept"),
    path("<slug:slug>/share/<slug:channel>", pages.share, name="share"),
    path("<slug:slug>/qr", pages.qr, name="qr"),
    path("<slug:slug>/qr.svg", pages.qr_image, name="qr-image"),
    path("<slug:slug>/links", links.links, name="links"),
    path("<slug:slug>/links/add", links.add, name="add-link"),
    path("<slug:slug>/links/code", links.choose, name="choose-code"),
    path("<slug:slug>/links/<str:public_id>/qr.svg", links.image, name="link-qr"),
    path("<slug:slug>/links/<str:public_id>/cards", links.cards, name="link-cards"),
    path("<slug:slug>/links/<str:public_id>/retire", links.retire, name="retire-link"),
    path("<slug:slug>/settings", pages.settings, name="settings"),
    path("<slug:slug>/settings/forget", forgetting.ask, name="ask-to-be-forgotten"),
    path("<slug:slug>/settings/save", pages.save_settings, name="save-settings"),
]
