"""Found a workspace and change its settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kit.days import is_zone
from kit.ids import new_code
from kit.money import is_currency
from kit.tenancy import current_merchant_id, transaction_required
from kit.text import clean_text, normalise_email
from kit.urls import BadDestination, parse_destination, read_address
from merchants import events
from merchants.deleted import was_of_a_deleted_one
from merchants.locks import merchant_for_update, workspace_for_update
from merchants.models import Door, Event, Host, Membership, Merchant, Role, User, Workspace

LONGEST_NAME = 120
LONGEST_SLUG = 60
SLUG_TRIES = 5
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)


class BadSetting(ValueError):
    """A setting that cannot be used: ``field`` is its name, the message says what to write instead."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    """What a workspace is founded with, checked. Make it with ``check_facts``."""

    name: str
    currency: str
    time_zone: str
    shop_url: str
    language: str


def check_facts(*, name: str, currency: str, time_zone: str, shop_url: str, language: str) -> WorkspaceFacts:
    """The facts in their canonical spelling. Raises BadSetting for the first that cannot be used."""
    return WorkspaceFacts(
        name=_name(name),
        currency=_currency(currency),
        time_zone=_time_zone(time_zone),
        shop_url=_shop_url(shop_url),
        language=_language(language),
    )


@transaction_required
def found_workspace(*, merchant: Merchant, user: User, facts: WorkspaceFacts, slug: str, now: datetime) -> Workspace:
    """Write an unsaved merchant with its owner, settings and portal address. ``slug`` is only a wish."""
    merchant.name = facts.name
    _save_under_free_slug(merchant, slug)
    Membership.objects.create(merchant=merchant, user=user, role=Role.OWNER)
    workspace: Workspace = Workspace.objects.create(
        id=merchant.id,
        currency=facts.currency,
        time_zone=facts.time_zone,
        shop_url=facts.shop_url,
        support_email=user.email,
        language=facts.language,
        verified_hosts=[host_of(facts.shop_url)],
    )
    Door.objects.create(kind=Door.Kind.PORTAL, key=merchant.slug, merchant=merchant, object_id=workspace.id)
    events.record("workspace.opened", subject=workspace, by=events.by_user(user.pk), now=now)
    return workspace


@transaction_required
def reserve_stage(*, home: Merchant) -> Merchant:
    """A sandbox for a test drive of this workspace: no member, no settings, and no sweep looks at it before
    ``furnish_stage``. In the transaction of whatever leads to it."""
    stage = Merchant(name=home.name, is_sandbox=True, status=Merchant.Status.CLOSED)
    _save_under_free_slug(stage, f"{home.slug[: LONGEST_SLUG - 13]}-drive")
    return stage


@transaction_required
def furnish_stage(*, stage: Merchant, model: Workspace, by: str, now: datetime) -> Workspace | None:
    """Settings like the model's and a portal for the stage in scope, which opens. None where that was done before."""
    found = merchant_for_update()
    if stage.pk != current_merchant_id() or Workspace.objects.exists():
        return None
    found.status = stage.status = Merchant.Status.ACTIVE
    found.save(update_fields=["status"])
    same = {field: getattr(model, field) for field in _LIKE_THE_MODEL}
    workspace: Workspace = Workspace.objects.create(id=found.pk, verified_hosts=[host_of(model.shop_url)], **same)
    Door.objects.create(kind=Door.Kind.PORTAL, key=found.slug, merchant=found, object_id=workspace.id)
    events.record("workspace.opened", subject=workspace, by=by, now=now)
    return workspace


_LIKE_THE_MODEL = ("currency", "time_zone", "shop_url", "support_email", "language", "brand_colour")


@transaction_required
def change_workspace(
    *,
    name: str,
    currency: str,
    time_zone: str,
    shop_url: str,
    support_email: str,
    language: str,
    brand_colour: str,
    by: str,
    now: datetime,
) -> Workspace:
    """Change the settings of the merchant in scope. Raises BadSetting; then nothing was changed.

    Windows that already run are kept in absolute times, so a new time zone only counts for days to come. The currency
    is fixed with the first publishing: amounts were promised in it.
    """
    workspace, merchant = workspace_for_update(), merchant_for_update()
    facts = check_facts(name=name, currency=currency, time_zone=time_zone, shop_url=shop_url, language=language)
    _refuse_currency_change(workspace, facts.currency)
    wanted = {
        "currency": facts.currency,
        "time_zone": facts.time_zone,
        "shop_url": facts.shop_url,
        "support_email": _support_email(support_email),
        "language": facts.language,
        "brand_colour": _colour(brand_colour),
        "verified_hosts": _hosts_after_move(workspace, facts.shop_url),
    }
    changed = [field for field, value in wanted.items() if getattr(workspace, field) != value]
    if merchant.name != facts.name:
        merchant.name = facts.name
        merchant.save(update_fields=["name"])
        changed.append("name")
    for field, value in wanted.items():
        setattr(workspace, field, value)
    workspace.save(update_fields=list(wanted))
    if changed:
        events.record("workspace.changed", subject=workspace, by=by, now=now, data={"fields": changed})
    return workspace


@transaction_required
def currency_is_fixed() -> bool:
    """Whether amounts in the workspace's currency were ever promised to somebody."""
    return Event.objects.filter(code="program.published").exists()


def _refuse_currency_change(workspace: Workspace, currency: str) -> None:
    if currency != workspace.currency and currency_is_fixed():
        raise BadSetting("currency", _("The currency is fixed since a program was published in it."))


def _save_under_free_slug(merchant: Merchant, wish: str) -> None:
    """Two merchants of one name may found at the same moment: the unique constraint decides, not a look before. What a
    deleted workspace was called nobody is called again."""
    base = slugify(wish)[: LONGEST_SLUG - 7].strip("-") or "shop"
    is_gone = was_of_a_deleted_one(base)
    for attempt in range(SLUG_TRIES):
        merchant.slug = base if attempt == 0 and not is_gone else f"{base}-{new_code(6).lower()}"
        try:
            with transaction.atomic():
                merchant.save(force_insert=True)
            return
        except IntegrityError:
            if attempt == SLUG_TRIES - 1:
                raise


def _hosts_after_move(workspace: Workspace, shop_url: str) -> list[str]:
    """Friends may be sent to the new shop at once, and to the old one no longer, unless it was shown to be the
    merchant's. Other hosts stay."""
    old = host_of(workspace.shop_url)
    is_shown = Host.objects.filter(host=old, use=Host.Use.SHOP, state=Host.State.VERIFIED).exists()
    others = [host for host in workspace.verified_hosts if host != old or is_shown]
    return list(dict.fromkeys([host_of(shop_url), *others]))


def host_of(url: str) -> str:
    address = read_address(url)
    assert address is not None, "a stored shop address was checked"
    return address.authority


def _name(text: str) -> str:
    name = clean_text(text).replace("\n", " ").strip()
    if not name:
        raise BadSetting("name", _("Give the workspace a name: friends and customers read it."))
    if len(name) > LONGEST_NAME:
        raise BadSetting("name", _("The name is too long: use %(limit)s characters at most.") % {"limit": LONGEST_NAME})
    return name


def _currency(code: str) -> str:
    if not is_currency(code):
        raise BadSetting("currency", _("Choose an active currency, for example EUR."))
    return code


def _time_zone(zone: str) -> str:
    if not is_zone(zone):
        raise BadSetting("time_zone", _("Choose a time zone, for example Europe/Berlin."))
    return zone


def _language(code: str) -> str:
    if code not in dict(settings.LANGUAGES):
        raise BadSetting("language", _("Choose one of the languages on the list."))
    return code


def _shop_url(text: str) -> str:
    """The shop's address, https unless this installation is a demo with a shop on its own machine."""
    typed = text.strip()
    url = typed if "://" in typed else f"https://{typed}"
    address = read_address(url)
    hosts = [address.authority] if address else []
    try:
        return parse_destination(url, hosts=hosts, allow_localhost=settings.MODE in {"demo", "test"})
    except BadDestination as error:
        raise BadSetting("shop_url", str(error)) from error


def _support_email(text: str) -> str:
    if not text.strip():
        return ""
    email = normalise_email(text)
    if email is None:
        raise BadSetting("support_email", _("Write a complete e-mail address, or leave it empty."))
    return email


def _colour(text: str) -> str:
    """Six hexadecimal digits and nothing else: the value ends up in a style sheet."""
    colour = text.strip().lower()
    if not _COLOUR.fullmatch(colour):
        raise BadSetting("brand_colour", _("Write the colour like #1f5f4a."))
    return colour
