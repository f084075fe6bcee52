"""The guided set-up: each step at an address of its own."""

from __future__ import annotations

from django.urls import URLPattern, path

from referral_saas.dashboard.views import setup

urlpatterns: list[URLPattern] = [
    path("setup", setup.begin, name="setup"),
    path("setup/sell", setup.sell, name="setup-sell"),
    path("setup/reward", setup.reward, name="setup-reward"),
    path("setup/reward/look", setup.look_at_reward, name="setup-reward-look"),
    path("setup/brand", setup.brand, name="setup-brand"),
    path("setup/brand/look", setup.look_at_brand, name="setup-brand-look"),
    path("setup/shop", setup.shop, name="setup-shop"),
    path("setup/test-shop", setup.test_shop, name="setup-test-shop"),
    path("setup/customers", setup.customers, name="setup-customers"),
    path("setup/terms", setup.terms, name="setup-terms"),
    path("setup/terms/look", setup.look_at_terms, name="setup-terms-look"),
    path("setup/later/<slug:step>", setup.later, name="setup-later"),
    path("setup/launch", setup.launch, name="setup-launch"),
    path("setup/publish", setup.publish, name="setup-publish"),
    path("setup/live", setup.live, name="setup-live"),
]
