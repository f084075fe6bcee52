"""Promotion codes at Stripe: a coupon for one use, and the code that opens it, both carrying the reward's key.

Needs a secret or restricted key that may write coupons and promotion codes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from integrations.adapters import ServiceFulfiller
from integrations.codes import CodeFulfiller, code_of, percent_of
from integrations.models import Connection
from integrations.providers import Line
from integrations.stripe.amounts import NotAtStripe, to_stripe
from integrations.stripe.client import META_KEY, error_of, read, refuse, write
from programs.rules import Form
from rewards.fulfilment import Delivered, FulfilmentOrder, Unknown

COUPONS = "/v1/coupons"
CODES = "/v1/promotion_codes"
LONGEST_NAME = 40


class StripeFulfiller(ServiceFulfiller):
    kind: ClassVar[Connection.Kind] = Connection.Kind.STRIPE
    needs: ClassVar[str] = "secret_key"
    #: What the test button asks for: needs the right to what this adapter works with.
    asks: ClassVar[str] = CODES

    def probe(self, line: Line) -> str:
        answer = read(line, self.asks, {"limit": 1})
        if not answer.is_success:
            refuse(line, answer)
        return _mode(line)


class StripePromotion(CodeFulfiller, StripeFulfiller):
    def deliver(self, order: FulfilmentOrder) -> Delivered:
        line = self.line()
        coupon_id = _make_coupon(line, order)
        code = code_of(order.key)
        answer = write(line, CODES, _promotion(order, coupon_id, code), key=f"{order.key}-{coupon_id}")
        if answer.is_success and answer.dict_at().get("id"):
            return Delivered(voucher=code)
        if answer.is_success:
            raise Unknown("answer_unreadable")
        # Stripe has no code of its own for "a code of that name is active"; whose it is, the look tells.
        return self.made_before(line, order) or refuse(line, answer)

    def found(self, line: Line, code: str) -> dict[str, Any] | None:
        """Of several with this code (only one can be active) the one that is, else the newest."""
        rows = read(line, CODES, {"code": code, "limit": 10}).rows_at("data")
        return next((row for row in rows if row.get("active")), rows[0] if rows else None)

    def is_ours(self, found: dict[str, Any], order: FulfilmentOrder) -> bool:
        metadata = found.get("metadata")
        return isinstance(metadata, dict) and metadata.get(META_KEY) == order.key

    def uses(self, found: dict[str, Any]) -> int:
        return int(found.get("times_redeemed") or 0)

    def switch_off(self, line: Line, found: dict[str, Any], order: FulfilmentOrder) -> dict[str, Any]:
        """The answer to the change says how often it had been redeemed by then."""
        answer = write(line, f"{CODES}/{found['id']}", {"active": False}, key=f"{order.key}-off")
        if not answer.is_success:
            refuse(line, answer)
        return answer.dict_at()


def _make_coupon(line: Line, order: FulfilmentOrder) -> str:
    """The coupon's id says its value too: a reward that shrank between two tries gets a new one, not the old."""
    value = _value(line, order)
    amount = f"{value.get('percent_off') or value.get('amount_off')}{value.get('currency', 'pc')}"
    coupon_id = f"{code_of(order.key)}-{amount}"
    params = {
        "id": coupon_id,
        "name": order.setting.get("name", "")[:LONGEST_NAME] or None,
        "duration": "once",
        "max_redemptions": 1,
        "metadata": {META_KEY: order.key},
        **value,
    }
    answer = write(line, COUPONS, params, key=f"{order.key}-{coupon_id}-coupon")
    if not answer.is_success and error_of(answer).get("code") != "resource_already_exists":
        refuse(line, answer)
    return coupon_id


def _value(line: Line, order: FulfilmentOrder) -> dict[str, Any]:
    if order.form == Form.PERCENT_CODE:
        return {"percent_off": percent_of(line, order)}
    try:
        return {"amount_off": to_stripe(order.amount_minor, order.unit), "currency": order.unit.lower()}
    except NotAtStripe:
        line.refused("stripe_amount_step")


def _promotion(order: FulfilmentOrder, coupon_id: str, code: str) -> dict[str, Any]:
    return {
        "promotion": {"type": "coupon", "coupon": coupon_id},
        "code": code,
        "max_redemptions": 1,
        "expires_at": int(order.valid_until.timestamp()) if order.valid_until else None,
        "metadata": {META_KEY: order.key},
    }


def _mode(line: Line) -> str:
    return "test" if "_test_" in line.credentials["secret_key"] else "live"
