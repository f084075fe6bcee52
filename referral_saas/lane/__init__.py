"""The fast way of a click: ``GET /r/<code>`` answered ahead of Django, from memory, then Redis, then the Door.

It answers what it knows for sure and hands everything else to Django, whose view says the same (tests/friend). Pages
are drawn by Django itself once, with slots for what differs from friend to friend (docs/decisions).
"""
