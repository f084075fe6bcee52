"""How the lane has a page drawn: through the whole of Django, with a function of its own in place of the visit."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

#: In the WSGI environ, where no request from outside can put anything.
DRAWING = "referral_saas.drawing"

Drawing = Callable[[HttpRequest], HttpResponse]


def drawing_of(request: HttpRequest) -> Drawing | None:
    found: Drawing | None = request.META.get(DRAWING)
    return found
