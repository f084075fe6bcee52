"""Orders, parcels and refunds in the shapes that Shopify sends (Admin API 2024-07)."""

from datetime import datetime, timedelta
from typing import Any

from .catalogue import BY_SLUG
from .money import CURRENCY, major
from .orders import Dispute, Line, Order, Parcel, Refund, RefundLine

API_VERSION = "2024-07"
EVIDENCE_TIME = timedelta(days=14)
TAX_TITLE = "MwSt"
TAX_RATE = 0.19  # only ever shown: amounts are computed from whole numbers
COUNTRIES = {
    "DE": "Germany",
    "AT": "Austria",
    "CH": "Switzerland",
    "DK": "Denmark",
    "FR": "France",
    "NL": "Netherlands",
    "SE": "Sweden",
    "GB": "United Kingdom",
    "US": "United States",
}

Json = dict[str, Any]


def order_payload(order: Order, *, shop_url: str) -> Json:
    return {
        **order_head(order, shop_url),
        **order_amounts(order),
        **order_amounts_now(order),
        "customer": customer_payload(order),
        "shipping_address": address_payload(order),
        "billing_address": address_payload(order),
        "discount_codes": discount_codes(order),
        "discount_applications": discount_applications(order),
        "note_attributes": note_attributes(order),
        "line_items": [line_payload(order, line) for line in order.lines],
        "shipping_lines": shipping_lines(order),
        "fulfillments": [parcel_payload(order, parcel) for parcel in order.parcels],
        "refunds": [refund_payload(order, refund) for refund in order.refunds],
    }


def order_head(order: Order, shop_url: str) -> Json:
    return {
        "id": order.id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
        "name": order.name,
        "number": order.number - 1000,
        "order_number": order.number,
        "token": order.token,
        "email": order.buyer.email,
        "contact_email": order.buyer.email,
        "phone": None,
        "currency": CURRENCY,
        "presentment_currency": CURRENCY,
        "created_at": stamp(order.created_at),
        "processed_at": stamp(order.created_at),
        "updated_at": stamp(order.updated_at),
        "cancelled_at": stamp(order.cancelled_at),
        "cancel_reason": "customer" if order.cancelled_at else None,
        "closed_at": None,
        "confirmed": True,
        "test": order.test,
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "landing_site": order.landing_site,
        "referring_site": order.client.referrer or None,
        "browser_ip": order.client.address or None,
        "client_details": {"browser_ip": order.client.address or None, "user_agent": order.client.agent or None},
        "source_name": "web",
        "note": None,
        "tags": "",
        "order_status_url": f"{shop_url}/thanks/{order.token}",
        "payment_gateway_names": ["bogus"] if order.paid_at else ["manual"],
    }


def order_amounts(order: Order) -> Json:
    """As they were when the order was placed."""
    gross = order.subtotal + order.discount
    return {
        "taxes_included": True,
        **priced("total_line_items_price", gross),
        **priced("subtotal_price", order.subtotal),
        **priced("total_discounts", order.discount),
        **priced("total_tax", order.tax),
        **priced("total_price", order.total),
        "total_shipping_price_set": money_set(order.shipping),
        "total_tip_received": "0.00",
        "total_outstanding": major(0 if order.paid_at or order.voided else order.kept_total),
        "tax_lines": tax_lines(order.tax),
    }


def order_amounts_now(order: Order) -> Json:
    """After edits, refunds and cancelling."""
    kept = [] if order.voided else order.lines
    return {
        **priced("current_subtotal_price", sum(line.kept_net for line in kept)),
        **priced("current_total_discounts", sum(line.kept_discount for line in kept)),
        **priced("current_total_tax", sum(line.kept_tax for line in kept) + order.kept_shipping_tax * bool(kept)),
        **priced("current_total_price", 0 if order.voided else order.kept_total),
    }


def line_payload(order: Order, line: Line) -> Json:
    product = BY_SLUG[line.product]
    return {
        "id": line.id,
        "product_id": product.product_id,
        "variant_id": product.variant_id,
        "title": product.title,
        "name": product.title,
        "variant_title": None,
        "sku": product.sku,
        "vendor": "Nordlicht Kaffee",
        "quantity": line.quantity,
        "current_quantity": line.kept,
        "fulfillable_quantity": 0 if order.cancelled_at else line.unshipped,
        "fulfillment_service": "manual",
        "fulfillment_status": line_status(line),
        "grams": product.grams,
        **priced("price", line.price),
        **priced("total_discount", 0),  # line discounts only; what a code takes off stands in the allocations
        "discount_allocations": discount_allocations(line),
        "taxable": not product.gift_card,
        "tax_lines": tax_lines(line.tax) if line.tax else [],
        "gift_card": product.gift_card,
        "requires_shipping": not product.gift_card,
        "product_exists": True,
        "properties": [],
    }


def line_status(line: Line) -> str | None:
    if not line.shipped:
        return None
    return "partial" if line.unshipped else "fulfilled"


def discount_allocations(line: Line) -> list[Json]:
    if not line.discount:
        return []
    return [{"discount_application_index": 0, **priced("amount", line.discount)}]


def discount_codes(order: Order) -> list[Json]:
    if order.code is None:
        return []
    return [{"code": order.code, "amount": major(order.discount), "type": order.code_kind}]


def discount_applications(order: Order) -> list[Json]:
    if order.code is None:
        return []
    percentage = order.code_kind == "percentage"
    return [
        {
            "type": "discount_code",
            "code": order.code,
            "value": f"{order.code_value}.0" if percentage else major(order.code_value),
            "value_type": order.code_kind,
            "allocation_method": "across",
            "target_type": "line_item",
            "target_selection": "all",
        }
    ]


def note_attributes(order: Order) -> list[Json]:
    return [{"name": "referral_token", "value": order.referral_token}] if order.referral_token else []


def shipping_lines(order: Order) -> list[Json]:
    title = "Standard" if order.shipping else "Free shipping"
    return [
        {
            "title": title,
            "code": title,
            "source": "shopify",
            **priced("price", order.shipping),
            "tax_lines": tax_lines(order.shipping_tax) if order.shipping_tax else [],
            "discount_allocations": [],
        }
    ]


def parcel_payload(order: Order, parcel: Parcel) -> Json:
    return {
        "id": parcel.id,
        "order_id": order.id,
        "name": parcel.name,
        "email": order.buyer.email,
        "service": "manual",
        "status": "success",
        "shipment_status": parcel.shipment_status,
        "created_at": stamp(parcel.created_at),
        "updated_at": stamp(parcel.updated_at),
        "tracking_company": "DHL",
        "tracking_number": f"NK{parcel.id}",
        "tracking_numbers": [f"NK{parcel.id}"],
        "line_items": [
            {**line_payload(order, order.line(line_id)), "quantity": quantity}
            for line_id, quantity in parcel.units.items()
        ],
    }


def refund_payload(order: Order, refund: Refund) -> Json:
    return {
        "id": refund.id,
        "order_id": order.id,
        "created_at": stamp(refund.created_at),
        "processed_at": stamp(refund.created_at),
        "note": refund.note,
        "restock": bool(refund.lines),
        "refund_line_items": [refund_line_payload(order, line) for line in refund.lines],
        "transactions": [transaction(order, refund)] if refund.moved else [],
        "order_adjustments": order_adjustments(order, refund),
    }


def refund_line_payload(order: Order, line: RefundLine) -> Json:
    return {
        "id": line.id,
        "line_item_id": line.line_id,
        "quantity": line.quantity,
        "restock_type": "return",
        "subtotal": number(line.subtotal),
        "subtotal_set": money_set(line.subtotal),
        "total_tax": number(line.tax),
        "total_tax_set": money_set(line.tax),
        "line_item": line_payload(order, order.line(line.line_id)),
    }


def transaction(order: Order, refund: Refund) -> Json:
    return {
        "id": refund.transaction_id,
        "order_id": order.id,
        "kind": "refund",
        "gateway": "bogus",
        "status": "success",
        "amount": major(refund.moved),
        "currency": CURRENCY,
        "created_at": stamp(refund.created_at),
        "test": order.test,
    }


def order_adjustments(order: Order, refund: Refund) -> list[Json]:
    """What a refund moved besides its lines. Money that goes back is negative here: moved = lines - adjustments."""
    rows = [
        ("shipping_refund", "Shipping refund", -refund.shipping, -refund.shipping_tax),
        ("refund_discrepancy", "Refund discrepancy", -refund.extra, 0),
    ]
    return [
        {
            "id": refund.id * 10 + index,
            "order_id": order.id,
            "refund_id": refund.id,
            "kind": kind,
            "reason": reason,
            **priced("amount", amount),
            **priced("tax_amount", tax),
        }
        for index, (kind, reason, amount, tax) in enumerate(rows)
        if amount
    ]


def dispute_payload(order: Order, dispute: Dispute) -> Json:
    return {
        "id": dispute.id,
        "order_id": order.id,
        "type": "chargeback",
        "amount": major(dispute.amount),
        "currency": CURRENCY,
        "reason": "product_not_received",
        "network_reason_code": "4855",
        "status": dispute.status,
        "initiated_at": stamp(dispute.initiated_at),
        "evidence_due_by": stamp(dispute.initiated_at + EVIDENCE_TIME),
        "evidence_sent_on": None,
        "finalized_on": stamp(dispute.finalized_at),
    }


def customer_payload(order: Order) -> Json:
    buyer = order.buyer
    return {
        "id": buyer.customer_id,
        "email": buyer.email,
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "orders_count": buyer.orders_count,
        "state": "disabled",
        "verified_email": True,
        "currency": CURRENCY,
    }


def address_payload(order: Order) -> Json:
    buyer = order.buyer
    return {
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "name": f"{buyer.first_name} {buyer.last_name}".strip(),
        "country": COUNTRIES.get(buyer.country, buyer.country),
        "country_code": buyer.country,
    }


def tax_lines(tax: int) -> list[Json]:
    return [{"title": TAX_TITLE, "rate": TAX_RATE, **priced("price", tax)}]


def priced(field: str, cents: int) -> Json:
    """An amount the way Shopify gives it: the plain field, and a set for shop and customer currency."""
    return {field: major(cents), f"{field}_set": money_set(cents)}


def money_set(cents: int) -> Json:
    money = {"amount": major(cents), "currency_code": CURRENCY}
    return {"shop_money": money, "presentment_money": dict(money)}


def number(cents: int) -> float:
    """Of all amounts Shopify writes these two of a refund's lines as numbers; nothing is computed with them."""
    return float(major(cents))


def stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
