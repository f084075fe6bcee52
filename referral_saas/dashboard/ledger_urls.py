"""Under /w/<slug>/: the ledger with its check, the calendar, and what people find out about doubtful deliveries."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import calendar, doubts, ledger

urlpatterns = [
    path("ledger", ledger.ledger, name="ledger"),
    path("ledger/summary", ledger.summary, name="ledger-summary"),
    path("ledger/check", ledger.check, name="check-ledger"),
    path("calendar", calendar.calendar, name="calendar"),
    path("rewards/<str:public_id>/arrived", doubts.arrived, name="reward-arrived"),
    path("rewards/<str:public_id>/not-arrived", doubts.not_arrived, name="reward-not-arrived"),
    path("rewards/<str:public_id>/disabled", doubts.disabled, name="reward-disabled"),
    path("rewards/<str:public_id>/used", doubts.used, name="reward-used"),
    path("rewards/<str:public_id>/anew", doubts.anew, name="reward-anew"),
]
