"""Discount codes made in a Shopify store: one code per reward, for one use.

The code follows from the reward's key, and the title names the key: a second try is told "TAKEN", finds its own code
and is content. Needs the Admin API token of an app with write_discounts, read_discounts and read_products.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.codes import CodeFulfiller, code_of, marker_of, percent_of
from integrations.models import Connection
from integrations.providers import Line
from integrations.shopify.admin import ask
from kit.units import plain_amount
from programs.rules import Form
from rewards.fulfilment import Delivered, FulfilmentOrder, Unknown

_ANSWER = "{ codeDiscountNode { id } userErrors { field code message } }"
CREATE_BASIC = f"""mutation discountCodeBasicCreate($discount: DiscountCodeBasicInput!) {{
  discountCodeBasicCreate(basicCodeDiscount: $discount) {_ANSWER} }}"""
CREATE_FREE_SHIPPING = f"""mutation discountCodeFreeShippingCreate($discount: DiscountCodeFreeShippingInput!) {{
  discountCodeFreeShippingCreate(freeShippingCodeDiscount: $discount) {_ANSWER} }}"""
DEACTIVATE = f"""mutation discountCodeDeactivate($id: ID!) {{
  discountCodeDeactivate(id: $id) {_ANSWER} }}"""
BY_CODE = """query codeDiscountNodeByCode($code: String!) {
  codeDiscountNodeByCode(code: $code) { id codeDiscount { __typename
    ... on DiscountCodeBasic { title status asyncUsageCount }
    ... on DiscountCodeFreeShipping { title status asyncUsageCount } } } }"""
SHOP = "query shop { shop { name currencyCode } }"
PRICE = """query product($id: ID!) {
  product(id: $id) { id priceRangeV2 { maxVariantPrice { amount currencyCode } } } }"""

#: The store's clock may be behind ours; a code that begins "now" must work at once.
BEGINS_BEFORE = timedelta(minutes=5)


class ShopifyDiscount(CodeFulfiller):
    kind = Connection.Kind.SHOPIFY
    needs = "admin_token"

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        line = self.line()
        code = code_of(order.key)
        document, field = CREATE_BASIC, "discountCodeBasicCreate"
        if order.form == Form.FREE_SHIPPING_CODE:
            document, field = CREATE_FREE_SHIPPING, "discountCodeFreeShippingCreate"
        data = ask(line, document, {"discount": _discount(line, order, code)}, writes=True)
        complaints = _complaints(data, field)
        if any(complaint.get("code") == "TAKEN" for complaint in complaints):
            return self.made_before(line, order) or line.refused("code_taken")
        if complaints:
            line.refused("shopify_refused", str(complaints[0].get("message", "")))
        if not _node(data, field):
            raise Unknown("answer_unreadable")
        return Delivered(voucher=code)

    def found(self, line: Line, code: str) -> dict[str, Any] | None:
        node = ask(line, BY_CODE, {"code": code}).get("codeDiscountNodeByCode")
        return {**node, "code": code} if isinstance(node, dict) and node.get("id") else None

    def is_ours(self, found: dict[str, Any], order: FulfilmentOrder) -> bool:
        return _dict(found, "codeDiscount").get("title") == marker_of(order.key)

    def uses(self, found: dict[str, Any]) -> int:
        return int(_dict(found, "codeDiscount").get("asyncUsageCount") or 0)

    def switch_off(self, line: Line, found: dict[str, Any], order: FulfilmentOrder) -> dict[str, Any]:
        """The count of uses comes late at Shopify, so it is asked again after the code was switched off."""
        answer = ask(line, DEACTIVATE, {"id": found["id"]}, writes=True)
        if complaints := _complaints(answer, "discountCodeDeactivate"):
            line.refused("shopify_refused", str(complaints[0].get("message", "")))
        return self.found(line, found["code"]) or {}

    def probe(self, line: Line) -> str:
        shop = _dict(ask(line, SHOP, {}), "shop")
        ask(line, BY_CODE, {"code": "REFERRAL-TEST"})
        return f"{shop.get('name', line.address)} ({shop.get('currencyCode', '?')})"


def _discount(line: Line, order: FulfilmentOrder, code: str) -> dict[str, Any]:
    """The input both mutations share, and what differs."""
    common: dict[str, Any] = {
        "title": marker_of(order.key),
        "code": code,
        "startsAt": _instant(datetime.now(UTC) - BEGINS_BEFORE),
        "endsAt": _instant(order.valid_until) if order.valid_until else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": {"all": "ALL"},
    }
    if order.form == Form.FREE_SHIPPING_CODE:
        return {**common, "destination": {"all": True}}
    return {**common, "customerGets": _gets(line, order)}


def _gets(line: Line, order: FulfilmentOrder) -> dict[str, Any]:
    if order.form == Form.PERCENT_CODE:
        return {"value": {"percentage": percent_of(line, order) / 100}, "items": {"all": True}}
    if order.form == Form.FREE_PRODUCT_CODE:
        product = _product_id(order.setting.get("product_id", ""))
        items = {"products": {"productsToAdd": [product]}}
        return {"value": _amount(_price_of(line, product)), "items": items}
    _same_currency(line, order.unit)
    return {"value": _amount(plain_amount(order.amount_minor, order.unit)), "items": {"all": True}}


def _amount(text: str) -> dict[str, Any]:
    """Taken off once, not from each piece."""
    return {"discountAmount": {"amount": text, "appliesOnEachItem": False}}


def _price_of(line: Line, product: str) -> str:
    """What one piece costs: a hundred percent of "the product" would make any number of pieces free."""
    if not product.removeprefix("gid://shopify/Product/").isalnum():
        line.refused("product_unknown")
    price = _dict(ask(line, PRICE, {"id": product}), "product", "priceRangeV2", "maxVariantPrice")
    if not price.get("amount"):
        line.refused("product_unknown")
    return str(price["amount"])


def _same_currency(line: Line, unit: str) -> None:
    """Shopify reads an amount in the store's currency, whatever we mean."""
    if _dict(ask(line, SHOP, {}), "shop").get("currencyCode") != unit:
        line.refused("currency_differs")


def _complaints(data: dict[str, Any], field: str) -> list[dict[str, Any]]:
    found = _dict(data, field).get("userErrors")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _node(data: dict[str, Any], field: str) -> dict[str, Any]:
    return _dict(data, field, "codeDiscountNode")


def _dict(data: dict[str, Any], *path: str) -> dict[str, Any]:
    found: Any = data
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _product_id(text: str) -> str:
    return text if text.startswith("gid://") else f"gid://shopify/Product/{text}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
