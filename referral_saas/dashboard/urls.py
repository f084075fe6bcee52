"""Every page of a workspace lives under /w/<slug>; each file of views brings its own patterns."""

from __future__ import annotations

from django.urls import include, path

from referral_saas.dashboard.views import entry, home

urlpatterns = [
    path("", entry.start, name="start"),
    path("workspaces/new", entry.new_workspace, name="new-workspace"),
    path("join/<str:token>", entry.join, name="join"),
    path("account/", include("referral_saas.dashboard.account_urls")),
    path("w/<slug:slug>", home.home, name="home"),
    path("w/<slug:slug>/", include("referral_saas.dashboard.workspace_urls")),
]
