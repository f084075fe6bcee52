"""The control API, for tests: switches, and the ledger of what was really given.

POST /_control/<provider> takes one JSON object; several of these at once are done in this order:
  {"reset": true}                    forget everything of this provider
  {"clear": true}                    switch all faults off
  {"fault": "slow"|"429"|"refuse"|"500"|"timeout", "seconds": 5, "times": 3 | "rate": 20, "seed": 7,
   "reason": "...", "on": "all"|"writes"}     switch one more on ("retry_after" is another name for "seconds");
                                     Shopify also has "throttled", Stripe "500-kept" (replayed under its key)
  {"faults": [{...}, {...}]}         several
  {"use": "CODE"}                    a customer used the code
  {"customer": {"email": "...", ...}}  somebody becomes a customer there (Stripe)
GET /_control/<provider> says what is switched on; GET /_control/<provider>/ledger and /calls what happened.
"""

from collections.abc import Mapping
from typing import Any

from demo.shop.http import BadRequest, NotFound, Response, Route, json_response, route

from .faults import read_fault, switch_off, switch_on, switched_on
from .provider import Provider, Visit
from .store import KEPT_CALLS, Store

KNOWN = ("reset", "clear", "fault", "faults", "use", "customer")
OF_A_FAULT = ("fault", "seconds", "retry_after", "times", "rate", "seed", "reason", "on")


def routes(providers: Mapping[str, Provider]) -> list[Route]:
    def named(name: str) -> Provider:
        if name not in providers:
            raise NotFound
        return providers[name]

    def switch(visit: Visit, name: str) -> Response:
        apply(visit.store, named(name), visit.request.json)
        return state(visit, name)

    def state(visit: Visit, name: str) -> Response:
        return json_response({"provider": named(name).name, "faults": switched_on(visit.store, name)})

    def ledger(visit: Visit, name: str) -> Response:
        return json_response({"given": visit.store.ledger(named(name).name)})

    def calls(visit: Visit, name: str) -> Response:
        return json_response({"calls": visit.store.calls(named(name).name, newest=KEPT_CALLS)})

    return [
        route("GET", "/_control/<name>", state),
        route("POST", "/_control/<name>", switch),
        route("GET", "/_control/<name>/ledger", ledger),
        route("GET", "/_control/<name>/calls", calls),
        route("GET", "/health", lambda visit: Response("ok", content_type="text/plain; charset=utf-8")),
    ]


def apply(store: Store, provider: Provider, wishes: Mapping[str, Any]) -> None:
    unknown = set(wishes) - {*KNOWN, *OF_A_FAULT}
    if unknown or not wishes:
        raise BadRequest(f"Unknown: {', '.join(sorted(unknown))}." if unknown else "Say what to do.")
    if wishes.get("reset"):
        store.forget(provider.name)
    if wishes.get("clear"):
        switch_off(store, provider.name)
    if "fault" in wishes:
        switch_on(store, provider.name, checked(provider, wishes))
    for each in wishes.get("faults") or []:
        switch_on(store, provider.name, checked(provider, each))
    if "use" in wishes and not provider.use(store, str(wishes["use"])):
        raise BadRequest(f"Nothing that could be used is called {wishes['use']}.")
    if "customer" in wishes:
        provider.add_customer(store, wishes["customer"])


def checked(provider: Provider, wishes: Mapping[str, Any]) -> Any:
    fault = read_fault(wishes)
    if fault.kind not in provider.faults:
        raise BadRequest(f"{provider.title} cannot misbehave like this: {fault.kind}.")
    if fault.reason and fault.reason not in provider.refusals:
        raise BadRequest(f"{provider.title} refuses for: {', '.join(provider.refusals)}.")
    return fault
