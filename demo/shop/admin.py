"""The merchant's side of the shop: orders, codes, the connection, sent hooks. Open to whoever reaches it."""

import json
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from .catalogue import BY_SLUG
from .codes import code_from_form, code_list, codes_csv
from .connection import checked
from .desk import Done
from .disputes import disputable
from .hooks import hook_by_id, hooks_of, latest_hooks, queue_again
from .http import NotFound, Response, json_response, redirect, route
from .money import cents_from, major
from .orders import Refused
from .visit import Visit

SAID = {
    "pay": lambda: _("Marked as paid."),
    "ship": lambda: _("Shipped."),
    "deliver": lambda: _("Delivered."),
    "refund": lambda: _("Refunded."),
    "cancel": lambda: _("Cancelled."),
    "dispute": lambda: _("The dispute is told."),
    "edit": lambda: _("Line removed."),
    "again": lambda: _("The hook is sent again."),
    "flushed": lambda: _("Waiting hooks were tried."),
    "saved": lambda: _("Saved."),
    "added": lambda: _("Code added."),
}


def said(visit: Visit) -> str:
    word = visit.request.query.get("said", "")
    return SAID[word]() if word in SAID else ""


def front(visit: Visit) -> Response:
    return redirect("/admin/orders")


def orders(visit: Visit) -> Response:
    return visit.page("admin/orders.html", orders=visit.store.orders())


def order(visit: Visit, order_id: int) -> Response:
    return order_page(visit, order_id)


def order_page(visit: Visit, order_id: int, *, error: str = "") -> Response:
    found = visit.store.order(order_id)
    if found is None:
        raise NotFound
    return visit.page(
        "admin/order.html",
        status=422 if error else 200,
        order=found,
        products=BY_SLUG,
        error=error,
        said=said(visit),
        hooks=hooks_of(visit.store, order_id),
        left_to_refund=major(found.refundable),
        can_dispute=found.paid_at is not None and disputable(found) > 0,
    )


def verb(word: str, act: Callable[[Visit, int], Done]) -> Callable[..., Response]:
    """A button on the order page: do it and show the order again, or show why not."""

    def view(visit: Visit, order_id: int) -> Response:
        if visit.store.order(order_id) is None:
            raise NotFound
        try:
            act(visit, order_id)
        except Refused as refused:
            return order_page(visit, order_id, error=str(refused))
        return redirect(f"/admin/orders/{order_id}?said={word}")

    return view


def ship(visit: Visit, order_id: int) -> Done:
    return visit.desk.ship(order_id, parcels=2 if visit.request.form.get("parcels") == "2" else 1)


def deliver(visit: Visit, order_id: int) -> Done:
    parcel = visit.request.form.get("parcel", "")
    return visit.desk.deliver(order_id, parcel_id=int(parcel) if parcel.isdigit() else None)


def refund(visit: Visit, order_id: int) -> Done:
    """By lines (fields `line-<id>`), by an amount, or all of it, as `how` says."""
    form, note = visit.request.form, visit.request.form.get("note", "").strip()
    if form.get("how") == "all":
        return visit.desk.refund_all(order_id, note=note)
    if form.get("how") == "amount":
        return visit.desk.refund_amount(order_id, cents_in(form.get("amount", "")), note=note)
    shipping = form.get("shipping") == "on"
    return visit.desk.refund_lines(order_id, units_in(form), note=note, with_shipping=shipping)


def dispute(visit: Visit, order_id: int) -> Done:
    """`how` opens one, or ends the `dispute` named: won or lost."""
    form = visit.request.form
    if form.get("how") == "open":
        return visit.desk.open_dispute(order_id)
    named = form.get("dispute", "")
    return visit.desk.close_dispute(order_id, int(named) if named.isdigit() else 0, won=form.get("how") == "won")


def units_in(form: dict[str, str]) -> dict[int, int]:
    fields = ((name.removeprefix("line-"), count) for name, count in form.items() if name.startswith("line-"))
    return {int(line): int(count) for line, count in fields if line.isdigit() and count.isdigit() and int(count)}


def cents_in(text: str) -> int:
    try:
        return cents_from(text)
    except ValueError:
        raise Refused(_("Write the amount like 12.90.")) from None


def edit(visit: Visit, order_id: int) -> Done:
    line = visit.request.form.get("line", "")
    return visit.desk.remove_line(order_id, int(line) if line.isdigit() else 0)


def codes(visit: Visit, *, error: str = "", form: dict[str, str] | None = None) -> Response:
    return visit.page(
        "admin/codes.html",
        status=422 if error else 200,
        codes=visit.store.codes(),
        error=error,
        said=said(visit),
        form=form or {},
    )


def add_code(visit: Visit) -> Response:
    form = visit.request.form
    try:
        code = code_from_form(form)
        if not visit.store.add_code(code):
            raise Refused(_("There is a code of this name already."))
    except Refused as refused:
        return codes(visit, error=str(refused), form=form)
    return redirect("/admin/codes?said=added")


def download_csv(visit: Visit) -> Response:
    return download(codes_csv(visit.store.codes()), "text/csv; charset=utf-8", "nordlicht-codes.csv")


def download_list(visit: Visit) -> Response:
    return download(code_list(visit.store.codes(), visit.desk.now), "text/plain; charset=utf-8", "nordlicht-codes.txt")


def download(text: str, content_type: str, name: str) -> Response:
    headers = [("Content-Disposition", f'attachment; filename="{name}"')]
    return Response(text, content_type=content_type, headers=headers)


def connection(visit: Visit, *, error: str = "", form: dict[str, str] | None = None) -> Response:
    return visit.page("admin/connection.html", status=422 if error else 200, error=error, form=form, said=said(visit))


def connect(visit: Visit) -> Response:
    """JSON changes the given fields; the form gives all of them, and an empty secret in it means the old one."""
    if visit.request.is_json:
        visit.store.save_settings(checked(visit.request.json))
        return json_response({"saved": sorted(visit.request.json)})
    form = {"hold_hooks": "0"} | visit.request.form
    values = {name: value for name, value in form.items() if name != "hook_secret" or value}
    try:
        visit.store.save_settings(checked(values))
    except Refused as refused:
        return connection(visit, error=str(refused), form=form)
    return redirect("/admin/connection?said=saved")


def hooks(visit: Visit) -> Response:
    return visit.page("admin/hooks.html", hooks=latest_hooks(visit.store), said=said(visit))


def hook(visit: Visit, webhook: str) -> Response:
    found = hook_by_id(visit.store, webhook)
    if found is None:
        raise NotFound
    body = json.dumps(json.loads(found["body"]), indent=2, ensure_ascii=False)
    return visit.page("admin/hook.html", hook=found, body=body, said=said(visit))


def send_again(visit: Visit, webhook: str) -> Response:
    if not queue_again(visit.store, webhook):
        raise NotFound
    return redirect(f"/admin/hooks/{webhook}?said=again")


def flush(visit: Visit) -> Response:
    """For people a button, for tests an answer in JSON: {"newest_first": true} turns the order round."""
    if not visit.request.is_json and visit.request.body:
        visit.sender.flush()
        return redirect("/admin/hooks?said=flushed")
    wishes: dict[str, Any] = visit.request.json
    return json_response(visit.sender.flush(newest_first=bool(wishes.get("newest_first"))))


ROUTES = [
    route("GET", "/admin", front),
    route("GET", "/admin/orders", orders),
    route("GET", "/admin/orders/<int:order_id>", order),
    route("POST", "/admin/orders/<int:order_id>/pay", verb("pay", lambda visit, pk: visit.desk.pay(pk))),
    route("POST", "/admin/orders/<int:order_id>/ship", verb("ship", ship)),
    route("POST", "/admin/orders/<int:order_id>/deliver", verb("deliver", deliver)),
    route("POST", "/admin/orders/<int:order_id>/refund", verb("refund", refund)),
    route("POST", "/admin/orders/<int:order_id>/dispute", verb("dispute", dispute)),
    route("POST", "/admin/orders/<int:order_id>/cancel", verb("cancel", lambda visit, pk: visit.desk.cancel(pk))),
    route("POST", "/admin/orders/<int:order_id>/edit", verb("edit", edit)),
    route("GET", "/admin/codes", codes),
    route("POST", "/admin/codes", add_code),
    route("GET", "/admin/codes.csv", download_csv),
    route("GET", "/admin/codes.txt", download_list),
    route("GET", "/admin/connection", connection),
    route("POST", "/admin/connection", connect),
    route("GET", "/admin/hooks", hooks),
    route("POST", "/admin/hooks/flush", flush, writes=False),
    route("GET", "/admin/hooks/<webhook>", hook),
    route("POST", "/admin/hooks/<webhook>/again", send_again),
]
