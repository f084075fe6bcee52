"""The promotion kit, within a workspace."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import promote

urlpatterns = [
    path("promote", promote.kit, name="promote"),
    path("promote/<slug:program_slug>/poster/print", promote.poster, name="promote-poster"),
    path("promote/<slug:program_slug>/staff/add", promote.add_staff, name="add-staff-link"),
    path("promote/<slug:program_slug>/staff/<str:public_id>/qr.svg", promote.staff_image, name="staff-link-qr"),
    path("promote/<slug:program_slug>/staff/<str:public_id>/print", promote.staff_cards, name="staff-link-cards"),
    path("promote/<slug:program_slug>/staff/<str:public_id>/retire", promote.retire_staff, name="retire-staff-link"),
    path("promote/<slug:program_slug>/<slug:place>", promote.place, name="promote-place"),
    path("promote/<slug:program_slug>/<slug:place>/say", promote.say, name="say-of-place"),
    path("promote/<slug:program_slug>/<slug:place>/preview", promote.preview, name="promote-preview"),
    path("promote/<slug:program_slug>/<slug:place>/qr.svg", promote.image, name="promote-qr"),
]
