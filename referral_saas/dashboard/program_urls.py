"""Under /w/<slug>/programs/<program>/: its versions, its states, and what becomes of it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from programs.rules import Transition
from referral_saas.dashboard.views import program_life, program_versions, programs

_HERE = "programs/<slug:program_slug>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_HERE}/edit/look", programs.look_at, name="look-at-program"),
    path(f"{_HERE}/versions", program_versions.versions, name="program-versions"),
    path(f"{_HERE}/versions/<int:number>/take-up", program_versions.take_up, name="take-up-version"),
    path(f"{_HERE}/duplicate", program_life.duplicate, name="duplicate-program"),
    *(
        path(f"{_HERE}/{step}", program_life.step, {"step": step.value}, name=f"{step}-program")
        for step in (Transition.PAUSE, Transition.RESUME, Transition.END, Transition.ARCHIVE)
    ),
    path("", include("referral_saas.dashboard.drive_urls")),
]
