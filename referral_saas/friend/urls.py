"""Mounted at /r/: a generated code on the shared host, or a merchant's name and a code."""

from __future__ import annotations

from django.urls import path

from referral_saas.friend import talking, views

app_name = "friend"
urlpatterns = [
    path("<str:code>/terms", views.terms, name="terms"),
    path("<str:code>/offer/<str:sealed>", views.offer, name="offer"),
    path("<str:code>/remember", views.remember, name="remember"),
    path("<str:code>/talk", talking.talk, name="talk"),
    path("<str:merchant>/<str:code>/terms", views.terms, name="terms"),
    path("<str:merchant>/<str:code>/offer/<str:sealed>", views.offer, name="offer"),
    path("<str:merchant>/<str:code>/remember", views.remember, name="remember"),
    path("<str:merchant>/<str:code>/talk", talking.talk, name="talk"),
    path("<str:merchant>/<str:code>", views.page, name="page"),
    path("<str:code>", views.page, name="page"),
]
