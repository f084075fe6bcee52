"""Under /w/<slug>/: reviews, the lists, and how a program's referrals are checked."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import checks, reviews

urlpatterns = [
    path("reviews", reviews.waiting, name="reviews"),
    path("reviews/sample", reviews.sample, name="review-sample"),
    path("reviews/decided", reviews.decided, name="reviews-decided"),
    path("reviews/several", reviews.several, name="decide-several-reviews"),
    path("reviews/approve", reviews.approve, name="approve-reviews"),
    path("reviews/refuse", reviews.refuse, name="refuse-reviews"),
    path("reviews/undo", reviews.undo_several, name="undo-reviews"),
    path("reviews/lists", checks.lists, name="fraud-lists"),
    path("reviews/lists/add", checks.add, name="add-list-entry"),
    path("reviews/lists/<str:public_id>/remove", checks.remove, name="remove-list-entry"),
    path("reviews/<str:public_id>", reviews.review, name="review"),
    path("reviews/<str:public_id>/decide", reviews.decide_one, name="decide-review"),
    path("reviews/<str:public_id>/undo", reviews.undo_one, name="undo-review"),
    path("programs/<slug:program_slug>/checks", checks.checks, name="program-checks"),
    path("programs/<slug:program_slug>/checks/save", checks.save, name="save-checks"),
    path("programs/<slug:program_slug>/checks/reset", checks.reset, name="reset-breaker"),
]
