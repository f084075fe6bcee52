"""The page for people: switches per provider, what was given, the last calls. Works without JavaScript."""

from collections.abc import Mapping

from demo.shop.http import Response, Route, route

from .provider import Provider, Visit

SAFETY = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
]


def routes(providers: Mapping[str, Provider]) -> list[Route]:
    return [route("GET", "/", lambda visit: front(visit, providers))]


def front(visit: Visit, providers: Mapping[str, Provider]) -> Response:
    return Response("\n".join(each.title for each in providers.values()), content_type="text/plain; charset=utf-8")
