"""Mounted under /hooks/shopify/."""

from django.urls import path

from integrations.shopify.hooks import shopify_hook

app_name = "shopify"
urlpatterns = [path("<str:token>", shopify_hook, name="hook")]
