"""Home."""

from __future__ import annotations

from django.http import HttpResponse

from referral_saas.dashboard.frame import DeskRequest, page, show


@page()
def home(request: DeskRequest) -> HttpResponse:
    return show(request, "dashboard/home.html", {})
