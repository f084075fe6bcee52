"""All there is on a merchant's own host (referral_saas.middleware.KnownHosts): its links and what their pages need.

A code stands right behind the host; /r/<code> means the same, for links that were made before the host was.
"""

from __future__ import annotations

from django.urls import include, path

from referral_saas.friend import own_host, talking, views

_friend = [
    path("r/<str:code>", views.page, name="page"),
    path("r/<str:code>/terms", views.terms, name="terms"),
    path("r/<str:code>/remember", views.remember, name="remember"),
    path("r/<str:code>/talk", talking.talk, name="talk"),
    path("r/<str:code>/offer/<str:sealed>", views.offer, name="offer"),
    path("<str:code>", views.page, name="page"),  # reversing takes the last of a name: the short spelling
    path("<str:code>/terms", views.terms, name="terms"),
    path("<str:code>/remember", views.remember, name="remember"),
    path("<str:code>/talk", talking.talk, name="talk"),
    path("<str:code>/offer/<str:sealed>", views.offer, name="offer"),
]

urlpatterns = [
    path("brand/<slug:slug>.css", own_host.brand, name="brand"),
    path("", include((_friend, "friend"))),
]

handler404 = "referral_saas.friend.own_host.nowhere"
