"""Something valid for every field of every form, by its name or else by its kind. A new field that needs more than its
kind says is taught here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from demo.drive.web import Form
from tests.crawl.page import Element

PASSWORD = "correct horse battery"
CODES = "ROBOT-1\nROBOT-2\nROBOT-3"
_NAMES = count(1)
#: By the field's name, whatever stands in it.
NAMED: dict[str, Any] = {
    "email": "robot@visitor.example",
    "login": "robot@visitor.example",
    "password": PASSWORD,
    "password1": PASSWORD,
    "password2": PASSWORD,
    "oldpassword": PASSWORD,
    "pasted": CODES,
    "shop_url": "https://robots.example",
    "support_email": "help@robots.example",
    "domain": "robots.myshopify.com",
    "secret": "shpss_0123456789abcdef",
    "address": "https://shop.robots.example",
    "consumer_key": "ck_0123456789abcdef",
    "consumer_secret": "cs_0123456789abcdef",
    "secret_key": "sk_test_0123456789abcdef",
    "api_key": "TEST_0123456789abcdef",
    "url": "https://192.0.2.7/in",  # an address: nothing is looked up
    "amount": "12.90",
    "number": "R-1",
    "country": "DE",
    "countries": "DE, AT",
    "offer_value": "10",
    "limit": "500000",
    "factor": "1.5",
    "extra": "5",
    "from_day": (datetime.now(UTC) + timedelta(days=3)).date().isoformat(),
    "to_day": (datetime.now(UTC) + timedelta(days=300)).date().isoformat(),
    "tier_1_name": "Gold",
    "tier_1_threshold": "5",
    "tier_1_value": "15",
    "hold_1_ids": "p1",
    "hold_1_days": "45",
    "hold_2_days": "",
    "offer_shop_code": "ROBOT",
    "friend_reward_value": "10",
    "advocate_reward_value": "10",
    "voucher": "GIFT-1",
    "code": "",
    "days": "1",
    "reason": "Looked at and fine.",
    "note": "Looked at and fine.",
    "brand_colour": "#b4532a",
    "q": "dana",
    "account": "DE89 3704 0044 0532 0130 00",
    "holder": "Rob Robot",
    "percent": "10",
    "product_id": "p1",
    "plan": "gold",
    "charity": "Sea rescue",
    "fair_minor": "2.50",
    "street": "Am Kai 4",
    "postcode": "20457",
    "city": "Hamburg",
    "monthly": "50",
    "minimum": "25",
    "approval_over": "500",
    "cut_off_days": "2",
    "worth": "12.90",
    "pattern": "*@robots.example",
    "text": "She is my sister in law.",
    "word": "loyal-robot",
    "due_date": (datetime.now(UTC) + timedelta(days=3)).date().isoformat(),
    "click_retention_days": "60",
    "this": "dana@robots.example",
    "order_minor": "60",
    "margin_bp": "40",
    "return_bp": "5",
    "acquisition_minor": "30",
}
#: A table for every import.
TABLE = (
    "email,name,country,orders,first_order,number,amount,currency,date,paid,ordered on,order,total\n"
    "rob1@visitor.example,Rob One,DE,1,2025-01-02,R-7,12.90,EUR,2026-01-02,yes,2026-01-02,R-7,12.90\n"
)


def fill(element: Element, form: Form) -> dict[str, Any]:
    values: dict[str, Any] = dict(form.fields)
    for control in element.select("input[name], textarea[name], select[name]"):
        name = str(control["name"])
        given = value_for(control, values.get(name))
        if given is not None:
            values[name] = given
    if "pasted" in values:
        values.pop("file", None)  # one or the other
    return values


def value_for(control: Element, standing: Any) -> Any:
    """None leaves what a browser would send by itself."""
    name, kind = str(control["name"]), str(control.get("type", control.name)).lower()
    if name == "name" and control.has_attr("required") and not standing:
        return f"Robot {next(_NAMES)}"  # some names are taken once
    if name == "placement" or (name == "code" and control.has_attr("required")):
        return f"ROBOT-{next(_NAMES)}"  # one link for each place, and a code once
    if name == "typed_name":
        return str(control["placeholder"])  # what ends for good is named once more
    if name == "utm_campaign":
        return f"robot {next(_NAMES)}"
    if name == "host":
        return f"friends{next(_NAMES)}.robots.example"
    if control.has_attr("readonly") or kind in {"hidden", "submit", "button"}:
        return None
    if kind == "file":
        return SimpleUploadedFile("robots.csv", TABLE.encode(), "text/csv")
    if name == "purposes":
        return "REWARD"
    if kind in {"radio", "checkbox"}:
        return str(control.get("value", "on")) if standing is None and kind == "radio" else _needed(control, standing)
    if (name == "role" or (name == "reason" and not standing)) and kind == "select":
        return other_option(control)
    if name == "advocate" and control.has_attr("required"):
        return "otto@advocate.example"
    if name in NAMED and not standing:
        return NAMED[name]
    if standing or kind in {"select", "color"}:
        return None
    return by_kind(control, kind)


def other_option(select: Element) -> Any:
    """One that is not chosen already: the same again would rightly change nothing."""
    options = [option for option in select.select("option") if not option.has_attr("selected")]
    return str(options[-1].get("value", "")) if options else None


def _needed(control: Element, standing: Any) -> Any:
    """Boxes are ticked where ticking is asked for, or where nothing of a group is ticked yet."""
    wants = control.has_attr("required") or (standing is None and control.find_parent("fieldset"))
    return str(control.get("value", "on")) if wants else None


def by_kind(control: Element, kind: str) -> Any:
    today = datetime.now(UTC)
    return {
        "email": "robot@visitor.example",
        "number": str(control.get("min", "1")),
        "date": (today - timedelta(days=1)).date().isoformat()
        if not control.has_attr("required")
        else today.date().isoformat(),
        "datetime-local": (today - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "url": "https://robots.example",
        "search": "dana",
    }.get(kind, "" if not control.has_attr("required") else "Robot")
