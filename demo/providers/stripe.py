"""Stripe, as far as rewards need it: promotion codes, credit on a customer's balance, and keys that repeat nothing."""

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from demo.shop.http import Response, json_response, route

from . import stripe_codes, stripe_customers
from .faults import ERROR, KEPT_ERROR, LIMIT, REFUSE, SLOW, TIMEOUT, Fault
from .provider import Provider, Visit
from .store import Store
from .stripe_api import NAME, Problem, Saved, error, keep_answer, kept_answer, key_of, random_text

SECRET = "sk_test_demo"


def account(visit: Visit) -> Response:
    return json_response(
        {
            "id": "acct_1NordlichtKaffeeD",
            "object": "account",
            "business_profile": {"name": "Nordlicht Kaffee", "url": None},
            "charges_enabled": True,
            "country": "DE",
            "default_currency": "eur",
            "details_submitted": True,
            "email": "shop@nordlicht.example",
            "payouts_enabled": True,
            "settings": {"dashboard": {"display_name": "Nordlicht Kaffee", "timezone": "Europe/Berlin"}},
            "type": "standard",
        }
    )


def bearer(authorization: str) -> str:
    """The key comes as a bearer token or as the user name of Basic."""
    scheme, _space, rest = authorization.partition(" ")
    if scheme.lower() != "basic":
        return rest.strip()
    try:
        return base64.b64decode(rest).decode("utf-8", "replace").partition(":")[0]
    except ValueError:
        return ""


class Stripe(Provider):
    name = NAME
    title = "Stripe"
    faults = (SLOW, LIMIT, REFUSE, ERROR, KEPT_ERROR, TIMEOUT)
    routes = [route("GET", "/v1/account", account), *stripe_codes.ROUTES, *stripe_customers.ROUTES]
    refusals: ClassVar[Mapping[str, Any]] = {
        "restricted": lambda visit: error(
            "The provided key 'sk_test_****demo' does not have the required permissions for this endpoint on account "
            "'acct_1NordlichtKaffeeD'. Having the 'promotion_code_write' permission would allow this request to "
            "continue.",
            status=403,
            code="more_permissions_required",
        ),
        "missing": lambda visit: error("No such coupon: 'gone'", code="resource_missing", param="coupon"),
        "card": lambda visit: error("Your card was declined.", status=402, kind="card_error", code="card_declined"),
    }

    def __init__(self) -> None:
        self.under_way: set[str] = set()
        self.guard = threading.Lock()

    @contextmanager
    def entered(self, visit: Visit) -> Iterator[Response | None]:
        """One call per key at a time: whoever comes while it runs is told so."""
        key = key_of(visit.request)
        with self.guard:
            busy = bool(key) and key in self.under_way
            if key:
                self.under_way.add(key)
        if busy:
            yield error(
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                f"submitted twice, and the other request is still going through): {key}. Please try again later.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
            return
        try:
            yield None
        finally:
            with self.guard:
                self.under_way.discard(key)

    def refuse_stranger(self, visit: Visit) -> Response | None:
        given = bearer(visit.request.environ.get("HTTP_AUTHORIZATION", ""))
        if given == SECRET:
            return None
        if not given:
            return error("You did not provide an API key.", status=401)
        return error(f"Invalid API Key provided: {given[:8]}****{given[-4:]}", status=401)

    def answer(self, visit: Visit) -> Response:
        """A repeated key gets its first answer, errors too; a new one is remembered with what came of it."""
        kept = kept_answer(visit)
        if kept is not None:
            return kept
        try:
            response = super().answer(visit)
        except Problem as problem:
            return problem.response
        response.headers.append(("Request-Id", f"req_{random_text(14)}"))
        keep_answer(visit.store, visit.request, response)
        return response

    def fault(self, visit: Visit, fault: Fault) -> Response:
        """Stripe remembers a breakdown of its own too, once the work has begun."""
        if fault.kind != KEPT_ERROR:
            return super().fault(visit, fault)
        kept = kept_answer(visit)
        if kept is None:
            kept = self.broken(visit)
            keep_answer(visit.store, visit.request, kept)
        return kept

    def failed(self, visit: Visit, response: Response) -> None:
        if isinstance(response, Saved):
            keep_answer(visit.store, visit.request, response)

    def not_found(self, visit: Visit) -> Response:
        request = visit.request
        path = request.path.removeprefix(f"/{NAME}")
        return error(f"Unrecognized request URL ({request.method}: {path}).", status=404)

    def limited(self, visit: Visit) -> Response:
        return error("Request rate limit exceeded.", status=429, code="rate_limit")

    def broken(self, visit: Visit) -> Response:
        return error("An unknown error occurred.", status=500, kind="api_error")

    def use(self, store: Store, voucher: str) -> bool:
        return stripe_codes.redeem(store, voucher)

    def add_customer(self, store: Store, values: Mapping[str, Any]) -> None:
        stripe_customers.customer_from(store, values)
