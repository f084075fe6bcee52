"""Hosts of a merchant's own. Their times are real time: DNS knows no test clock; ``now`` is the events' time.

The Door (kind HOST) is there exactly while friend pages are served on the host, and its unique key lets one merchant
have it. A host of the shop has none: once shown to be the merchant's it stands among the workspace's verified hosts,
until it is removed. The workspace's lock guards hosts and their event numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http.request import split_domain_port, validate_host
from django.utils.translation import gettext as _

from kit.ids import new_token
from kit.tenancy import current_merchant_id, transaction_required
from kit.urls import BadDestination, parse_host
from merchants import events
from merchants.actions.workspaces import host_of
from merchants.locks import workspace_for_update
from merchants.models import Door, Host, Workspace
from merchants.rules.hosts import HostView, Missing, Standing, after_look, is_host, missing_in

MOST_HOSTS = 5


class BadHost(ValueError):
    """Refused, nothing changed; the message says what to do."""


@transaction_required
def add_host(*, host: str, use: str = Host.Use.PAGES, by: str, now: datetime) -> Host:
    """Remember a host with its challenge; it is used once its DNS record was seen. Asked again: the one there is."""
    place, name = workspace_for_update(), _host(host)
    standing: Host | None = Host.objects.filter(host=name).first()
    if standing and standing.use == use:
        return standing
    if standing or (use == Host.Use.PAGES and name in place.verified_hosts):
        raise BadHost(_("This address is in use for something else. Take another name, or remove it there first."))
    if name in place.verified_hosts:
        raise BadHost(_("Links may lead there already."))
    if Host.objects.filter(use=use).count() >= MOST_HOSTS:
        raise BadHost(_("These are enough addresses: remove one first."))
    made: Host = Host.objects.create(host=name, use=use, challenge=new_token(24), created_at=now)
    events.record("host.added", subject=made, by=by, now=now, data={"use": str(use)})
    return made


@transaction_required
def remove_host(*, host: Host, by: str, now: datetime) -> None:
    """Nothing is served there from now on, and another workspace may have it; or no link leads there any more, unless
    it has become the shop's own address."""
    place = workspace_for_update()
    found: Host | None = Host.objects.filter(pk=host.pk).first()
    if found is None:
        return
    _close_door(found)
    if found.use == Host.Use.SHOP and found.host in place.verified_hosts and found.host != host_of(place.shop_url):
        _lead_to(place, [name for name in place.verified_hosts if name != found.host])
    events.record("host.removed", subject=found, by=by, now=now)
    found.delete()


@transaction_required
def take_look(
    *, host_id: UUID, texts: Collection[str] | None, by: str, now: datetime, real_now: datetime
) -> Host | None:
    """What a look at the DNS changes. ``texts``: what the record said; None: nobody could be asked. None: it is gone.

    A host whose record is right but which another workspace has goes on waiting. One of the shop stays as it is once
    it was right.
    """
    place = workspace_for_update()
    found: Host | None = Host.objects.filter(pk=host_id).first()
    if found is None or (found.use == Host.Use.SHOP and found.state == Host.State.VERIFIED):
        return found
    before = _view(found)
    after = after_look(before, missing_in(texts, found.challenge), real_now)
    if after.state == Standing.VERIFIED and before.state == Standing.WAITING and not _take_into_use(found, place):
        after = HostView(Standing.WAITING, missing=Missing.TAKEN)
    if after.state == Standing.WAITING:
        _close_door(found)
    _keep(found, after, real_now)
    if code := _event(before, after):
        data = {"missing": after.missing} if after.missing else {}
        events.record(code, subject=found, by=by, now=now, data=data)
    return found


def _event(before: HostView, after: HostView) -> str:
    if before.state != after.state:
        named = {Standing.VERIFIED: "host.verified", Standing.LOST: "host.lost", Standing.WAITING: "host.closed"}
        return named[after.state]
    return "host.missed" if after.failing_since and not before.failing_since else ""


def _view(host: Host) -> HostView:
    return HostView(Standing(host.state), host.missing, host.verified_at, host.failing_since, host.lost_at)


def _keep(host: Host, after: HostView, real_now: datetime) -> None:
    host.state, host.missing, host.checked_at = after.state.value, str(after.missing), real_now
    host.verified_at, host.failing_since, host.lost_at = after.verified_at, after.failing_since, after.lost_at
    host.save(update_fields=["state", "missing", "checked_at", "verified_at", "failing_since", "lost_at"])


def _take_into_use(host: Host, place: Workspace) -> bool:
    if host.use == Host.Use.PAGES:
        return _open_door(host)
    _lead_to(place, [*place.verified_hosts, host.host])
    return True


def _lead_to(place: Workspace, names: list[str]) -> None:
    """Where links may lead; the shop's own address is the first."""
    place.verified_hosts = list(dict.fromkeys(names))
    place.save(update_fields=["verified_hosts"])


def _open_door(host: Host) -> bool:
    try:
        with transaction.atomic():
            Door.objects.create(
                kind=Door.Kind.HOST, key=host.host, merchant_id=current_merchant_id(), object_id=host.pk
            )
    except IntegrityError:
        return False
    return True


def _close_door(host: Host) -> None:
    Door.objects.filter(kind=Door.Kind.HOST, key=host.host, object_id=host.pk).delete()


def _our_names() -> list[str]:
    """Where we live ourselves, whatever the operator forgot to list."""
    named = (settings.SHARED_LINK_HOST, urlsplit(settings.PUBLIC_URL).netloc)
    return [split_domain_port(name)[0] for name in named if name]


def _host(text: str) -> str:
    try:
        name = parse_host(text).removesuffix(".")
    except BadDestination as error:
        raise BadHost(_("Write the address like friends.example.com.")) from error
    if not is_host(name):
        raise BadHost(_("Write the name of a host of yours like friends.example.com, without a port."))
    if validate_host(name, [*settings.PLATFORM_HOSTS, *_our_names()]):
        raise BadHost(_("This address is ours. Use one of your own domain, like friends.example.com."))
    return name
