"""One's own account, beside what allauth brings: the second factor, where one is signed in, and its end."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import own_account, second_factor, sessions

urlpatterns = [
    path("two-factor/", second_factor.overview, name=second_factor.HOME),
    path("two-factor/set-up/", second_factor.set_up, name="set-up-second-factor"),
    path("two-factor/check/", second_factor.check, name="check-code"),
    path("two-factor/confirm/", second_factor.Confirm.as_view(), name="confirm-by-code"),
    path("two-factor/codes/", second_factor.new_codes, name="new-recovery-codes"),
    path("two-factor/codes.txt", second_factor.codes_file, name="recovery-codes-file"),
    path("two-factor/off/", second_factor.off, name="second-factor-off"),
    path("sessions/", sessions.listed, name="sessions"),
    path("sessions/end-others/", sessions.end_others, name="end-other-sessions"),
    path("sessions/<uuid:handle>/end/", sessions.end, name="end-session"),
    path("delete/", own_account.delete, name="delete-account"),
]
