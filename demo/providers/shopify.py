"""Shopify's Admin GraphQL API, as far as rewards need it: discount codes, and the shop's name for the test button."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from demo.shop.http import BadRequest, Request, Response, json_response, route

from . import shopify_discounts as discounts
from .faults import ERROR, LIMIT, REFUSE, SLOW, THROTTLED, TIMEOUT
from .graphql import Malformed, Reader, Resolver, execute
from .provider import Provider, Visit
from .shopify_discounts import NAME, Sort
from .store import Store

TOKEN = "shpat_demo"
VERSION = re.compile(r"20\d\d-(01|04|07|10)|unstable")
PRICE = "14.9"
BUCKET, RESTORED = 2000.0, 100.0


def graphql(visit: Visit, version: str) -> Response:
    if not VERSION.fullmatch(version):
        return json_response({"errors": "Not Found"}, status=404)
    try:
        asked = visit.request.json
        variables = asked.get("variables") or {}
        operation = Reader(str(asked.get("query") or ""), variables).document()
        resolvers = mutations(visit.store) if operation.kind == "mutation" else queries(visit.store)
        return answer({"data": execute(operation, resolvers)})
    except Malformed as malformed:
        return json_response({"errors": [malformed.error]})
    except BadRequest:
        return json_response({"errors": "Bad Request"}, status=400)


def answer(body: dict[str, Any], *, asked: int = 10) -> Response:
    return json_response(body | {"extensions": {"cost": cost(asked, asked, BUCKET - asked)}})


def cost(requested: int, actual: int | None, available: float) -> dict[str, Any]:
    status = {"maximumAvailable": BUCKET, "currentlyAvailable": available, "restoreRate": RESTORED}
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def queries(store: Store) -> dict[str, Resolver]:
    return {
        "shop": lambda given: shop(),
        "codeDiscountNodeByCode": lambda given: discounts.by_code(store, str(given.get("code") or "")),
        "product": lambda given: product(str(given.get("id") or "")),
        "codeDiscountNode": lambda given: discounts.by_id(store, str(given.get("id") or "")),
        "currentAppInstallation": lambda given: installation(),
    }


def mutations(store: Store) -> dict[str, Resolver]:
    return {
        "discountCodeBasicCreate": creating(store, discounts.BASIC),
        "discountCodeFreeShippingCreate": creating(store, discounts.FREE_SHIPPING),
        "discountCodeBxgyCreate": creating(store, discounts.BXGY),
        "discountCodeDeactivate": lambda given: discounts.deactivate(store, str(given.get("id") or "")),
        "discountCodeDelete": lambda given: discounts.delete(store, str(given.get("id") or "")),
    }


def creating(store: Store, sort: Sort) -> Resolver:
    def resolve(given: dict[str, Any]) -> dict[str, Any]:
        wished = given.get(sort.argument)
        if not isinstance(wished, dict):
            raise Malformed(f"Field is missing required arguments: {sort.argument}", code="missingRequiredArguments")
        for name in set(wished) - sort.fields:
            raise Malformed(
                f"Variable ${sort.argument} of type {sort.typename}Input! was provided invalid value for {name} "
                f"(Field is not defined on {sort.typename}Input)",
                code="INVALID_VARIABLE",
            )
        return discounts.create(store, sort, wished)

    return resolve


def shop() -> dict[str, Any]:
    return {
        "__typename": "Shop",
        "id": "gid://shopify/Shop/87654321",
        "name": "Nordlicht Kaffee",
        "email": "shop@nordlicht.example",
        "myshopifyDomain": "nordlicht-kaffee.myshopify.com",
        "currencyCode": discounts.CURRENCY,
        "ianaTimezone": "Europe/Berlin",
    }


def product(key: str) -> dict[str, Any] | None:
    """The shop sells whatever has a number, at one price; ids that end in 404 are not there."""
    if not key.startswith("gid://shopify/Product/") or key.endswith("404"):
        return None
    price = {"__typename": "MoneyV2", "amount": PRICE, "currencyCode": discounts.CURRENCY}
    prices = {"__typename": "ProductPriceRangeV2", "maxVariantPrice": price, "minVariantPrice": price}
    return {"__typename": "Product", "id": key, "title": "Polarnacht", "status": "ACTIVE", "priceRangeV2": prices}


def installation() -> dict[str, Any]:
    scopes = [{"__typename": "AccessScope", "handle": handle} for handle in ("read_discounts", "write_discounts")]
    return {"__typename": "AppInstallation", "id": "gid://shopify/AppInstallation/1", "accessScopes": scopes}


def access_denied(visit: Visit) -> Response:
    message = (
        "Access denied for discountCodeBasicCreate field. Required access: `write_discounts` access scope. Also: The "
        "app must have `write_discounts` access scope and the user must have permission to manage discounts."
    )
    extensions = {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
        "requiredAccess": "`write_discounts` access scope.",
    }
    error = {"message": message, "locations": [{"line": 1, "column": 1}], "extensions": extensions}
    return answer({"errors": [error], "data": None})


def refused_by_shop(visit: Visit) -> Response:
    """A userError on whichever mutation was asked for."""
    found = re.search(r"discountCode\w+(?=\s*\()", visit.request.body.decode("utf-8", "replace"))
    field = found.group() if found else "discountCodeBasicCreate"
    error = {"field": None, "code": "INTERNAL_ERROR", "message": "Discounts cannot be created on this plan."}
    return answer({"data": {field: {"codeDiscountNode": None, "userErrors": [error]}}})


class Shopify(Provider):
    name = NAME
    title = "Shopify"
    faults = (SLOW, LIMIT, THROTTLED, REFUSE, ERROR, TIMEOUT)
    routes = [route("POST", "/admin/api/<version>/graphql.json", graphql)]
    refusals: ClassVar[Mapping[str, Any]] = {
        "access_denied": access_denied,
        "user_error": refused_by_shop,
        "unavailable": lambda visit: json_response({"errors": "Unavailable Shop"}, status=402),
    }

    def is_write(self, request: Request) -> bool:
        return b"mutation" in request.body

    def refuse_stranger(self, visit: Visit) -> Response | None:
        if visit.request.environ.get("HTTP_X_SHOPIFY_ACCESS_TOKEN") == TOKEN:
            return None
        message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return json_response({"errors": message}, status=401)

    def not_found(self, visit: Visit) -> Response:
        return json_response({"errors": "Not Found"}, status=404)

    def limited(self, visit: Visit) -> Response:
        return json_response(
            {"errors": "Exceeded 2 calls per second for api client. Reduce request rates."}, status=429
        )

    def throttled(self, visit: Visit) -> Response:
        extensions = {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"}
        error = {"message": "Throttled", "extensions": extensions}
        return json_response({"errors": [error], "extensions": {"cost": cost(10, None, 4.0)}})

    def broken(self, visit: Visit) -> Response:
        error = {
            "message": "Internal error. Looks like something went wrong on our end.\nRequest ID: 0 (include this in "
            "support requests).",
            "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "0"},
        }
        return json_response({"errors": [error]}, status=500)

    def use(self, store: Store, voucher: str) -> bool:
        return discounts.use(store, voucher)
