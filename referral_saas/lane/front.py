"""Granian calls a function with each request and the place that its answer goes to; a WSGI application gets the former
alone, so a thread has to wait with it until the answer is there.

Who stands in front gets both. A click's answer may be given when Redis has it, by the thread that put it there together
with others; meanwhile the one that brought it takes the next request (decision 0018). Under another server, or a
granian that is made differently, nothing stands in front and the lane answers as any WSGI application does.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

from kit.proxies import Settle
from referral_saas.lane.requests import Environ
from referral_saas.lane.slots import Header

logger = logging.getLogger(__name__)

Respond = Callable[[int, list[Header], bytes], None]
Take = Callable[[Environ, Respond], bool]
_Answering = Callable[[Any, Environ], Any]


def stand_in_front(take: Take, settle: Settle) -> None:
    """``take`` is asked first for every request of this process, with the client settled; where it says no, the WSGI
    application is asked."""
    server = sys.modules.get("granian.server.mp")
    if server is None:
        return
    wrap = getattr(server, "_wsgi_call_wrap", None)
    if wrap is None:
        logger.warning("This granian is not made as we know it: clicks are answered one by one, at half the speed.")
        return
    server._wsgi_call_wrap = partial(_with_front, wrap, take, settle)  # type: ignore[attr-defined]


def _with_front(
    wrap: Callable[..., _Answering],
    take: Take,
    settle: Settle,
    application: Any,
    options: Mapping[str, Any],
    access_log: str | None = None,
) -> _Answering:
    answer = wrap(application, options, access_log)
    if access_log or options.get("url_path_prefix"):
        return answer  # these want to see every request themselves

    @wraps(answer)
    def first(protocol: Any, scope: Environ) -> Any:
        environ = scope.copy()  # Django settles anew: it must see what the server said
        settle(environ)
        if not take(environ, protocol.response_bytes):
            return answer(protocol, scope)
        return None

    return first
