"""Everything under /w/<slug>/."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from referral_saas.dashboard.views import codes, programs

_PEOPLE = "referral_saas.dashboard.people_urls"

urlpatterns: list[URLPattern | URLResolver] = [
    path("programs", programs.listed, name="programs"),
    path("programs/new", programs.new, name="new-program"),
    path("programs/<slug:program_slug>", programs.one, name="program"),
    path("programs/<slug:program_slug>/edit", programs.edit, name="edit-program"),
    path("programs/<slug:program_slug>/preview", programs.preview, name="preview-program"),
    path("programs/<slug:program_slug>/publish", programs.publish, name="publish-program"),
    path("programs/<slug:program_slug>/terms", programs.terms, name="program-terms"),
    path("programs/<slug:program_slug>/codes/<slug:purpose>", codes.codes, name="program-codes"),
    path("programs/<slug:program_slug>/move/<slug:step>", programs.move, name="move-program"),
    *([path("", include(_PEOPLE))] if find_spec(_PEOPLE) else []),
]
