"""Discount codes as they come in (form, JSON) and go out (CSV, plain list)."""

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from .connection import SHOP_ZONE
from .desk import normal_code
from .money import cents_from, major
from .orders import Refused
from .pricing import Code

SHAPE = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,63}")


def code_from_form(form: dict[str, str]) -> Code:
    fixed = form.get("kind") == "fixed_amount"
    return Code(
        code=checked_name(form.get("code", "")),
        kind="fixed_amount" if fixed else "percentage",
        value=checked_value(form.get("value", ""), fixed=fixed),
        single_use=form.get("single_use") == "on",
        new_customers_only=form.get("new_customers_only") == "on",
        expires_at=end_of_day(form.get("last_day", "")),
    )


def code_from_json(data: Any) -> Code:
    """{code, percent | amount_minor, single_use=true, new_customers_only=false, last_day="2030-12-31"}"""
    if not isinstance(data, dict) or ("percent" in data) == ("amount_minor" in data):
        raise Refused(_("Each code is an object with either percent or amount_minor."))
    fixed = "amount_minor" in data
    value = data["amount_minor"] if fixed else data["percent"]
    if type(value) is not int or value <= 0 or (not fixed and value > 100):
        raise Refused(_("A percentage is 1 to 100, an amount a whole number of cents above zero."))
    return Code(
        code=checked_name(str(data.get("code", ""))),
        kind="fixed_amount" if fixed else "percentage",
        value=value,
        single_use=bool(data.get("single_use", True)),
        new_customers_only=bool(data.get("new_customers_only", False)),
        expires_at=end_of_day(str(data.get("last_day") or "")),
    )


def checked_name(text: str) -> str:
    name = normal_code(text)
    if not SHAPE.fullmatch(name):
        raise Refused(_("A code has 2 to 64 letters, digits, hyphens or underscores."))
    return name


def checked_value(text: str, *, fixed: bool) -> int:
    try:
        value = cents_from(text) if fixed else int(text.strip().removesuffix("%"))
    except ValueError:
        value = 0
    if value <= 0 or (not fixed and value > 100):
        raise Refused(_("Give a percentage from 1 to 100, or an amount like 5.00."))
    return value


def end_of_day(text: str) -> datetime | None:
    """The first instant after the last day on which the code can be used."""
    if not text.strip():
        return None
    try:
        day = datetime.fromisoformat(text.strip()).replace(hour=0, minute=0, second=0, tzinfo=SHOP_ZONE)
    except ValueError:
        raise Refused(_("Write the last day like 2030-12-31.")) from None
    return day + timedelta(days=1)


def codes_csv(codes: list[Code]) -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["code", "type", "value", "single_use", "new_customers_only", "expires_at", "uses"])
    for code in codes:
        value = f"{code.value}" if code.kind == "percentage" else major(code.value)
        expires_at = code.expires_at.isoformat() if code.expires_at else ""
        rows.writerow(
            [code.code, code.kind, value, int(code.single_use), int(code.new_customers_only), expires_at, code.uses]
        )
    return out.getvalue()


def code_list(codes: list[Code], now: datetime) -> str:
    """Those that can still be used, one per line: what a referral program is given as its pool."""
    return "".join(f"{code.code}\n" for code in codes if not code.used_up() and not code.expired(now))
