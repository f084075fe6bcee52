"""Mounted under /hooks/stripe/."""

from django.urls import path

from integrations.stripe.hooks import stripe_hook

app_name = "stripe"
urlpatterns = [path("<str:token>", stripe_hook, name="hook")]
