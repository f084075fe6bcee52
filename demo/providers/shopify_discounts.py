"""Discount codes as a Shopify shop keeps them, and the mutations that make and end them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .provider import minor_units, whole
from .store import Gift, Store

NAME = "shopify"
CURRENCY = "EUR"

Document = dict[str, Any]


@dataclass(frozen=True)
class Sort:
    """A sort of discount: its type, the argument it comes in, and what may stand there."""

    typename: str
    argument: str
    fields: frozenset[str]


COMMON = {"appliesOncePerCustomer", "code", "combinesWith", "context", "customerSelection", "endsAt", "startsAt"}
COMMON |= {"tags", "title", "usageLimit"}
BASIC = Sort(
    "DiscountCodeBasic",
    "basicCodeDiscount",
    frozenset(COMMON | {"customerGets", "minimumRequirement", "recurringCycleLimit"}),
)
FREE_SHIPPING = Sort(
    "DiscountCodeFreeShipping",
    "freeShippingCodeDiscount",
    frozenset(
        COMMON
        | {"destination", "maximumShippingPrice", "minimumRequirement", "recurringCycleLimit"}
        | {"appliesOnOneTimePurchase", "appliesOnSubscription"}
    ),
)
BXGY = Sort(
    "DiscountCodeBxgy", "bxgyCodeDiscount", frozenset(COMMON | {"customerBuys", "customerGets", "usesPerOrderLimit"})
)


class Refused(Exception):
    """One of Shopify's userErrors."""

    def __init__(self, path: list[str], code: str, message: str) -> None:
        self.error = user_error(path, code, message)


def user_error(path: list[str], code: str, message: str) -> Document:
    return {"__typename": "DiscountUserError", "field": path, "code": code, "message": message, "extraInfo": None}


def payload(typename: str, node: Document | None, errors: list[Document]) -> Document:
    return {"__typename": typename, "codeDiscountNode": node, "userErrors": errors}


def moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_moment(text: Any) -> datetime:
    found = datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# Making one


def create(store: Store, sort: Sort, given: Mapping[str, Any]) -> Document:
    """The new node with no errors, or none with the first error."""
    typename = f"{sort.typename}CreatePayload"
    try:
        check(store, sort, given)
        discount = discount_from(store, sort, given)
        gift = gift_of(sort, given, discount)
    except Refused as refused:
        return payload(typename, None, [refused.error])
    node: Document = {"__typename": "DiscountCodeNode", "id": f"gid://shopify/DiscountCodeNode/{store.new_id()}"}
    node |= {"codeDiscount": discount}
    store.put(NAME, "discount", str(node["id"]), node, name=gift.voucher.upper())
    store.give(NAME, Gift(**{**vars(gift), "object": node["id"]}))
    return payload(typename, alive(node), [])


def check(store: Store, sort: Sort, given: Mapping[str, Any]) -> None:
    for name, words in (("title", "Title"), ("code", "Code"), ("startsAt", "Starts at")):
        if not given.get(name):
            raise Refused([sort.argument, name], "BLANK", f"{words} can't be blank")
    if not given.get("context") and not given.get("customerSelection"):
        raise Refused([sort.argument, "context"], "BLANK", "Context can't be blank")
    if len(str(given["code"])) > 255:
        raise Refused([sort.argument, "code"], "TOO_LONG", "Code is too long (maximum is 255 characters)")
    if store.named(NAME, "discount", str(given["code"]).upper()):
        raise Refused([sort.argument, "code"], "TAKEN", "Code must be unique. Please try a different code.")
    check_limits(sort, given)


def check_limits(sort: Sort, given: Mapping[str, Any]) -> None:
    limit = given.get("usageLimit")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise Refused([sort.argument, "usageLimit"], "GREATER_THAN", "Usage limit must be greater than 0")
    try:
        ends = read_moment(given["endsAt"]) if given.get("endsAt") else None
        starts = read_moment(given["startsAt"])
    except ValueError:
        raise Refused([sort.argument, "startsAt"], "INVALID", "Starts at is invalid") from None
    if ends and ends <= starts:
        raise Refused([sort.argument, "endsAt"], "END_DATE_BEFORE_START_DATE", "Ends at needs to be after starts_at")


def discount_from(store: Store, sort: Sort, given: Mapping[str, Any]) -> Document:
    code = str(given["code"])
    return {
        "__typename": sort.typename,
        "title": given["title"],
        "status": "ACTIVE",
        "startsAt": given["startsAt"],
        "endsAt": given.get("endsAt"),
        "createdAt": moment(),
        "updatedAt": moment(),
        "asyncUsageCount": 0,
        "usageLimit": given.get("usageLimit"),
        "appliesOncePerCustomer": bool(given.get("appliesOncePerCustomer")),
        "recurringCycleLimit": given.get("recurringCycleLimit"),
        "hasTimelineComment": False,
        "minimumRequirement": None,
        "summary": str(given["title"]),
        "shortSummary": str(given["title"]),
        "combinesWith": {"__typename": "DiscountCombinesWith", **combining(given)},
        "codes": codes(store, code),
        "codesCount": {"__typename": "Count", "count": 1, "precision": "EXACT"},
        **({} if sort is FREE_SHIPPING else {"customerGets": customer_gets(sort, given)}),
    }


def combining(given: Mapping[str, Any]) -> Document:
    wished = given.get("combinesWith") or {}
    return {name: bool(wished.get(name)) for name in ("orderDiscounts", "productDiscounts", "shippingDiscounts")}


def codes(store: Store, code: str) -> Document:
    key = f"gid://shopify/DiscountRedeemCode/{store.new_id()}"
    node = {"__typename": "DiscountRedeemCode", "id": key, "code": code, "asyncUsageCount": 0}
    edges = [{"__typename": "DiscountRedeemCodeEdge", "cursor": key[-8:], "node": node}]
    return {"__typename": "DiscountRedeemCodeConnection", "nodes": [node], "edges": edges}


def customer_gets(sort: Sort, given: Mapping[str, Any]) -> Document:
    wished = given.get("customerGets") or {}
    products = products_in(wished)
    items: Document = {"__typename": "AllDiscountItems", "allItems": True}
    if products:
        nodes = [{"__typename": "Product", "id": each, "title": "Product"} for each in products]
        connection = {"__typename": "ProductConnection", "nodes": nodes}
        items = {"__typename": "DiscountProducts", "products": connection}
    return {"__typename": "DiscountCustomerGets", "value": value_of(sort, wished), "items": items}


def products_in(wished: Mapping[str, Any]) -> list[str]:
    products = (wished.get("items") or {}).get("products") or {}
    return [*(products.get("productsToAdd") or []), *(products.get("productVariantsToAdd") or [])]


def value_of(sort: Sort, wished: Mapping[str, Any]) -> Document:
    value = wished.get("value") or {}
    if value.get("percentage") is not None:
        return {"__typename": "DiscountPercentage", "percentage": value["percentage"]}
    if value.get("discountAmount"):
        amount = {
            "__typename": "MoneyV2",
            "amount": str(value["discountAmount"].get("amount")),
            "currencyCode": CURRENCY,
        }
        each = bool(value["discountAmount"].get("appliesOnEachItem"))
        return {"__typename": "DiscountAmount", "amount": amount, "appliesOnEachItem": each}
    if value.get("discountOnQuantity"):
        effect = value["discountOnQuantity"].get("effect") or {}
        shown = {"__typename": "DiscountPercentage", "percentage": effect.get("percentage")}
        quantity = {"__typename": "DiscountQuantity", "quantity": str(value["discountOnQuantity"].get("quantity"))}
        return {"__typename": "DiscountOnQuantity", "quantity": quantity, "effect": shown}
    raise Refused([sort.argument, "customerGets", "value"], "BLANK", "Value can't be blank")


def gift_of(sort: Sort, given: Mapping[str, Any], discount: Mapping[str, Any]) -> Gift:
    kind, amount, unit = worth(sort, given)
    code, title = str(given["code"]), str(given["title"])
    key = title.rpartition(" ")[2]  # a title may end with what the caller knows it by
    return Gift(object="", key=key, kind=kind, amount=amount, unit=unit, voucher=code, notes=(("title", title),))


def worth(sort: Sort, given: Mapping[str, Any]) -> tuple[str, int, str]:
    """What a code is worth: kind, amount, unit. Also where the real service checks ranges."""
    if sort is FREE_SHIPPING:
        return "free_shipping", 1, "FREE_SHIPPING"
    wished = given.get("customerGets") or {}
    value, path = wished.get("value") or {}, [sort.argument, "customerGets", "value"]
    if sort is BXGY:
        return "free_product", 1, "PRODUCT"
    try:
        if value.get("discountAmount"):
            cents = positive(minor_units(value["discountAmount"].get("amount"), CURRENCY))
            return "amount_off_product" if products_in(wished) else "fixed_amount", cents, CURRENCY
        hundredths = positive(whole(value.get("percentage"), 4))
    except ValueError:
        raise Refused(path, "GREATER_THAN", "Value must be greater than 0") from None
    if hundredths > 10_000:
        raise Refused([*path, "percentage"], "VALUE_OUTSIDE_RANGE", "Value must be between 0.0 and 1.0")
    free = hundredths == 10_000 and bool(products_in(wished))
    return ("free_product", 1, "PRODUCT") if free else ("percentage", hundredths, "PERCENT")


def positive(number: int) -> int:
    if number <= 0:
        raise ValueError(number)
    return number


# Finding, ending, using one


def by_code(store: Store, code: str) -> Document | None:
    found = store.named(NAME, "discount", code.upper())
    return alive(found[0]) if found else None


def by_id(store: Store, key: str) -> Document | None:
    found = store.get(NAME, "discount", key)
    return alive(found) if found else None


def alive(node: Document) -> Document:
    """With the status of this moment."""
    discount, now = node["codeDiscount"], datetime.now(UTC)
    ended = discount["endsAt"] and read_moment(discount["endsAt"]) <= now
    status = "EXPIRED" if ended else "SCHEDULED" if read_moment(discount["startsAt"]) > now else "ACTIVE"
    return node | {"codeDiscount": discount | {"status": status}}


def deactivate(store: Store, key: str) -> Document:
    """It ends now; doing it again changes nothing."""
    typename, node = "DiscountCodeDeactivatePayload", by_id(store, key)
    if node is None:
        return payload(typename, None, [user_error(["id"], "INVALID", "Code discount does not exist.")])
    if node["codeDiscount"]["status"] != "EXPIRED":
        save(store, node | {"codeDiscount": node["codeDiscount"] | {"endsAt": moment(), "updatedAt": moment()}})
        store.disable(NAME, key)
    return payload(typename, by_id(store, key), [])


def delete(store: Store, key: str) -> Document:
    missing = by_id(store, key) is None
    errors = [user_error(["id"], "INVALID", "Code discount does not exist.")] if missing else []
    store.remove(NAME, "discount", key)
    store.disable(NAME, key)
    deleted = None if missing else key
    return {"__typename": "DiscountCodeDeletePayload", "deletedCodeDiscountId": deleted, "userErrors": errors}


def save(store: Store, node: Document) -> None:
    code = node["codeDiscount"]["codes"]["nodes"][0]["code"]
    store.put(NAME, "discount", node["id"], node, name=code.upper())


def use(store: Store, code: str) -> bool:
    """A customer pays with it: only while it runs and its limit is not reached."""
    node = by_code(store, code)
    if node is None:
        return False
    discount = node["codeDiscount"]
    limit, used = discount["usageLimit"], discount["asyncUsageCount"]
    if discount["status"] != "ACTIVE" or (limit is not None and used >= limit):
        return False
    for shown in [discount["codes"]["nodes"][0], discount["codes"]["edges"][0]["node"], discount]:
        shown["asyncUsageCount"] = used + 1
    save(store, node)
    store.mark_used(NAME, node["id"])
    return True
