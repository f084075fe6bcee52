"""WooCommerce's REST API v3, as far as rewards need it: coupons, and the system status for the test button."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from demo.shop.http import BadRequest, Response, json_response, route

from .provider import Provider, Visit, minor_units, whole
from .store import Gift, Store

NAME = "woocommerce"
KEY, SECRET = "ck_demo", "cs_demo"
BASE, CURRENCY = "/wp-json/wc/v3", "EUR"
TYPES = ("percent", "fixed_cart", "fixed_product")

Document = dict[str, Any]


class Problem(Exception):
    def __init__(self, code: str, message: str, *, status: int = 400, **data: Any) -> None:
        self.response = problem(code, message, status, **data)


def problem(code: str, message: str, status: int, **data: Any) -> Response:
    return json_response({"code": code, "message": message, "data": {"status": status, **data}}, status=status)


def moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00")


# Coupons


def create(visit: Visit) -> Response:
    body, store = visit.request.json, visit.store
    code = str(body.get("code") or "").strip().lower()
    if not code:
        raise Problem("rest_missing_callback_param", "Missing parameter(s): code", params=["code"])
    if store.named(NAME, "coupon", code):
        raise Problem("woocommerce_rest_coupon_code_already_exists", "The coupon code already exists")
    now = moment()
    made = blank(store.new_id(), code) | changes_in(body) | {"date_created": now, "date_created_gmt": now}
    check_amount(made)
    save(store, made)
    store.give(NAME, gift_of(made))
    return json_response(made, status=201)


def blank(key: int, code: str) -> Document:
    lists = ("product_ids", "excluded_product_ids", "product_categories", "excluded_product_categories")
    return {
        "id": key,
        "code": code,
        "amount": "0.00",
        "status": "publish",
        "discount_type": "fixed_cart",
        "description": "",
        "date_expires": None,
        "date_expires_gmt": None,
        "usage_count": 0,
        "individual_use": False,
        "usage_limit": None,
        "usage_limit_per_user": None,
        "limit_usage_to_x_items": None,
        "free_shipping": False,
        "exclude_sale_items": False,
        "minimum_amount": "0.00",
        "maximum_amount": "0.00",
        "email_restrictions": [],
        "used_by": [],
        "meta_data": [],
        **{name: [] for name in lists},
    }


def changes_in(body: Mapping[str, Any]) -> Document:
    """What may be set, read and checked one by one; unknown names are passed over, as WordPress does."""
    readers = {
        "amount": decimal,
        "minimum_amount": decimal,
        "maximum_amount": decimal,
        "discount_type": discount_type,
        "description": lambda name, value: str(value),
        "status": lambda name, value: str(value),
        "usage_limit": whole_or_none,
        "usage_limit_per_user": whole_or_none,
        "limit_usage_to_x_items": whole_or_none,
        "individual_use": flag,
        "free_shipping": flag,
        "exclude_sale_items": flag,
        "product_ids": numbers,
        "excluded_product_ids": numbers,
        "email_restrictions": lambda name, value: [str(each).lower() for each in value or []],
        "meta_data": meta_data,
    }
    changed = {name: readers[name](name, value) for name, value in body.items() if name in readers}
    if "date_expires" in body or "date_expires_gmt" in body:
        expires = date("date_expires", body.get("date_expires_gmt", body.get("date_expires")))
        changed |= {"date_expires": expires, "date_expires_gmt": expires}
    return changed | {"date_modified": moment(), "date_modified_gmt": moment()}


def invalid(name: str, words: str) -> Problem:
    details = {name: {"code": "rest_invalid_type", "message": words, "data": None}}
    return Problem("rest_invalid_param", f"Invalid parameter(s): {name}", params={name: words}, details=details)


def decimal(name: str, value: Any) -> str:
    """Comes as a text and leaves as one with two decimal places."""
    if not isinstance(value, str):
        raise invalid(name, f"{name} is not of type string.")
    try:
        cents = minor_units(value or "0", CURRENCY)
    except ValueError:
        raise invalid(name, f"{name} is not a decimal.") from None
    return f"{cents // 100}.{cents % 100:02}"


def discount_type(name: str, value: Any) -> str:
    if value not in TYPES:
        raise invalid(name, f"{name} is not one of percent, fixed_cart, and fixed_product.")
    return str(value)


def whole_or_none(name: str, value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not str(value).isdigit()):
        raise invalid(name, f"{name} is not of type integer.")
    return int(value) or None if value is not None else None


def flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise invalid(name, f"{name} is not of type boolean.")
    return value


def numbers(name: str, value: Any) -> list[int]:
    if not isinstance(value, list) or not all(str(each).isdigit() for each in value):
        raise invalid(name, f"{name}[0] is not of type integer.")
    return [int(each) for each in value]


def meta_data(name: str, value: Any) -> list[Document]:
    if not isinstance(value, list) or not all(isinstance(each, dict) and "key" in each for each in value):
        raise invalid(name, f"{name} is not of type array.")
    return [{"id": number, "key": each["key"], "value": each.get("value")} for number, each in enumerate(value, 1)]


def date(name: str, value: Any) -> str | None:
    """The shop's own time, which here is UTC."""
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid(name, f"{name} is not a valid date.") from None
    at_utc = found.astimezone(UTC) if found.tzinfo else found
    return at_utc.replace(tzinfo=None).isoformat(timespec="seconds")


def check_amount(coupon: Mapping[str, Any]) -> None:
    if whole(coupon["amount"], 2) < 0 or (coupon["discount_type"] == "percent" and whole(coupon["amount"], 2) > 10_000):
        raise Problem("coupon_invalid_amount", "Invalid discount amount")


def save(store: Store, coupon: Document) -> None:
    store.put(NAME, "coupon", str(coupon["id"]), coupon, name=coupon["code"])


def gift_of(coupon: Mapping[str, Any]) -> Gift:
    kind, amount, unit = worth(coupon)
    notes = tuple((str(each["key"]), str(each["value"])) for each in coupon["meta_data"])
    return Gift(
        object=str(coupon["id"]),
        key=notes[0][1] if notes else "",
        kind=kind,
        amount=amount,
        unit=unit,
        recipient=(coupon["email_restrictions"] or [""])[0],
        voucher=coupon["code"],
        notes=notes,
    )


def worth(coupon: Mapping[str, Any]) -> tuple[str, int, str]:
    amount = whole(coupon["amount"], 2)
    if coupon["discount_type"] == "percent" and amount:
        free = amount == 10_000 and bool(coupon["product_ids"])
        return ("free_product", 1, "PRODUCT") if free else ("percent", amount, "PERCENT")
    if coupon["free_shipping"] and not amount:
        return "free_shipping", 1, "FREE_SHIPPING"
    return str(coupon["discount_type"]), amount, CURRENCY


def list_coupons(visit: Visit) -> Response:
    query, store = visit.request.query, visit.store
    code = query.get("code", "").lower()
    found = store.named(NAME, "coupon", code) if code else store.all(NAME, "coupon", limit=1000)
    size = int(query["per_page"]) if query.get("per_page", "").isdigit() else 10
    page = max(int(query["page"]) if query.get("page", "").isdigit() else 1, 1)
    if not 1 <= size <= 100:
        raise invalid("per_page", "per_page must be between 1 (inclusive) and 100 (inclusive)")
    response = json_response(found[(page - 1) * size : page * size])
    pages = -(-len(found) // size)
    response.headers += [("X-WP-Total", str(len(found))), ("X-WP-TotalPages", str(pages))]
    return response


def get_coupon(visit: Visit, coupon_id: int) -> Response:
    return json_response(coupon_by_id(visit.store, coupon_id))


def coupon_by_id(store: Store, coupon_id: int) -> Document:
    found = store.get(NAME, "coupon", str(coupon_id))
    if found is None:
        raise Problem("woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.", status=404)
    return found


def update(visit: Visit, coupon_id: int) -> Response:
    """A coupon that cannot be used any more counts as disabled: expired, or a draft."""
    store, found = visit.store, coupon_by_id(visit.store, coupon_id)
    changed = found | changes_in(visit.request.json)
    check_amount(changed)
    save(store, changed)
    if is_over(changed):
        store.disable(NAME, str(coupon_id))
    return json_response(changed)


def is_over(coupon: Mapping[str, Any]) -> bool:
    expired = coupon["date_expires_gmt"] is not None and coupon["date_expires_gmt"] <= moment()
    return expired or coupon["status"] != "publish"


def delete(visit: Visit, coupon_id: int) -> Response:
    """With force=true it is gone; without, it lies in the bin. Either way nobody can use it."""
    found = coupon_by_id(visit.store, coupon_id)
    visit.store.remove(NAME, "coupon", str(coupon_id))
    visit.store.disable(NAME, str(coupon_id))
    return json_response(found)


def system_status(visit: Visit) -> Response:
    home = f"http://{visit.request.host}/{NAME}"
    environment = {"home_url": home, "site_url": home, "version": "10.2.1", "wp_version": "6.8"}
    settings = {"api_enabled": False, "currency": CURRENCY, "currency_symbol": "€", "number_of_decimals": 2}
    return json_response({"environment": environment, "settings": settings})


def currency(visit: Visit) -> Response:
    return json_response({"code": CURRENCY, "name": "Euro", "symbol": "&euro;"})


class WooCommerce(Provider):
    name = NAME
    title = "WooCommerce"
    routes = [
        route("POST", f"{BASE}/coupons", create),
        route("GET", f"{BASE}/coupons", list_coupons),
        route("GET", f"{BASE}/coupons/<int:coupon_id>", get_coupon),
        route("PUT", f"{BASE}/coupons/<int:coupon_id>", update),
        route("POST", f"{BASE}/coupons/<int:coupon_id>", update),
        route("DELETE", f"{BASE}/coupons/<int:coupon_id>", delete),
        route("GET", f"{BASE}/system_status", system_status),
        route("GET", f"{BASE}/data/currencies/current", currency),
    ]
    refusals: ClassVar[Mapping[str, Any]] = {
        "cannot_create": lambda visit: problem(
            "woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources.", 403
        ),
        "invalid_product": lambda visit: problem(
            "rest_invalid_param", "Invalid parameter(s): product_ids", 400, params={"product_ids": "Invalid product."}
        ),
        "taken": lambda visit: problem(
            "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists", 400
        ),
    }

    def refuse_stranger(self, visit: Visit) -> Response | None:
        given = basic(visit.request.environ.get("HTTP_AUTHORIZATION", ""))
        if given == f"{KEY}:{SECRET}":
            return None
        if not given:
            return problem("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)
        wrong = "secret" if given.startswith(f"{KEY}:") else "key"
        return problem("woocommerce_rest_authentication_error", f"Consumer {wrong} is invalid.", 401)

    def answer(self, visit: Visit) -> Response:
        try:
            return super().answer(visit)
        except Problem as wrong:
            return wrong.response
        except BadRequest:
            return problem("rest_invalid_json", "Invalid JSON body passed.", 400)

    def not_found(self, visit: Visit) -> Response:
        return problem("rest_no_route", "No route was found matching the URL and request method.", 404)

    def limited(self, visit: Visit) -> Response:
        """WooCommerce itself has no limit; the server in front of it answers, in HTML."""
        page = "<html><head><title>429 Too Many Requests</title></head><body>Too Many Requests</body></html>"
        return Response(page, 429)

    def broken(self, visit: Visit) -> Response:
        message = "<p>There has been a critical error on this website.</p>"
        return problem("internal_server_error", message, 500)

    def use(self, store: Store, voucher: str) -> bool:
        """A customer pays with it: only while it runs and its limit is not reached."""
        for found in store.named(NAME, "coupon", voucher.lower()):
            limit = found["usage_limit"]
            if is_over(found) or (limit is not None and found["usage_count"] >= limit):
                return False
            save(store, found | {"usage_count": found["usage_count"] + 1})
            store.mark_used(NAME, str(found["id"]))
            return True
        return False


def basic(authorization: str) -> str:
    scheme, _space, rest = authorization.partition(" ")
    try:
        return base64.b64decode(rest).decode("utf-8", "replace") if scheme.lower() == "basic" else ""
    except ValueError:
        return ""
