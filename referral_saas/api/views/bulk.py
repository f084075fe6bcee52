"""Up to 500 orders in one request: kept and answered at once, settled afterwards, results line by line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from integrations.models import BulkLine, BulkUpload
from kit.ids import parse_public_id, public_id
from referral_saas.api.base import Reads, Writes
from referral_saas.api.body import Body
from referral_saas.api.bulk import keep_lines
from referral_saas.api.idempotency import Answer, key_of
from referral_saas.api.present import Json, moment
from referral_saas.api.problems import bad_field, not_found

MOST_ORDERS = 500


class BulkOrders(Writes):
    def write(self, body: Body, **ids: str) -> Answer:
        if key_of(self.request._request) is None:
            detail = _("Send a key of your own with every upload, so that sending it again is safe.")
            raise bad_field("Idempotency-Key", "required", detail)
        orders = [part.data for part in body.each("orders", most=MOST_ORDERS)]
        _refuse_unclear(body, orders)
        body.parts.clear()  # what the lines say is judged line by line
        body.done()
        upload = keep_lines(orders, by=self.caller.by, now=self.caller.now())
        public = public_id("blk", upload.pk)
        return Answer({"id": public, "lines": upload.count, "results": f"/api/v1/bulk/{public}"}, 202)


class BulkResults(Reads):
    def read(self, **ids: str) -> Answer:
        key = parse_public_id("blk", ids["id"])
        upload = BulkUpload.objects.filter(pk=key).first() if key else None
        if upload is None:
            raise not_found()
        lines = [_line_json(line) for line in BulkLine.objects.filter(upload=upload).order_by("number")]
        count = {state: sum(line["state"] == state for line in lines) for state in BulkLine.State.values}
        return Answer({"id": ids["id"], "received_at": moment(upload.received_at), "count": count, "lines": lines})


def _refuse_unclear(body: Body, orders: list[dict[str, Any]]) -> None:
    if not orders and not body.errors:
        body.refuse("orders", "required", _("Send at least one order."))
    ids = [str(order["order_id"]) for order in orders if order.get("order_id") is not None]
    if len(set(ids)) < len(ids):
        body.refuse("orders", "twice", _("An order comes twice, and which of the two counts is not clear."))


def _line_json(line: BulkLine) -> Json:
    return {
        "line": line.number,
        "order_id": line.external_id,
        "state": line.state,
        "order": public_id("ord", line.order_id) if line.order_id else None,
        "problem": line.problem,
    }
