"""Where the page of a thing is. Every address of a row is made here, with its public id."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kit.ids import public_id

#: model name -> (folder, prefix of its public id)
PLACES = {
    "advocate": ("advocates", "adv"),
    "link": ("links", "lnk"),
    "customer": ("customers", "cus"),
    "claim": ("find", "clm"),
    "leak": ("leaks", "lek"),
    "referral": ("referrals", "ref"),
    "order": ("orders", "ord"),
    "lead": ("leads", "lea"),
    "review": ("reviews", "rev"),
    "reward": ("rewards", "rwd"),
    "rewardkind": ("kinds", "knd"),
    "surprise": ("surprises", "gft"),
    "payout": ("payouts", "pay"),
    "export": ("exports", "exp"),
    "import": ("imports", "imp"),
    "message": ("messages", "msg"),
    "note": ("notes", "nte"),
    "task": ("tasks", "tsk"),
}


def public(thing: Model) -> str:
    return public_id(PLACES[str(thing._meta.model_name)][1], thing.pk)


def path_of(base_url: str, thing: Model) -> str:
    """``base_url`` is the workspace's, /w/<slug>."""
    name = str(thing._meta.model_name)
    if name == "program":
        return f"{base_url}/programs/{thing.slug}"  # type: ignore[attr-defined]
    return f"{base_url}/{PLACES[name][0]}/{public(thing)}"


def link_to(base_url: str, thing: Model | None, words: Any = None) -> SafeString | str:
    """An anchor with the thing's own words, or nothing."""
    if thing is None:
        return ""
    return format_html('<a href="{}">{}</a>', path_of(base_url, thing), words or thing)
