"""All simulated providers behind one address: finds whose call it is, lets faults hit it, keeps what it did."""

import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from demo.shop.app import LOOPBACK
from demo.shop.http import BadRequest, Environ, NotFound, Request, Response, find, json_response

from . import control, page
from .faults import TIMEOUT, Hit, draw
from .giftcards import GiftCards
from .provider import Provider, Visit
from .shopify import Shopify
from .store import Store
from .stripe import Stripe
from .webhook import Webhook
from .woocommerce import WooCommerce

PROVIDERS: tuple[Provider, ...] = (Shopify(), WooCommerce(), Stripe(), GiftCards(), Webhook())
CUT_OFF = 0  # the status noted for a call whose answer never left

#: Gives False when whoever asked has gone, True when the seconds are over.
Wait = Callable[[float], bool]


class CutOff(Exception):
    """The line is cut without an answer."""


class Undone(Exception):
    """Carries an answer of 400 or above out of the transaction, so that nothing of it is kept."""

    def __init__(self, response: Response) -> None:
        self.response = response


class App:
    def __init__(self, data: Path) -> None:
        self.store = Store(data / "providers.sqlite3")
        self.providers = {each.name: each for each in PROVIDERS}
        self.stopping = threading.Event()

    def close(self) -> None:
        self.stopping.set()
        self.store.close()

    def answer(self, environ: Environ, wait: Wait) -> Response:
        """`wait` holds the call for some seconds. Raises CutOff where no answer is to leave."""
        try:
            request = Request(environ)
        except BadRequest as error:
            return json_response({"error": str(error)}, status=400)
        visit = Visit(request, self.store)
        provider = self.providers.get(request.path.split("/")[1])
        return self.serve(visit, provider, wait) if provider else self.own(visit)

    # A provider's own address

    def serve(self, visit: Visit, provider: Provider, wait: Wait) -> Response:
        request = visit.request
        with self.store.transaction():
            hit = draw(self.store, provider.name, is_write=provider.is_write(request))
            call = self.store.note_call(provider.name, request.method, request.address, hit.label)
        with provider.entered(visit) as forbidden:
            response = forbidden or self.hit_or_work(visit, provider, hit, wait)
        cut = hit.fault is not None and hit.fault.kind == TIMEOUT
        with self.store.transaction():
            self.store.note_answer(call, CUT_OFF if cut else response.status)
        if cut and hit.fault:
            wait(hit.fault.seconds)
            raise CutOff
        return response

    def hit_or_work(self, visit: Visit, provider: Provider, hit: Hit, wait: Wait) -> Response:
        """Who asked and went away while it was slow still gets the work done, as with a real service."""
        if hit.slow:
            wait(hit.slow)
        if stranger := provider.refuse_stranger(visit):
            return stranger
        if hit.fault and hit.fault.kind != TIMEOUT:
            with self.store.transaction():
                return provider.fault(visit, hit.fault)
        return self.work(visit, provider)

    def work(self, visit: Visit, provider: Provider) -> Response:
        try:
            with self.store.transaction():
                response = provider.answer(visit)
                if response.status >= 400:
                    raise Undone(response)
        except Undone as undone:
            response = undone.response
            with self.store.transaction():
                provider.failed(visit, response)
        return response

    # The page and the control API

    def own(self, visit: Visit) -> Response:
        request = visit.request
        if urlsplit(f"//{request.host}").hostname not in LOOPBACK or request.comes_from_elsewhere():
            return json_response({"error": "This answers on its own machine only."}, status=403)
        routes = [*control.routes(self.providers), *page.routes(self.providers)]
        try:
            found, values = find(routes, request.method, request.path)
            with self.store.transaction():
                response = found.view(visit, **values)
        except NotFound:
            response = json_response({"error": "There is nothing here."}, status=404)
        except BadRequest as error:
            response = json_response({"error": str(error)}, status=400)
        response.headers += page.SAFETY
        return response
