"""The test drive of a program: each step that was played at an address of its own."""

from __future__ import annotations

from django.urls import URLPattern, path

from referral_saas.dashboard.views import drive

_HERE = "programs/<slug:program_slug>/drive"

urlpatterns: list[URLPattern] = [
    path(_HERE, drive.drive, name="drive"),
    path(f"{_HERE}/begin", drive.begin, name="begin-drive"),
    path(f"{_HERE}/play", drive.play_step, name="play-drive"),
    path(f"{_HERE}/mails/<uuid:mail_id>", drive.mail, name="drive-mail"),
    path(f"{_HERE}/mails/<uuid:mail_id>/body", drive.mail_body, name="drive-mail-body"),
    path(f"{_HERE}/<slug:step>", drive.step, name="drive-step"),
]
