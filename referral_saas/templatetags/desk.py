"""Tags of the dashboard's own pages: `{% load desk %}`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.db.models import Model
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from insights.programs import MANY
from kit.language import language_of_page
from kit.units import unit_text
from kit.wording import exact, number
from referral_saas.dashboard import paths
from referral_saas.templatetags.ui import Tone, status
from rewards.wording import reason_text

register = template.Library()

TONES: dict[str, Tone] = {
    "HELD": "info", "RELEASED": "info", "FULFILLING": "info", "FULFILLED": "good", "CANCELLED": "neutral",
    "REVERSED": "bad", "EXPIRED": "neutral", "FAILED": "bad",
    "INVITED": "info", "ACTIVE": "good", "PAUSED": "warn", "BANNED": "bad", "DRAFT": "neutral", "ENDED": "neutral",
    "AWAITED": "neutral", "NOT_REFERRED": "neutral", "ATTRIBUTED": "good", "BLOCKED": "bad",
    "PENDING": "info", "QUALIFIED": "good", "NOT_QUALIFIED": "neutral",
    "PREPARING": "info", "ISSUED": "info", "REFUSED": "bad", "USED": "good",
    "PREVIEW": "neutral", "AWAITING_APPROVAL": "warn", "CONFIRMED": "info", "CLOSED": "good", "INCLUDED": "info",
    "EXCLUDED": "neutral", "PAID": "good",
    "CLAIMED": "info", "SUCCEEDED": "good", "RETRY": "warn",
}  # fmt: skip


@register.simple_tag(takes_context=True)
def href(context: Context, thing: Model) -> str:
    """`<a href="{% href order %}">`: the page of a row of this workspace."""
    return paths.path_of(context["base_url"], thing)


@register.simple_tag(takes_context=True)
def link_to(context: Context, thing: Model | None, words: str = "") -> SafeString | str:
    """`{% link_to order.customer %}`: an anchor with the thing's own words; nothing for None."""
    return paths.link_to(context["base_url"], thing, words)


@register.filter
def public(thing: Model) -> str:
    """`{{ advocate|public }}` is adv_..., for addresses."""
    return paths.public(thing)


@register.simple_tag
def state(value: str, word: Any) -> SafeString:
    """`{% state reward.state reward.get_state_display %}`: the dot in the state's tone, and its word."""
    return status(TONES.get(value, "neutral"), str(word))


@register.filter
def counted(found: int) -> str:
    """`{{ counts.advocates|counted }}`: the number, "10,000+" where nobody counted on (insights.programs.MANY)."""
    language = language_of_page()
    return f"{number(MANY, language)}+" if found > MANY else number(found, language)


@register.filter
def unit(name: str) -> str:
    """`{{ sheet.unit|unit }}`: "EUR", "Points"."""
    return unit_text(name)


@register.filter
def moment(at: datetime, zone: str) -> str:
    """`{{ mail.at|moment:"UTC" }}`: day, time and zone as the reader's language writes them."""
    return exact(at, zone, language_of_page())


@register.filter
def of(found: dict[Any, Any], key: Any) -> Any:
    """`{{ tally|of:row.pk }}`: the value under a key, None where there is none."""
    return found.get(key)


@register.filter
def why(code: str) -> str:
    """`{{ attempt.detail|why }}`: one sentence for a reason code."""
    return reason_text(str(code))


@register.filter
def device(name: str) -> str:
    """phone, tablet or desktop, in the reader's language."""
    return {"phone": _("Phone"), "tablet": _("Tablet"), "desktop": _("Computer")}.get(name, name)
