"""What the names in an address stand for: a merchant's own ids, by the parameter's name and where it stands."""

from __future__ import annotations

from itertools import pairwise

from tests.crawl.world import Full


def things(route: str, slug: str, full: Full) -> dict[str, str]:
    """What belongs to the other merchant, by the parameter's name and where it stands."""
    parts = route.split("/")
    folders = [part for part, follows in pairwise(parts) if part in FOLDERS and "<" in follows]
    folder, ids = (folders or [""])[-1], full.ids
    return {
        "slug": slug,
        "program_slug": ids["program"],
        "line_id": ids["payout_line"],
        "public_id": ids.get(FOLDERS.get(folder, ""), ""),
        "public_key": ids["key" if "keys/" in route else "event" if "deliveries/" in route else "connection"],
        "invitation_id": ids["invitation"],
        "member_id": ids["member"],
        "mail_id": ids["drive_mail" if "/drive/" in route else "mail"],
        "purpose": "offer",
        "step": "pause",
        "list_name": "rewards",
        "number": "1",
        "channel": "copy",
        "place": "homepage",
        "mark": "homepage",
        "token": ids["magic"],
        "program": ids["program"],
        "advocate_id": ids["advocate_uuid"],
        "order_id": ids["order"],
        "id": ids.get(FOLDERS.get(folder, ""), ids["program_id"]),
    }


FOLDERS = {
    "advocates": "advocate",
    "links": "link",
    "hosts": "host",
    "customers": "customer",
    "find": "customer",
    "leaks": "leak",
    "leads": "lead",
    "orders": "order",
    "referrals": "referral",
    "rewards": "reward",
    "reviews": "review",
    "set-aside": "setback",
    "lists": "list_entry",
    "second-look": "referral",
    "payouts": "payout",
    "kinds": "kind",
    "parcels": "parcel",
    "exports": "export",
    "imports": "import",
    "surprises": "surprise",
    "forms": "tax_form",
    "programs": "program_id",
    "bulk": "order",
    "friends": "introduction",
    "notes": "note",
    "messages": "message",
    "tasks": "task",
    "views": "view",
    "staff": "staff_link",
}
