"""Mounted at /who/: the signed link after an order."""

from __future__ import annotations

from django.urls import path

from referral_saas.friend.who import from_shop, who

app_name = "who"
urlpatterns = [
    path("shop/<slug:slug>/<str:order_id>/<str:signature>", from_shop, name="from-shop"),
    path("<str:sealed>", who, name="who"),
]
