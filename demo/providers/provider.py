"""What every simulated provider has: routes of its own, its words for each fault, and a way to use what it gave."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from demo.shop.http import BadRequest, NotFound, Request, Response, Route, find

from .faults import ERROR, KEPT_ERROR, LIMIT, REFUSE, SLOW, THROTTLED, TIMEOUT, Fault
from .store import Store

NO_DIGITS = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"


@dataclass(frozen=True)
class Visit:
    """One call at a provider: what was asked, and what is remembered."""

    request: Request
    store: Store


Refusal = Callable[[Visit], Response]


class Provider:
    name: ClassVar[str]
    title: ClassVar[str]
    faults: ClassVar[tuple[str, ...]] = (SLOW, LIMIT, REFUSE, ERROR, TIMEOUT)
    routes: ClassVar[list[Route]]
    #: reason -> the real service's refusal; the first one is meant where none is named.
    refusals: ClassVar[Mapping[str, Refusal]]

    def is_write(self, request: Request) -> bool:
        return request.method != "GET"

    @contextmanager
    def entered(self, visit: Visit) -> Iterator[Response | None]:
        """Around the whole call, waiting included; gives an answer where the call must not even begin."""
        yield None

    def refuse_stranger(self, visit: Visit) -> Response | None:
        """The answer to wrong credentials."""
        raise NotImplementedError

    def answer(self, visit: Visit) -> Response:
        """Inside a transaction; an answer of 400 or above keeps nothing."""
        path = visit.request.path.removeprefix(f"/{self.name}") or "/"
        try:
            found, values = find(self.routes, visit.request.method, path)
        except NotFound:
            return self.not_found(visit)
        return found.view(visit, **values)

    def failed(self, visit: Visit, response: Response) -> None:
        """After an answer of 400 or above, whose work was undone: some remember the answer itself."""

    def fault(self, visit: Visit, fault: Fault) -> Response:
        """What comes in place of the answer."""
        if fault.kind == REFUSE:
            return self.refusals.get(fault.reason, next(iter(self.refusals.values())))(visit)
        if fault.kind == LIMIT:
            limited = self.limited(visit)
            limited.headers.append(("Retry-After", f"{max(fault.seconds, 0):.0f}"))
            return limited
        if fault.kind == THROTTLED:
            return self.throttled(visit)
        assert fault.kind in (ERROR, KEPT_ERROR)
        return self.broken(visit)

    def not_found(self, visit: Visit) -> Response:
        raise NotImplementedError

    def limited(self, visit: Visit) -> Response:
        raise NotImplementedError

    def throttled(self, visit: Visit) -> Response:
        return self.limited(visit)

    def broken(self, visit: Visit) -> Response:
        raise NotImplementedError

    def use(self, store: Store, voucher: str) -> bool:
        """A customer uses the code (or opens the card). False: there is no such one."""
        raise NotImplementedError

    def add_customer(self, store: Store, values: Mapping[str, Any]) -> None:
        raise BadRequest(f"{self.title} keeps no customers.")


def minor_units(amount: Any, currency: str) -> int:
    """A decimal amount as whole minor units. Raises ValueError for what is no amount."""
    digits = 0 if currency in NO_DIGITS else 3 if currency in THREE_DIGITS else 2
    return whole(amount, digits)


def whole(amount: Any, digits: int) -> int:
    try:
        scaled = Decimal(str(amount)).scaleb(digits)
    except InvalidOperation:
        raise ValueError(amount) from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(amount)
    return int(scaled)
