"""Connections: their list with health, adding one, its page with what came in, testing, removing, replaying."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.actions.connections import (
    ConnectionProblem,
    NewWebhook,
    add_shopify_connection,
    add_webhook_connection,
    check_address,
    remove_connection,
)
from integrations.actions.intake import NotReplayable, replay_event
from integrations.actions.pausing import try_now, waiting_for_the_merchant
from integrations.models import Connection, InboundEvent
from integrations.selectors import connections, events_set_aside, is_simulated
from integrations.shopify.mapping import TOPICS
from integrations.steps.check import check_connection
from integrations.stripe.mapping import TOPICS as STRIPE_TOPICS
from integrations.wording import error_text, event_text
from kit.clock import database_now
from kit.ids import parse_public_id, public_id
from kit.tenancy import tenant_transaction
from referral_saas.dashboard.access import connection_for, inbound_event_for
from referral_saas.dashboard.account_words import makes_of, service_choices
from referral_saas.dashboard.answers import done, point_out, refused, secret_page
from referral_saas.dashboard.forms.connections import ShopifyForm, WebhookForm
from referral_saas.dashboard.frame import DeskRequest, change, finished, form_page, outside, page, show
from referral_saas.dashboard.listing import Filters, Page, page_of

TONES = {"UNKNOWN": "neutral", "GOOD": "good", "FAILING": "bad", "OFF": "bad"}
EVENT_TONES = {"WAITING": "info", "HANDLED": "good", "IGNORED": "neutral", "SET_ASIDE": "bad"}


@page()
def listed(request: DeskRequest) -> HttpResponse:
    context = {
        "rows": [_row(one) for one in connections()],
        "set_aside": events_set_aside().count(),
        "choices": service_choices(),
    }
    return show(request, "dashboard/connections.html", context)


@form_page("connection.manage")
def new_shopify(request: DeskRequest) -> HttpResponse:
    form = ShopifyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = add_shopify_connection(**form.cleaned_data, by=request.desk.by, now=request.desk.now)
            return done(
                request, f"/connections/{public_id('con', made.pk)}", _("Connected. Now make the webhooks below.")
            )
        except ConnectionProblem as error:
            point_out(form, "domain" if error.field == "address" else error.field, str(error))
    context = {"form": form, "simulated": is_simulated(Connection.Kind.SHOPIFY)}
    return show(request, "dashboard/connection_shopify.html", context, status=422 if form.errors else 200)


@page("connection.manage")
def new_webhook(request: DeskRequest) -> HttpResponse:
    return show(request, "dashboard/connection_webhook.html", {"form": WebhookForm()})


@outside("connection.manage")
def add_webhook(request: DeskRequest) -> HttpResponse:
    """Looks the address up first, outside of any transaction. The secret is shown in this very answer only."""
    form = WebhookForm(request.POST)
    if form.is_valid():
        _refuse_unreachable(form)
    with tenant_transaction():
        made = _webhook(request, form) if form.is_valid() else None
        context = {"made": made, "key": public_id("con", made.connection.pk)} if made else {"form": form}
        template = "dashboard/connection_secret.html" if made else "dashboard/connection_webhook.html"
        return secret_page(finished(show(request, template, context, status=200 if made else 422)))


@page()
def one(request: DeskRequest, public_key: str) -> HttpResponse:
    connection = connection_for(public_key)
    events = InboundEvent.objects.select_related("connection").filter(connection=connection).defer("body")
    context = {
        "row": _row(connection),
        "connection": connection,
        "hook_url": _hook_url(connection) if request.desk.may("connection.manage") else "",
        "topics": sorted(STRIPE_TOPICS if connection.kind == Connection.Kind.STRIPE else TOPICS),
        "makes": makes_of(connection),
        "waiting": waiting_for_the_merchant(connection.kind).filter(next_try_at__gt=database_now()).count(),
        "purposes": [Connection.Purpose(purpose).label for purpose in connection.purposes],
        **_event_rows(page_of(request, events, by="received_at")),
    }
    return show(request, "dashboard/connection.html", context)


@outside("connection.manage")
def test(request: DeskRequest, public_key: str) -> HttpResponse:
    key = parse_public_id("con", public_key)
    checked = check_connection(request.desk.membership.tenant_ref(), key) if key else None
    if checked is None:
        raise Http404
    (messages.success if checked.ok else messages.error)(request, checked.message)
    return done(request, f"/connections/{public_key}")


@change("connection.manage")
def try_waiting(request: DeskRequest, public_key: str) -> HttpResponse:
    """The rewards that wait for this account are tried now, not at the end of their hour."""
    connection, desk = connection_for(public_key), request.desk
    count = try_now(rewards=waiting_for_the_merchant(connection.kind), by=desk.by, now=desk.now)
    said = ngettext("%(count)s reward is tried now.", "%(count)s rewards are tried now.", count) % {"count": count}
    return done(request, f"/connections/{public_key}", said if count else _("No reward waits for it any more."))


@change("connection.manage")
def remove(request: DeskRequest, public_key: str) -> HttpResponse:
    connection = connection_for(public_key)
    remove_connection(connection=connection, by=request.desk.by, now=request.desk.now)
    return done(request, "/connections", _("%(name)s was removed.") % {"name": connection.name})


@page()
def deliveries(request: DeskRequest) -> HttpResponse:
    """What came in through every connection."""
    filters = Filters(request, show=("state", "from", "to"), state=InboundEvent.State.choices)
    rows = InboundEvent.objects.select_related("connection").defer("body")
    rows = filters.narrow(rows, zone=request.desk.workspace.time_zone, at="received_at")
    context = {"filters": filters, **_event_rows(page_of(request, rows, by="received_at"))}
    return show(request, "dashboard/deliveries.html", context)


@change("connection.manage")
def replay(request: DeskRequest, public_key: str) -> HttpResponse:
    path = "/connections/deliveries?state=SET_ASIDE"
    try:
        replay_event(event=inbound_event_for(public_key), now=request.desk.now)
    except NotReplayable as error:
        return refused(request, path, _replay_words(error))
    return done(request, path, _("It is worked again now."))


def _replay_words(error: NotReplayable) -> str:
    return error_text(error.code) if error.code == "body_forgotten" else _("It is not set aside any more.")


def _refuse_unreachable(form: WebhookForm) -> None:
    try:
        check_address(form.cleaned_data["url"])
    except ConnectionProblem as error:
        point_out(form, error.field, str(error))


def _webhook(request: DeskRequest, form: WebhookForm) -> NewWebhook | None:
    try:
        return add_webhook_connection(**form.cleaned_data, by=request.desk.by, now=request.desk.now)
    except ConnectionProblem as error:
        point_out(form, "url" if error.field == "address" else error.field, str(error))
        return None


def _row(connection: Connection) -> dict[str, Any]:
    return {
        "connection": connection,
        "key": public_id("con", connection.pk),
        "tone": TONES[connection.health],
        "error": error_text(connection.last_error),
        "simulated": is_simulated(connection.kind),
    }


def _event_rows(shown: Page) -> dict[str, Any]:
    events = [
        {
            "event": event,
            "key": public_id("evt", event.pk),
            "tone": EVENT_TONES[event.state],
            "words": event_text(event),
            "order": public_id("ord", event.order_id) if event.order_id else "",
            "connection": "" if event.connection.removed_at else public_id("con", event.connection_id),
        }
        for event in shown.rows
    ]
    return {"page": shown, "events": events}


def _hook_url(connection: Connection) -> str:
    if not connection.hook_token:
        return ""
    return settings.PUBLIC_URL + reverse(f"{connection.kind.lower()}:hook", args=[connection.hook_token])
