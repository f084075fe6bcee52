"""Every address, one include per audience and integration. The audiences are strangers to each other."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from referral_saas import previews
from referral_saas.brand import brand_stylesheet
from referral_saas.host_known import host_known
from referral_saas.languages import switch
from referral_saas.styleguide import styleguide

_MOUNTS = [
    ("api/v1/", "referral_saas.api.urls"),
    ("hooks/shopify/", "integrations.shopify.urls"),
    ("hooks/stripe/", "integrations.stripe.urls"),
    ("r/", "referral_saas.friend.urls"),
    ("who/", "referral_saas.friend.who_urls"),
    ("p/", "referral_saas.portal.urls"),
    ("", "engagement.urls"),
    ("", "referral_saas.dashboard.urls"),
]


def _stands(module: str) -> bool:
    """Whether the module is there yet; asking for one of a missing package would raise."""
    return bool(find_spec(module.rpartition(".")[0]) and find_spec(module))


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.account.urls")),
    path("styleguide", styleguide, name="styleguide"),
    path("language", switch, name="language"),
    path("host-known", host_known, name="host-known"),
    path("brand/<slug:slug>.css", brand_stylesheet, name="brand"),
    path("w/<slug:slug>/setup/preview/friend", previews.friend, name="preview-friend"),
    path("w/<slug:slug>/setup/preview/advocate", previews.advocate, name="preview-advocate"),
    *(path(prefix, include(module)) for prefix, module in _MOUNTS if _stands(module)),
]
