"""Mounted at /who/: the signed link after an order."""

from __future__ import annotations

from django.urls import path

from referral_saas.friend.who import who

app_name = "who"
urlpatterns = [path("<str:sealed>", who, name="who")]
