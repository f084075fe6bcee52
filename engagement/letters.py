"""From an occasion to a mail as it travels: words in the recipient's language, headers, both parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from engagement import addresses
from engagement.desk import House, Occasion, Pen, language_of, one_line
from engagement.kinds import Kind
from engagement.templatetags.mail import tidy
from kit import colours
from merchants.models import Merchant, Workspace

LONGEST_SENDER = 60


@dataclass(frozen=True, slots=True)
class Letter:
    """Ready to be sent, whenever and however often: rendering it again would say the same."""

    message_id: UUID
    merchant_slug: str
    stays_inside: bool
    to: str
    sender: str
    subject: str
    text: str
    html: str
    reply_to: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def write_letter(*, kind: Kind, occasion: Occasion, house: House, message_id: UUID, way_out: str = "") -> Letter:
    """``way_out``: where somebody of the team switches this kind off."""
    language = language_of(occasion.to, house.workspace)
    way_out = way_out or _way_out(kind, occasion, house)
    with translation.override(language):
        pen = Pen(language, house.workspace.time_zone)
        values = {**occasion.values(pen), **_values_of_house(house), "name": occasion.to.name, "way_out": way_out}
        subject, text, html = render(kind.template, values)
    support = house.workspace.support_email
    return Letter(
        message_id=message_id,
        merchant_slug=house.merchant.slug,
        stays_inside=house.merchant.is_sandbox,
        to=occasion.to.email,
        sender=_sender(house.merchant),
        subject=subject,
        text=text,
        html=html,
        reply_to=[support] if support else [],
        headers=_headers(message_id, house.merchant, way_out),
    )


def render(template: str, values: dict[str, Any]) -> tuple[str, str, str]:
    """(subject, text, HTML) of one template under templates/mail/, drawn in three layouts."""
    subject = one_line(render_to_string(template, {**values, "layout": "mail/base.subject.txt"}))
    text = render_to_string(template, {**values, "layout": "mail/base.txt"})
    html = render_to_string(template, {**values, "layout": "mail/base.html"})
    return subject, tidy(text), _inliner().inline(html)


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    """Styles move to their elements, for readers that drop <style>; dark mode stays. Never fetches anything."""
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _values_of_house(house: House) -> dict[str, Any]:
    brand = _brand(house.workspace)
    return {
        "shop": house.shop,
        "shop_url": house.workspace.shop_url,
        "support": house.workspace.support_email,
        "brand": brand,
        "brand_contrast": colours.readable_on(brand),
    }


def _brand(workspace: Workspace) -> str:
    """Only six hexadecimal digits reach a style."""
    try:
        return colours.written(colours.parse(workspace.brand_colour))
    except colours.ColourError:
        return str(Workspace._meta.get_field("brand_colour").default)


def _sender(merchant: Merchant) -> str:
    """The merchant's name before our address: replies go to theirs (Reply-To)."""
    return formataddr((one_line(merchant.name)[:LONGEST_SENDER], parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def _way_out(kind: Kind, occasion: Occasion, house: House) -> str:
    if kind.is_transactional or occasion.to.customer_id is None:
        return ""
    return addresses.unsubscribe(house.merchant.pk, occasion.to.customer_id)


def _headers(message_id: UUID, merchant: Merchant, way_out: str) -> dict[str, str]:
    """The Message-ID grows from the row: a mail sent twice after a crash is one mail to every reader."""
    headers = {
        "Message-ID": f"<{message_id}@{urlsplit(settings.PUBLIC_URL).hostname}>",
        "Auto-Submitted": "auto-generated",
        "X-Merchant": merchant.slug,
    }
    if way_out:
        headers |= {"List-Unsubscribe": f"<{way_out}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers
