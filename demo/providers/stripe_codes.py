"""Stripe's coupons and promotion codes."""

import re
from typing import Any

from demo.shop.http import Response, Route, json_response, route

from .forms import Fields
from .provider import Visit, whole
from .store import Gift, Store
from .stripe_api import (
    NAME,
    Problem,
    a_list,
    fields_of,
    flag,
    metadata,
    missing,
    named_by,
    new_id,
    no_such,
    now,
    random_text,
    speaks_polymorphic,
    whole_number,
)

CODE = re.compile(r"[A-Za-z0-9-]{1,500}")
DURATIONS = ("once", "repeating", "forever")


def create_coupon(visit: Visit) -> Response:
    fields = fields_of(visit)
    key = str(fields.get("id") or random_text(8))
    if visit.store.get(NAME, "coupon", key):
        raise Problem("Coupon already exists.", saved=True, code="resource_already_exists", param="id")
    return json_response(visit.store.put(NAME, "coupon", key, coupon_from(fields, key)))


def coupon_from(fields: Fields, key: str) -> dict[str, Any]:
    percent, amount = percent_in(fields), whole_number(fields, "amount_off")
    if (percent is None) == (amount is None):
        raise Problem("You must specify either `percent_off` or `amount_off`, and not both.", param="percent_off")
    if amount is not None and not fields.get("currency"):
        raise missing("currency")
    duration = str(fields.get("duration") or "once")
    if duration not in DURATIONS:
        raise Problem(f"Invalid duration: must be one of {', '.join(DURATIONS)}", param="duration")
    if len(str(fields.get("name") or "")) > 40:
        raise Problem("Invalid string: must be at most 40 characters", param="name")
    return {
        "id": key,
        "object": "coupon",
        "amount_off": amount,
        "created": now(),
        "currency": str(fields["currency"]).lower() if amount is not None else None,
        "duration": duration,
        "duration_in_months": whole_number(fields, "duration_in_months") if duration == "repeating" else None,
        "livemode": False,
        "max_redemptions": whole_number(fields, "max_redemptions"),
        "metadata": metadata(fields),
        "name": fields.get("name") or None,
        "percent_off": percent,
        "redeem_by": future(fields, "redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    } | applies_to(fields)


def percent_in(fields: Fields) -> float | None:
    """Up to two decimal places."""
    given = fields.get("percent_off")
    if given in (None, ""):
        return None
    try:
        hundredths = whole(given, 2)
    except ValueError:
        raise Problem(f"Invalid decimal: {given}", param="percent_off") from None
    if not 0 < hundredths <= 10_000:
        raise Problem("Invalid percent_off: must be greater than 0 and at most 100", param="percent_off")
    return hundredths / 100


def applies_to(fields: Fields) -> dict[str, Any]:
    products = (fields.get("applies_to") or {}).get("products") or []
    chosen = list(products.values()) if isinstance(products, dict) else list(products)
    return {"applies_to": {"products": chosen}} if chosen else {}


def future(fields: Fields, name: str) -> int | None:
    moment = whole_number(fields, name, most=10**11)
    if moment is not None and moment <= now():
        raise Problem(f"Invalid timestamp: `{name}` must be in the future.", param=name)
    return moment


def get_coupon(visit: Visit, key: str) -> Response:
    return json_response(coupon(visit.store, key))


def coupon(store: Store, key: str, **problem: Any) -> dict[str, Any]:
    found = store.get(NAME, "coupon", key)
    if found is None:
        raise no_such("coupon", key, **problem)
    return found


def delete_coupon(visit: Visit, key: str) -> Response:
    """Codes of a deleted coupon work no more."""
    coupon(visit.store, key)
    visit.store.remove(NAME, "coupon", key)
    for promotion in visit.store.all(NAME, "promotion_code", limit=1_000_000):
        if promotion["coupon"]["id"] == key:
            save_code(visit.store, promotion | {"active": False})
            visit.store.disable(NAME, promotion["id"])
    return json_response({"id": key, "object": "coupon", "deleted": True})


# Promotion codes: kept with the whole coupon inside, shown as the asked version shows them


def create_code(visit: Visit) -> Response:
    fields = fields_of(visit)
    promotion = fields.get("promotion") if isinstance(fields.get("promotion"), dict) else {}
    param = "promotion[coupon]" if promotion else "coupon"
    key = str((promotion or {}).get("coupon") or fields.get("coupon") or "")
    if not key:
        raise missing(param)
    under = coupon(visit.store, key, param=param, status=400)
    made = save_code(visit.store, code_from(visit.store, fields, under))
    visit.store.give(NAME, gift_of(visit, made))
    return shown(visit, made)


def code_from(store: Store, fields: Fields, under: dict[str, Any]) -> dict[str, Any]:
    code = str(fields.get("code") or random_text(8).upper())
    if not CODE.fullmatch(code):
        raise Problem("Code must be letters, digits and dashes.", param="code")
    if any(each["active"] and not is_over(each) for each in store.named(NAME, "promotion_code", code.upper())):
        raise Problem(f"An active promotion code with `code: {code}` already exists.", saved=True, param="code")
    restrictions = fields.get("restrictions") if isinstance(fields.get("restrictions"), dict) else {}
    return {
        "id": new_id("promo"),
        "object": "promotion_code",
        "active": flag(fields, "active", otherwise=True),
        "code": code,
        "coupon": under,
        "created": now(),
        "customer": fields.get("customer") or None,
        "expires_at": future(fields, "expires_at"),
        "livemode": False,
        "max_redemptions": whole_number(fields, "max_redemptions"),
        "metadata": metadata(fields),
        "restrictions": {
            "first_time_transaction": flag(restrictions or {}, "first_time_transaction", otherwise=False),
            "minimum_amount": whole_number(restrictions or {}, "minimum_amount"),
            "minimum_amount_currency": (restrictions or {}).get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }


def save_code(store: Store, promotion: dict[str, Any]) -> dict[str, Any]:
    return store.put(NAME, "promotion_code", promotion["id"], promotion, name=promotion["code"].upper())


def gift_of(visit: Visit, made: dict[str, Any]) -> Gift:
    under = made["coupon"]
    percent = under["percent_off"]
    return Gift(
        object=made["id"],
        key=named_by(visit, made),
        kind="promotion_code",
        amount=under["amount_off"] if percent is None else round(percent * 100),
        unit="PERCENT" if percent is not None else under["currency"].upper(),
        recipient=made["customer"] or "",
        voucher=made["code"],
        notes=tuple({**under["metadata"], **made["metadata"]}.items()),
    )


def shown(visit: Visit, promotion: dict[str, Any]) -> Response:
    return json_response(as_asked(visit, promotion))


def as_asked(visit: Visit, promotion: dict[str, Any]) -> dict[str, Any]:
    alive = promotion | {"active": promotion["active"] and not is_over(promotion)}
    if not speaks_polymorphic(visit.request):
        return alive
    under = alive.pop("coupon")
    expanded = str(fields_of(visit).get("expand") or "").find("promotion.coupon") >= 0
    return alive | {"promotion": {"type": "coupon", "coupon": under if expanded else under["id"]}}


def is_over(promotion: dict[str, Any]) -> bool:
    ends, most = promotion["expires_at"], promotion["max_redemptions"]
    return (ends is not None and ends <= now()) or (most is not None and promotion["times_redeemed"] >= most)


def list_codes(visit: Visit) -> Response:
    fields, store = fields_of(visit), visit.store
    code = str(fields.get("code") or "").upper()
    found = store.named(NAME, "promotion_code", code) if code else store.all(NAME, "promotion_code", limit=1000)
    rows = [
        as_asked(visit, each) for each in found if not fields.get("coupon") or each["coupon"]["id"] == fields["coupon"]
    ]
    if "active" in fields:
        rows = [row for row in rows if row["active"] == flag(fields, "active", otherwise=True)]
    return a_list(rows, fields, "/v1/promotion_codes")


def get_code(visit: Visit, key: str) -> Response:
    return shown(visit, code_by_id(visit.store, key))


def code_by_id(store: Store, key: str) -> dict[str, Any]:
    found = store.get(NAME, "promotion_code", key)
    if found is None:
        raise no_such("promotion code", key, param="promotion_code")
    return found


def update_code(visit: Visit, key: str) -> Response:
    fields, found = fields_of(visit), code_by_id(visit.store, key)
    active = flag(fields, "active", otherwise=found["active"])
    if active and not found["active"] and is_over(found):
        raise Problem("This promotion code is over and cannot be made active.", saved=True, param="active")
    changed = save_code(visit.store, found | {"active": active, "metadata": found["metadata"] | metadata(fields)})
    if not active:
        visit.store.disable(NAME, key)
    return shown(visit, changed)


def redeem(store: Store, code: str) -> bool:
    """A customer pays with it once. Only what still works can be used."""
    for found in store.named(NAME, "promotion_code", code.upper()):
        if found["active"] and not is_over(found):
            save_code(store, found | {"times_redeemed": found["times_redeemed"] + 1})
            store.mark_used(NAME, found["id"])
            return True
    return False


ROUTES: list[Route] = [
    route("POST", "/v1/coupons", create_coupon),
    route("GET", "/v1/coupons/<key>", get_coupon),
    route("DELETE", "/v1/coupons/<key>", delete_coupon),
    route("GET", "/v1/promotion_codes", list_codes),
    route("POST", "/v1/promotion_codes", create_code),
    route("GET", "/v1/promotion_codes/<key>", get_code),
    route("POST", "/v1/promotion_codes/<key>", update_code),
]
