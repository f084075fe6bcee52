"""Coupons made in a WooCommerce shop (REST API v3): one per reward, for one use.

WooCommerce refuses a second coupon of the same code, and the coupon's meta data carries the reward's key: a second try
finds its own. Needs a REST API key of the shop with read and write access.
"""

from __future__ import annotations

import base64
from datetime import UTC
from typing import Any
from urllib.parse import quote

from integrations.codes import CodeFulfiller, code_of, marker_of, percent_of
from integrations.models import Connection
from integrations.providers import Answer, Line, json_body
from kit.http import Method
from kit.units import plain_amount
from programs.rules import Form
from rewards.fulfilment import Delivered, FulfilmentOrder, Unknown

PATH = "/wp-json/wc/v3/coupons"
META_KEY = "_referral_reward"
TAKEN = "woocommerce_rest_coupon_code_already_exists"
#: A coupon that ended long ago is refused at the checkout, and still there for the shop's own books.
LONG_AGO = "2000-01-01T00:00:00"


class WooCoupon(CodeFulfiller):
    kind = Connection.Kind.WOOCOMMERCE
    needs = "consumer_key"

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        line = self.line()
        answer = _ask(line, "POST", PATH, _coupon(line, order), writes=True)
        if answer.is_success:
            return _made(answer, order)
        if _code_in(answer) == TAKEN:
            return self.made_before(line, order) or line.refused("code_taken")
        return _refuse(line, answer)

    def found(self, line: Line, code: str) -> dict[str, Any] | None:
        """Codes are kept in lower case there and compared without case."""
        answer = _ask(line, "GET", f"{PATH}?code={quote(code.lower(), safe='')}")
        if not answer.is_success:
            _refuse(line, answer)
        rows = [row for row in answer.rows_at() if str(row.get("code", "")).lower() == code.lower()]
        return rows[0] if rows else None

    def is_ours(self, found: dict[str, Any], order: FulfilmentOrder) -> bool:
        meta = found.get("meta_data")
        rows = [row for row in meta if isinstance(row, dict)] if isinstance(meta, list) else []
        return any(row.get("key") == META_KEY and row.get("value") == order.key for row in rows)

    def uses(self, found: dict[str, Any]) -> int:
        return int(found.get("usage_count") or 0)

    def switch_off(self, line: Line, found: dict[str, Any], order: FulfilmentOrder) -> dict[str, Any] | None:
        """The answer to the change says how often it had been used by then."""
        answer = _ask(line, "PUT", f"{PATH}/{int(found['id'])}", {"date_expires_gmt": LONG_AGO}, writes=True)
        if answer.status == 404:
            return None
        if not answer.is_success:
            _refuse(line, answer)
        return answer.dict_at()

    def probe(self, line: Line) -> str:
        answer = _ask(line, "GET", f"{PATH}?per_page=1")
        if not answer.is_success or not isinstance(answer.data, list):
            _refuse(line, answer)
        return line.address


def _coupon(line: Line, order: FulfilmentOrder) -> dict[str, Any]:
    coupon: dict[str, Any] = {
        "code": code_of(order.key),
        "description": marker_of(order.key),
        "usage_limit": 1,
        "usage_limit_per_user": 1,
        "individual_use": False,
        "meta_data": [{"key": META_KEY, "value": order.key}],
        **_value(line, order),
    }
    if order.valid_until:
        coupon["date_expires_gmt"] = order.valid_until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return coupon


def _value(line: Line, order: FulfilmentOrder) -> dict[str, Any]:
    if order.form == Form.PERCENT_CODE:
        return {"discount_type": "percent", "amount": str(percent_of(line, order))}
    if order.form == Form.FREE_SHIPPING_CODE:
        return {"discount_type": "fixed_cart", "amount": "0", "free_shipping": True}
    if order.form == Form.FREE_PRODUCT_CODE:
        product = order.setting.get("product_id", "")
        if not (product.isascii() and product.isdigit()):
            line.refused("product_unknown")
        return {"discount_type": "percent", "amount": "100", "product_ids": [int(product)], "limit_usage_to_x_items": 1}
    _same_currency(line, order.unit)
    return {"discount_type": "fixed_cart", "amount": plain_amount(order.amount_minor, order.unit)}


def _same_currency(line: Line, unit: str) -> None:
    """The shop reads an amount in its own currency, whatever we mean. Not every key may ask: then it is believed."""
    answer = _ask(line, "GET", "/wp-json/wc/v3/data/currencies/current")
    if answer.is_success and answer.dict_at().get("code", unit) != unit:
        line.refused("currency_differs")


def _made(answer: Answer, order: FulfilmentOrder) -> Delivered:
    if not answer.dict_at().get("id"):
        # Accepted, but unreadable (a plugin's notice around the JSON): the next try looks it up.
        raise Unknown("answer_unreadable")
    return Delivered(voucher=code_of(order.key))


def _ask(line: Line, method: Method, path: str, data: dict[str, Any] | None = None, *, writes: bool = False) -> Answer:
    pair = f"{line.credentials['consumer_key']}:{line.credentials['consumer_secret']}"
    headers = {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    if data is None:
        return line.call(method, path, headers=headers)
    headers["content-type"] = "application/json"
    return line.call(method, path, headers=headers, body=json_body(data), writes=writes)


def _code_in(answer: Answer) -> str:
    return str(answer.dict_at().get("code", ""))


def _refuse(line: Line, answer: Answer) -> Any:
    if answer.status == 404 or answer.is_success:
        # WordPress without pretty permalinks, or no shop at all: a page comes in place of the API.
        line.note("not_woocommerce")
        line.refused("not_woocommerce")
    line.refused("woocommerce_refused", str(answer.dict_at().get("message", "")))
