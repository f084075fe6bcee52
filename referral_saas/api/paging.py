"""Lists page by page, newest first, along the key: a page stays right while rows are added before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kit.ids import parse_public_id, public_id
from referral_saas.api.problems import bad_field

DEFAULT_LIMIT, LARGEST_LIMIT = 20, 100
PAGING = ("limit", "after")


def refuse_unknown_parameters(request: HttpRequest, known: Sequence[str]) -> None:
    for name in request.GET:
        if name not in known:
            detail = _("There is no such parameter here. The parameters are: %(names)s.") % {"names": ", ".join(known)}
            raise bad_field(name[:80], "unknown_parameter", detail)


def page(
    rows: QuerySet[Any], request: HttpRequest, *, prefix: str, show: Callable[[list[Any]], list[Any]]
) -> dict[str, Any]:
    """``data``, and ``next`` to be sent as ``after`` while there is more."""
    limit = _limit(request.GET.get("limit"))
    after = _after(request.GET.get("after"), prefix)
    found = list((rows.filter(pk__lt=after) if after else rows).order_by("-pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {"data": show(found), "next": public_id(prefix, found[-1].pk) if more else None}


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= LARGEST_LIMIT):
        raise bad_field("limit", "bad_limit", _("Send a whole number from 1 to %(most)s.") % {"most": LARGEST_LIMIT})
    return int(text)


def _after(text: str | None, prefix: str) -> UUID | None:
    if text is None:
        return None
    found = parse_public_id(prefix, text)
    if found is None:
        raise bad_field("after", "bad_cursor", _("Send the value of next from the page before."))
    return found
