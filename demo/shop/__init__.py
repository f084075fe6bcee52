"""Nordlicht Kaffee, a small shop to try Referral SaaS with.

It stands where a merchant's own shop would stand: it knows Referral SaaS by URL, by the SDK script and by the
hooks it signs, and imports nothing from it.
"""
