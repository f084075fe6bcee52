"""The ways to share, each with a link of its own, and the words that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.utils.translation import gettext as _

from advocates.actions.links import link_for
from advocates.models import Advocate, Channel, Link
from advocates.selectors import links_of
from engagement.addresses import link_home
from kit.language import language_of_page
from kit.money import format_money
from kit.wording import percent
from programs.models import Program
from programs.rules import Terms, Value
from programs.wording import friends_promise, share_disclosure

#: Channels of the portal; LINK is the code that is said aloud, COPY the link that is copied.
CHANNELS = (Channel.LINK, Channel.COPY, Channel.NATIVE, Channel.WHATSAPP, Channel.MAIL, Channel.QR)


def prepare_links(advocate: Advocate, now: datetime) -> None:
    """Every channel gets its link when the advocate signs in, so that the pages only read."""
    for channel in CHANNELS:
        link_for(advocate=advocate, channel=channel, now=now)


@dataclass(frozen=True, slots=True)
class Ways:
    """Addresses by channel. ``whatsapp`` and ``mail`` open the app with the message already written. ``spoken``: what
    can be said or typed in place of the code."""

    code: str
    spoken: str
    copy: str
    native: str
    qr: str
    subject: str
    text: str
    whatsapp: str
    mail: str
    whatsapp_text: str
    mail_text: str


def ways_of(advocate: Advocate) -> Ways:
    links = {link.channel: link for link in links_of(advocate) if not link.placement}
    return ways_by(advocate, {channel: _link(links, channel) for channel in CHANNELS})


def ways_by(advocate: Advocate, links: Mapping[Channel, Link]) -> Ways:
    """With a link for every one of the portal's channels."""
    home = link_home(advocate.program.merchant.slug)
    urls = {channel: home.address(links[channel]) for channel in CHANNELS}
    program = advocate.program
    subject, texts = subject_of(program), {channel: message(advocate, urls[channel]) for channel in CHANNELS}
    return Ways(
        code=links[Channel.LINK].code,
        spoken=home.spoken(links[Channel.LINK]),
        copy=urls[Channel.COPY],
        native=urls[Channel.NATIVE],
        qr=urls[Channel.QR],
        subject=subject,
        text=message(advocate, ""),
        whatsapp=f"https://wa.me/?text={quote(texts[Channel.WHATSAPP], safe='')}",
        mail=f"mailto:?subject={quote(subject, safe='')}&body={quote(texts[Channel.MAIL], safe='')}",
        whatsapp_text=texts[Channel.WHATSAPP],
        mail_text=texts[Channel.MAIL],
    )


def _link(links: dict[str, Link], channel: Channel) -> Link:
    """A session older than a channel has no link for it yet: the main one serves until the next sign-in."""
    return links.get(channel) or links[Channel.LINK]


def subject_of(program: Program) -> str:
    return _("Something for you at %(shop)s") % {"shop": program.merchant.name}


def message(advocate: Advocate, url: str) -> str:
    """What the friend reads, disclosure included: the advocate may change every word of it before sending."""
    program, terms = advocate.program, advocate.live_terms
    lines = [opening(terms, program.merchant.name), url, share_disclosure(terms, program, _lang())]
    return "\n\n".join(line for line in lines if line)


def opening(terms: Terms, shop: str) -> str:
    if terms.offer is None:
        return _("I like to buy at %(shop)s. If you want to try it, use my link:") % {"shop": shop}
    values = {"shop": shop, "value": _value(terms.offer.kind, terms.offer.value, terms.currency)}
    return _("I like to buy at %(shop)s. With my link you get %(value)s off:") % values


def friends_get(terms: Terms) -> str:
    """The friend's side in one line to the advocate."""
    return friends_promise(terms, _lang())


def _value(kind: Value, value: int, currency: str) -> str:
    return percent(value, _lang()) if kind == Value.PERCENT else format_money(value, currency, _lang())


def _lang() -> str:
    return language_of_page()
