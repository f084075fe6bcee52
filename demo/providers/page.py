"""The page for people: switches per provider, what was given, the last calls. Works without JavaScript."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from demo.shop.http import BadRequest, NotFound, Response, Route, redirect, route
from demo.shop.rendering import HERE as SHOP

from . import control
from .faults import ALL, ERROR, KEPT_ERROR, LIMIT, REFUSE, SLOW, THROTTLED, TIMEOUT, WRITES, switched_on
from .provider import NO_DIGITS, THREE_DIGITS, Provider, Visit
from .store import Document
from .stripe_customers import PRICE, STRANGER

SAFETY = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
]
ENGINE = Engine(
    dirs=[str(Path(__file__).parent / "templates")],
    builtins=["django.templatetags.i18n", "demo.shop.rendering"],
)
SHOWN = 8  # gifts and calls per provider
HERE = Path(__file__).parent
FILES = {"shop.css": SHOP, "mark.svg": SHOP, "providers.css": HERE}

FAULTS: dict[str, Callable[[], str]] = {
    SLOW: lambda: _("Slow: answers after some seconds"),
    LIMIT: lambda: _("429: too many calls, come back after some seconds"),
    THROTTLED: lambda: _("Throttled: Shopify's own way to say too many, with status 200"),
    REFUSE: lambda: _("Refuses: says no for good, in the service's own words"),
    ERROR: lambda: _("500: breaks down before it does anything"),
    KEPT_ERROR: lambda: _("500, remembered: breaks down and answers the same to the same key for a day"),
    TIMEOUT: lambda: _("Succeeds, then times out: gives, but cuts the line without an answer"),
}
SAID: dict[str, Callable[[], str]] = {
    "on": lambda: _("Switched on."),
    "off": lambda: _("All faults are switched off."),
    "used": lambda: _("Marked as used."),
    "reset": lambda: _("Everything it gave and heard is forgotten."),
    "customer": lambda: _("The customer is there."),
}
CREDENTIALS = {
    "shopify": "shpat_demo",
    "woocommerce": "ck_demo, cs_demo",
    "stripe": "sk_test_demo",
    "giftcards": "TEST_demo",
}


def routes(providers: Mapping[str, Provider]) -> list[Route]:
    """Every button posts to /page/<provider>/<what>, and comes back to the page."""

    def front(visit: Visit) -> Response:
        return shown(visit, providers)

    def press(visit: Visit, name: str, what: str) -> Response:
        if name not in providers or what not in SAID:
            raise NotFound
        try:
            control.apply(visit.store, providers[name], wishes(what, visit.request.form))
        except BadRequest as refused:
            return shown(visit, providers, error=str(refused))
        return redirect(f"/?said={what}#{name}")

    return [
        route("GET", "/", front),
        route("POST", "/page/<name>/<what>", press),
        route("GET", "/static/<name>", style),
    ]


def wishes(what: str, form: Mapping[str, str]) -> dict[str, Any]:
    """A pressed button in the words of the control API."""
    if what == "on":
        unmeant = {"times" if form.get("how") == "rate" else "rate"}
        unmeant |= set() if form.get("fault") == REFUSE else {"reason"}
        return {name: form[name] for name in control.OF_A_FAULT if form.get(name) and name not in unmeant}
    if what == "used":
        return {"use": form.get("voucher", "").strip()}
    if what == "customer":
        return {"customer": {name: form[name] for name in ("email", "price", "currency") if form.get(name)}}
    return {"reset": True} if what == "reset" else {"clear": True}


def style(visit: Visit, name: str) -> Response:
    """The test shop's look, and a little of our own."""
    if name not in FILES:
        raise NotFound
    content_type = "image/svg+xml" if name.endswith(".svg") else "text/css; charset=utf-8"
    file = FILES[name] / "static" / name
    return Response(file.read_bytes(), content_type=content_type, headers=[("Cache-Control", "no-cache")])


def shown(visit: Visit, providers: Mapping[str, Provider], *, error: str = "") -> Response:
    said = visit.request.query.get("said", "")
    values = {
        "providers": [described(visit, each) for each in providers.values()],
        "faults": [words().split(": ", 1) for words in FAULTS.values()],
        "said": SAID[said]() if said in SAID and not error else "",
        "error": error,
        "stranger": STRANGER,
        "price": f"{PRICE / 100:.2f}",
        "all": ALL,
        "writes": WRITES,
    }
    page = ENGINE.get_template("page.html").render(Context(values, use_l10n=False, use_tz=False))
    return Response(str(page), 400 if error else 200)


def described(visit: Visit, provider: Provider) -> dict[str, Any]:
    store, name = visit.store, provider.name
    return {
        "name": name,
        "title": provider.title,
        "address": f"http://{visit.request.host}/{name}",
        "credentials": CREDENTIALS.get(name, ""),
        "faults": [(kind, FAULTS[kind](), short(kind)) for kind in FAULTS if kind in provider.faults],
        "reasons": list(provider.refusals),
        "on": [fault_words(each) for each in switched_on(store, name)],
        "given": [gift_words(each) for each in store.ledger(name, newest=SHOWN)],
        "count": store.count_gifts(name),
        "calls": [call_words(each) for each in store.calls(name, newest=SHOWN)],
        "has_customers": name == "stripe",
    }


def short(kind: str) -> str:
    """The words before the colon, for a button."""
    return FAULTS[kind]().split(": ", 1)[0]


def fault_words(fault: Mapping[str, Any]) -> str:
    """One switch that is on: what it does, how often, to which calls."""
    if fault["rate"] is not None:
        often = _("%(rate)g percent of the calls, seed %(seed)s") % fault
    else:
        often = ngettext("the next call", "the next %(left)s calls", fault["left"]) % fault
    which = _("only calls that change something") if fault["on"] == WRITES else _("all calls")
    parts = [FAULTS[fault["kind"]](), often, which, fault["reason"]]
    if fault["seconds"]:
        parts.insert(1, _("%g seconds") % fault["seconds"])
    return ", ".join(part for part in parts if part)


def gift_words(gift: Document) -> dict[str, Any]:
    usable = not gift["disabled"] and not gift["used"] and gift["amount"] > 0 and gift["kind"] != "balance"
    at = datetime.fromtimestamp(gift["at"], UTC)
    return {**gift, "worth": worth(gift["amount"], gift["unit"]), "at": at, "usable": usable}


def worth(amount: int, unit: str) -> str:
    """An amount as people write it: 12.5%, 19.00 EUR."""
    if unit == "PERCENT":
        return f"{amount / 100:g}%"
    if unit in ("FREE_SHIPPING", "PRODUCT"):
        return _("free shipping") if unit == "FREE_SHIPPING" else _("a free product")
    digits = 0 if unit in NO_DIGITS.split() or len(unit) != 3 else 3 if unit in THREE_DIGITS.split() else 2
    return f"{amount / 10**digits:.{digits}f} {unit}".strip()


def call_words(call: Document) -> dict[str, Any]:
    return {**call, "at": datetime.fromtimestamp(call["at"], UTC)}
