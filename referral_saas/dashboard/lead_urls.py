"""Under /w/<slug>/leads: those who buy after talking."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import leads

urlpatterns = [
    path("leads", leads.board, name="leads"),
    path("leads/list", leads.listed, name="lead-list"),
    path("leads/new", leads.new, name="new-lead"),
    path("leads/<str:public_id>", leads.one, name="lead"),
    path("leads/<str:public_id>/move", leads.move, name="move-lead"),
    path("leads/<str:public_id>/win", leads.win, name="win-lead"),
    path("leads/<str:public_id>/lose", leads.lose, name="lose-lead"),
    path("leads/<str:public_id>/plan", leads.plan, name="plan-lead"),
    path("leads/<str:public_id>/details", leads.details, name="lead-details"),
    path("leads/<str:public_id>/take-back", leads.take_back, name="take-back-lead"),
]
