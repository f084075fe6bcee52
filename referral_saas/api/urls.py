"""Version 1 of the API. Every address is described in docs/integrators.md."""

from __future__ import annotations

from django.urls import path, re_path

from referral_saas.api.views import advocates, balances, bulk, fallback, heartbeat, leads, links, lists, orders

urlpatterns = [
    path("orders", orders.Orders.as_view()),
    path("orders/bulk", bulk.BulkOrders.as_view()),
    path("bulk/<str:id>", bulk.BulkResults.as_view()),
    path("orders/<str:order_id>", orders.OneOrder.as_view()),
    path("orders/<str:order_id>/delivered", orders.Delivered.as_view()),
    path("orders/<str:order_id>/cancel", orders.Cancelled.as_view()),
    path("orders/<str:order_id>/disputes", orders.Disputes.as_view()),
    path("refunds", orders.Refunds.as_view()),
    path("advocates", advocates.Advocates.as_view()),
    path("advocates/<str:id>", lists.AdvocateRows.as_view()),
    path("advocates/<str:id>/balances", balances.Balances.as_view()),
    path("advocates/<str:id>/spend", balances.Uses.as_view()),
    path("advocates/<str:id>/links", links.AdvocateLinks.as_view()),
    path("links/<str:id>", links.OneLink.as_view()),
    path("customers/<str:id>/balances", balances.CustomerBalances.as_view()),
    path("customers/<str:id>/spend", balances.CustomerUses.as_view()),
    path("leads", leads.Leads.as_view()),
    path("leads/<str:id>", leads.LeadRows.as_view()),
    path("programs", lists.Programs.as_view()),
    path("programs/<str:id>", lists.Programs.as_view()),
    path("referrals", lists.Referrals.as_view()),
    path("referrals/<str:id>", lists.Referrals.as_view()),
    path("rewards", lists.Rewards.as_view()),
    path("rewards/<str:id>", lists.Rewards.as_view()),
    path("heartbeat", heartbeat.heartbeat),
    re_path(r"", fallback.Nowhere.as_view()),
]
