"""The product's addresses and one page more, which shows nothing: what the shell of the dashboard costs."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from referral_saas.dashboard.frame import DeskRequest, page, show
from referral_saas.urls import *  # noqa: F403  # its handlers too
from referral_saas.urls import urlpatterns as product


@page()
def nothing(request: DeskRequest) -> HttpResponse:
    return show(request, "dashboard/base.html")


urlpatterns = [path("w/<slug:slug>/bench-nothing", nothing), *product]
