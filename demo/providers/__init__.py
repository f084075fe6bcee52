"""Shopify, WooCommerce, Stripe, a gift card service and a webhook receiver, as far as rewards need them.

They stand where the real services would stand and speak as those do: paths, bodies, errors, idempotency. Nothing real
is given. Switches make them slow, strict or unreliable. Like the test shop they import nothing from Referral SaaS.
"""
