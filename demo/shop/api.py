"""The buttons once more as JSON, for whatever drives the shop from outside."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from .browser import Client
from .catalogue import BY_SLUG
from .codes import code_from_json
from .desk import Done, Purchase
from .hooks import hooks_of, queue_again
from .http import BadRequest, NotFound, Response, json_response, route
from .orders import Order, Refused
from .payloads import order_payload
from .visit import Visit

Json = dict[str, Any]
LONGEST_CLIENT = 1000


def place_order(visit: Visit) -> Response:
    """{email, name, country, lines: [{product, quantity}], code, landing, token, ip, agent, referrer, paid=true,
    test=false}"""
    data = visit.request.json
    lines = [(str(line.get("product", "")), number_in(line, "quantity", 1)) for line in objects_in(data, "lines")]
    purchase = Purchase(
        email=str(data.get("email") or ""),
        name=str(data.get("name") or ""),
        country=str(data.get("country") or "DE"),
        lines=lines,
        code=str(data.get("code") or ""),
        landing_site=str(data.get("landing") or ""),
        referral_token=str(data.get("token") or ""),
        client=Client(*(str(data.get(name) or "")[:LONGEST_CLIENT] for name in ("ip", "agent", "referrer"))),
        test=bool(data.get("test", False)),
    )
    return answer(visit.desk.place_order(purchase, paid=bool(data.get("paid", True))), status=201)


def show_order(visit: Visit, order_id: int) -> Response:
    order = visit.store.order(order_id)
    if order is None:
        raise NotFound
    hooks = [
        {key: hook[key] for key in ("webhook_id", "event_id", "topic", "state", "status", "attempts")}
        for hook in hooks_of(visit.store, order_id)
    ]
    return json_response({"order": order_payload(order, shop_url=visit.desk.shop_url), "hooks": hooks})


def verb(act: Callable[[Visit, Order, Json], Done]) -> Callable[..., Response]:
    def view(visit: Visit, order_id: int) -> Response:
        order = visit.store.order(order_id)
        if order is None:
            raise NotFound
        return answer(act(visit, order, visit.request.json))

    return view


def pay(visit: Visit, order: Order, data: Json) -> Done:
    return visit.desk.pay(order.id)


def ship(visit: Visit, order: Order, data: Json) -> Done:
    """{parcels: 1 | 2} or {lines: [{line | product, quantity}]}; nothing given: all that is left in one parcel."""
    units = units_in(order, data)
    return visit.desk.ship(order.id, parcels=2 if data.get("parcels") == 2 else 1, units=units or None)


def deliver(visit: Visit, order: Order, data: Json) -> Done:
    """{parcel: id}; nothing given: every parcel under way."""
    return visit.desk.deliver(order.id, parcel_id=number_in(data, "parcel", 0) or None)


def refund(visit: Visit, order: Order, data: Json) -> Done:
    """{all: true}, {amount_minor} or {lines: [{line | product, quantity}], shipping=false}; with a note"""
    note = str(data.get("note") or "")
    if data.get("all"):
        return visit.desk.refund_all(order.id, note=note)
    if "amount_minor" in data:
        return visit.desk.refund_amount(order.id, number_in(data, "amount_minor", 0), note=note)
    units = units_in(order, data)
    return visit.desk.refund_lines(order.id, units, note=note, with_shipping=bool(data.get("shipping")))


def dispute(visit: Visit, order: Order, data: Json) -> Done:
    """{} or {amount_minor} opens one; {dispute: id, won: true | false} ends it."""
    if "dispute" in data:
        return visit.desk.close_dispute(order.id, number_in(data, "dispute", 0), won=bool(data.get("won")))
    amount = number_in(data, "amount_minor", 0) if "amount_minor" in data else None
    return visit.desk.open_dispute(order.id, amount)


def cancel(visit: Visit, order: Order, data: Json) -> Done:
    return visit.desk.cancel(order.id)


def edit(visit: Visit, order: Order, data: Json) -> Done:
    """{remove: line id or product}"""
    return visit.desk.remove_line(order.id, line_id_of(order, data.get("remove")))


def add_codes(visit: Visit) -> Response:
    """{codes: [{code, percent | amount_minor, single_use}]}: all or none; those that exist are left as they are."""
    codes = [code_from_json(data) for data in objects_in(visit.request.json, "codes")]
    created = [code.code for code in codes if visit.store.add_code(code)]
    existing = [code.code for code in codes if code.code not in created]
    return json_response({"created": created, "existing": existing}, status=201)


def send_again(visit: Visit, webhook: str) -> Response:
    if not queue_again(visit.store, webhook):
        raise NotFound
    return json_response({"webhook_id": webhook, "state": "WAITING"})


def answer(done: Done, *, status: int = 200) -> Response:
    order = done.order
    data = {
        "id": order.id,
        "number": order.number,
        "name": order.name,
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "total_minor": order.total,
        "refunded_minor": order.refunded,
        "hooks": done.hooks,
        **done.extra,
    }
    return json_response(data, status=status)


def units_in(order: Order, data: Json) -> dict[int, int]:
    if "lines" not in data:
        return {}
    return {
        line_id_of(order, line.get("line", line.get("product"))): number_in(line, "quantity", 1)
        for line in objects_in(data, "lines")
    }


def line_id_of(order: Order, wanted: Any) -> int:
    """A line is named by its id or by its product."""
    if isinstance(wanted, str) and wanted in BY_SLUG:
        ids = [line.id for line in order.lines if line.product == wanted]
        if ids:
            return ids[0]
    if isinstance(wanted, int):
        return wanted
    raise Refused(_("This order has no such line."))


def objects_in(data: Json, name: str) -> list[Json]:
    items = data.get(name)
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise BadRequest(_("%(name)s must be a list of objects.") % {"name": name})
    return items


def number_in(data: Json, name: str, default: int) -> int:
    value = data.get(name, default)
    if type(value) is not int:
        raise BadRequest(_("%(name)s must be a whole number.") % {"name": name})
    return value


ROUTES = [
    route("POST", "/admin/api/orders", place_order),
    route("GET", "/admin/api/orders/<int:order_id>", show_order),
    route("POST", "/admin/api/orders/<int:order_id>/pay", verb(pay)),
    route("POST", "/admin/api/orders/<int:order_id>/ship", verb(ship)),
    route("POST", "/admin/api/orders/<int:order_id>/deliver", verb(deliver)),
    route("POST", "/admin/api/orders/<int:order_id>/refund", verb(refund)),
    route("POST", "/admin/api/orders/<int:order_id>/dispute", verb(dispute)),
    route("POST", "/admin/api/orders/<int:order_id>/cancel", verb(cancel)),
    route("POST", "/admin/api/orders/<int:order_id>/edit", verb(edit)),
    route("POST", "/admin/api/hooks/<webhook>/again", send_again),
    route("POST", "/admin/codes.json", add_codes),
]
