"""Under /w/<slug>/payouts: the list, one payout from preview to the bank's answer, the rules, tax forms."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import payout_bank, payouts

urlpatterns = [
    path("payouts", payouts.payouts, name="payouts"),
    path("payouts/new", payouts.new, name="new-payout"),
    path("payouts/rules", payouts.rules, name="payout-rules"),
    path("payouts/forms/<str:public_id>/collected", payouts.form_collected, name="tax-form-collected"),
    path("payouts/<str:public_id>", payouts.payout, name="payout"),
    path("payouts/<str:public_id>/refresh", payouts.refresh, name="refresh-payout"),
    path("payouts/<str:public_id>/lines/<str:line_id>/leave-out", payouts.leave_line_out, name="leave-line-out"),
    path("payouts/<str:public_id>/lines/<str:line_id>/take-in", payouts.take_line_in, name="take-line-in"),
    path("payouts/<str:public_id>/ask", payouts.ask, name="ask-for-payout"),
    path("payouts/<str:public_id>/reopen", payouts.reopen, name="reopen-payout"),
    path("payouts/<str:public_id>/confirm", payouts.confirm, name="confirm-payout"),
    path("payouts/<str:public_id>/cancel", payouts.cancel, name="cancel-payout"),
    path("payouts/<str:public_id>/file", payout_bank.file, name="payout-file"),
    path("payouts/<str:public_id>/marks", payout_bank.marks, name="mark-payout-lines"),
    path("payouts/<str:public_id>/results", payout_bank.results, name="payout-results"),
]
