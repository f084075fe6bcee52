"""What buyers see."""

from typing import Any

from django.utils.translation import gettext as _

from .catalogue import BY_SLUG, PRODUCTS
from .desk import MOST_OF_ONE, Purchase, normal_code
from .http import BadRequest, NotFound, Response, own_path, redirect, route
from .orders import Refused
from .payloads import COUNTRIES
from .visit import CODE, LANDING, Visit, set_cart

MONTH = 30 * 86400


def home(visit: Visit) -> Response:
    return visit.page("home.html", products=PRODUCTS, code=visit.code())


def product(visit: Visit, slug: str) -> Response:
    if slug not in BY_SLUG:
        raise NotFound
    return visit.page("product.html", product=BY_SLUG[slug])


def cart(visit: Visit) -> Response:
    return visit.page("cart.html", most=MOST_OF_ONE, **priced(visit, visit.code()))


def add_to_cart(visit: Visit) -> Response:
    form = visit.request.form
    slug, quantity = form.get("product", ""), whole_number(form.get("quantity", "1"))
    if slug not in BY_SLUG:
        raise NotFound
    lines = dict(visit.cart_lines())
    lines[slug] = min(lines.get(slug, 0) + max(quantity, 1), MOST_OF_ONE)
    return set_cart(redirect("/cart"), list(lines.items()))


def change_cart(visit: Visit) -> Response:
    """Quantities by product; 0 takes a line out. `remove` names one line to take out."""
    form = visit.request.form
    lines = [(slug, whole_number(form.get(slug, str(before)))) for slug, before in visit.cart_lines()]
    kept = [(slug, min(count, MOST_OF_ONE)) for slug, count in lines if count > 0 and slug != form.get("remove")]
    return set_cart(redirect("/cart"), kept)


def use_code(visit: Visit) -> Response:
    response = redirect("/cart")
    response.set_cookie(CODE, normal_code(visit.request.form.get("code", ""))[:64], max_age=MONTH)
    return response


def discount(visit: Visit, code: str) -> Response:
    """Shopify's discount link: remembers the code and goes on to a page of the shop."""
    response = redirect(own_path(visit.request.query.get("redirect", "/")))
    response.set_cookie(CODE, normal_code(code)[:64], max_age=MONTH)
    return response


def checkout(visit: Visit) -> Response:
    if not visit.cart_lines():
        return redirect("/cart")
    return checkout_page(visit, {"country": "DE", "pay": "now", "code": visit.code()})


def buy(visit: Visit) -> Response:
    form = visit.request.form
    try:
        done = visit.desk.place_order(purchase_from(visit), paid=form.get("pay", "now") == "now")
    except Refused as refused:
        return checkout_page(visit, form, error=str(refused))
    response = set_cart(redirect(f"/thanks/{done.order.token}"), [])
    response.set_cookie(CODE, "", max_age=0)
    return response


def checkout_page(visit: Visit, form: dict[str, str], *, error: str = "") -> Response:
    values = priced(visit, form.get("code", ""), email=form.get("email", ""))
    status = 422 if error else 200
    return visit.page("checkout.html", status=status, form=form, countries=COUNTRIES, error=error, **values)


def purchase_from(visit: Visit) -> Purchase:
    form = visit.request.form
    return Purchase(
        email=form.get("email", ""),
        name=form.get("name", ""),
        country=form.get("country", ""),
        lines=visit.cart_lines(),
        code=form.get("code", ""),
        landing_site=visit.request.cookies.get(LANDING, ""),
        referral_token=form.get("referral_token", ""),
        client=visit.request.client,
    )


def priced(visit: Visit, code: str, *, email: str = "") -> dict[str, Any]:
    """The cart with the code if it can be used, and else without it and the reason why."""
    try:
        return {"cart": visit.desk.cart(visit.cart_lines(), visit.desk.usable_code(code, email=email)), "code": code}
    except Refused as refused:
        return {"cart": visit.desk.cart(visit.cart_lines(), None), "code": code, "code_error": str(refused)}


def thanks(visit: Visit, token: str) -> Response:
    order = visit.store.order_by_token(token)
    if order is None:
        raise NotFound
    who_link = visit.desk.connection.who_link(order.id)
    return visit.page("thanks.html", order=order, products=BY_SLUG, who_link=who_link)


def whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise BadRequest(_("Quantities are whole numbers."))
    return int(text)


ROUTES = [
    route("GET", "/", home),
    route("GET", "/products/<slug>", product),
    route("GET", "/cart", cart),
    route("POST", "/cart/add", add_to_cart),
    route("POST", "/cart", change_cart),
    route("POST", "/cart/code", use_code),
    route("GET", "/discount/<code>", discount),
    route("GET", "/checkout", checkout),
    route("POST", "/checkout", buy),
    route("GET", "/thanks/<token>", thanks),
]
