"""The least a Django does for a link: a function view that returns a redirect. No session, no database, no click.

A WSGI application of its own. LANE_CEILING says with what in front of the view: "product" for the product's MIDDLEWARE,
"bare" for none.
"""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path


def view(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponseRedirect(f"https://shop.example/?code={code}")


urlpatterns = [path("r/<str:code>", view)]

if "LANE_CEILING" in os.environ:
    from django.core.handlers.wsgi import WSGIHandler

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "referral_saas.settings")
    django.setup()
    settings.ROOT_URLCONF = "bench.ceilings.lane"
    if os.environ["LANE_CEILING"] == "bare":
        settings.MIDDLEWARE = []
    application = WSGIHandler()
