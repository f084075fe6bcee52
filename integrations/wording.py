"""What became of a delivery, and why a connection complains, in words for the merchant."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.models import InboundEvent

_RESULTS: dict[str, str | Promise] = {
    "attributed": _("The order was traced to an advocate."),
    "not_referred": _("An order without a referral."),
    "blocked": _("The order was traced, but the referral is blocked."),
    "awaited": _("Kept until the order itself arrives."),
    "nothing_new": _("It told nothing that was not known."),
    "unknown_topic": _("A topic we do not use."),
    "switched_off": _("The shop took our access away."),
}
_ERRORS: dict[str, str | Promise] = {
    "not_json": _("The message is no JSON."),
    "too_large": _("The message is too large."),
    "too_deep": _("The message is nested too deeply."),
    "bad_number": _("A number in it is out of range."),
    "not_an_object": _("The message is not an object."),
    "bad_amount": _("An amount in it cannot be read."),
    "bad_quantity": _("A quantity in it cannot be read."),
    "bad_shape": _("A part of it has another shape than the shop documents."),
    "bad_time": _("A time in it cannot be read."),
    "no_time": _("It does not say when it happened."),
    "no_id": _("It does not say which order it is about."),
    "no_lines": _("It has no lines."),
    "unknown_currency": _("Its currency is not one we know."),
    "unknown_topic": _("The shop sent a topic we do not read."),
    "body_forgotten": _("Its content was deleted after 30 days."),
    "not_the_shop": _("It says that another shop has removed us."),
    "app_uninstalled": _("The shop removed our access. Connect it again with its current secret."),
    "connection_off": _("The shop is switched off."),
}


def error_text(code: str) -> str:
    """Words for a reason code; text that is no code is shown as it is."""
    return str(_ERRORS.get(code, code))


def event_text(event: InboundEvent) -> str:
    if event.state == InboundEvent.State.WAITING:
        return _now("Waits: %(why)s") % {"why": error_text(event.error)} if event.error else _now("Waits to be worked.")
    if event.state == InboundEvent.State.SET_ASIDE:
        return error_text(event.error or event.result)
    return str(_RESULTS.get(event.result, event.result))
