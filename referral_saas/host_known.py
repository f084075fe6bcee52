"""Asked by the proxy in front before it gets a certificate for a name: is this a merchant's own host?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from merchants.rules.hosts import is_host
from merchants.selectors import own_host


@require_safe
def host_known(request: HttpRequest) -> HttpResponse:
    """``?domain=``: 200 for a host that is served, 404 for every other. Whose it is, is not told."""
    name = request.GET.get("domain", "").lower()
    known = is_host(name) and own_host(name) is not None
    return HttpResponse(status=200 if known else 404, content_type="text/plain")
