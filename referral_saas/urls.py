"""Every address, one include per audience and integration. The audiences are strangers to each other."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

_MOUNTS = [
    ("api/v1/", "referral_saas.api.urls"),
    ("hooks/shopify/", "integrations.shopify.urls"),
    ("r/", "referral_saas.friend.urls"),
    ("p/", "referral_saas.portal.urls"),
    ("", "engagement.urls"),
    ("", "referral_saas.dashboard.urls"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.account.urls")),
    *(path(prefix, include(module)) for prefix, module in _MOUNTS if find_spec(module)),
]
