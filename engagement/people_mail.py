"""Mails about taking part: the way in, the link, the friend's code, the cap. Persons are looked up now, not stored."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from advocates.actions.magic import LASTS
from advocates.models import Advocate, Customer, Link, MagicLink
from advocates.selectors import main_link
from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values, first_name
from kit.clock import database_now
from merchants.events import SIGN_UP
from merchants.models import Event, Invitation
from programs.wording import advocate_promise, disclosure, friend_conditions, friend_headline, share_disclosure
from tracking.actions.claims import NO_CODE
from tracking.models import Claim
from tracking.rules import Reason


def invitation(event: Event, house: House) -> Occasion | None:
    invited = (
        Invitation.objects.select_related("invited_by")
        .filter(pk=event.data.get("invitation"), merchant=house.merchant)
        .first()
    )
    if invited is None:
        return None
    closed = bool(invited.accepted_at or invited.withdrawn_at or invited.expires_at <= database_now())

    def values(pen: Pen) -> Values:
        return {
            "link": addresses.invitation(invited.pk),
            "inviter": str(invited.invited_by) if invited.invited_by else "",
            "role": invited.get_role_display(),
            "day": pen.day(invited.expires_at),
        }

    language = invited.invited_by.language if invited.invited_by else ""
    return Occasion(Recipient(invited.email, language=language), values, skip="closed" if closed else "")


def magic_link(event: Event, house: House) -> Occasion | None:
    links = MagicLink.objects.select_related("advocate__customer")
    way_in: MagicLink | None = _found(links, event.data.get("magic_link"))
    if way_in is None:
        return None
    over = way_in.used_at is not None or way_in.expires_at <= database_now()
    minutes = round(LASTS.total_seconds() / 60)

    def values(_pen: Pen) -> Values:
        return {"link": addresses.magic_link(house.merchant.slug, way_in), "minutes": minutes}

    return Occasion(_as_advocate(way_in.advocate), values, skip="over" if over else "")


def welcome(event: Event, house: House) -> Occasion | None:
    advocate = _advocate(event.subject_id)
    if advocate is None:
        return None
    link = main_link(advocate)

    def values(pen: Pen) -> Values:
        return {
            **_program_values(advocate, pen),
            "show_label": _("Your link"),
            "show": addresses.link_home(house.merchant.slug).address(link),
            "facts": [(_("Your code"), link.code)],
            "link": addresses.portal(house.merchant.slug),
        }

    return Occasion(_as_advocate(advocate), values)


def invited(event: Event, house: House) -> Occasion | None:
    advocate = _advocate(event.subject_id)
    if advocate is None:
        return None

    def values(pen: Pen) -> Values:
        return {**_program_values(advocate, pen), "link": addresses.portal(house.merchant.slug)}

    if event.by == SIGN_UP:  # they asked to join, and their link is in the mail
        return None
    skip = "" if advocate.state == Advocate.State.INVITED else "overtaken"
    return Occasion(_as_advocate(advocate), values, skip=skip)


def friend_code(event: Event, house: House) -> Occasion | None:
    """To the friend, if they left an address; a friend without one saw the code on the page."""
    claims = Claim.objects.select_related("friend", "advocate__customer", "program__merchant", "terms")
    claim: Claim | None = _found(claims, event.subject_id)
    if claim is None or claim.friend is None:
        return None

    def values(pen: Pen) -> Values:
        terms, friend_of = claim.terms_shown, first_name(claim.advocate.customer)
        return {
            "headline": friend_headline(terms, claim.program, pen.language, advocate=friend_of),
            "show_label": _("Your code"),
            "show": claim.code,
            "day": pen.day(claim.expires_at),
            "conditions": friend_conditions(terms, claim.program, pen.language),
            "disclosure": disclosure(terms, claim.program, pen.language, advocate=friend_of),
            "link": house.workspace.shop_url,
        }

    return Occasion(Recipient.of(claim.friend), values, skip="" if claim.state == Claim.State.ISSUED else "overtaken")


def offer_declined(event: Event, house: House) -> Occasion | None:
    """They asked for an offer with their address and cannot have it: why, and what they can do."""
    friend: Customer | None = _found(Customer.objects.all(), event.subject_id)
    link: Link | None = _found(Link.objects.all(), event.data.get("link_id"))
    if friend is None or link is None:
        return None
    reason = event.data["reason"]
    is_own = reason in (Reason.OWN_PURCHASE, Reason.EXISTING_CUSTOMER)

    def values(_pen: Pen) -> Values:
        slug = house.merchant.slug
        comes_back = reason == NO_CODE
        way = addresses.link_home(slug).address(link) if comes_back else house.workspace.shop_url
        return {"reason": reason, "may_recommend": is_own, "link": addresses.portal(slug) if is_own else way}

    return Occasion(Recipient.of(friend), values)


def cap(event: Event, house: House) -> Occasion | None:
    advocate = _advocate(event.subject_id)
    if advocate is None:
        return None
    given, most, unit = int(event.data["given"]), int(event.data["cap"]), event.data.get("unit")

    def values(pen: Pen) -> Values:
        said = pen.money if unit else (lambda count, _unit: count)
        return {
            "program": advocate.program.name,
            "by_value": bool(unit),
            "given": said(given, unit),
            "cap": said(most, unit),
            "left": said(most - given, unit),
            "link": addresses.portal(house.merchant.slug),
        }

    return Occasion(_as_advocate(advocate), values)


def level(event: Event, house: House) -> Occasion | None:
    """They reached a higher level: what it brings them and their friends from the next one on."""
    advocate = _advocate(event.subject_id)
    if advocate is None:
        return None
    level, levels = int(event.data["tier"]), advocate.program.live_terms.tiers
    overtaken = advocate.tier != level or level > len(levels)

    def values(pen: Pen) -> Values:
        return {
            **_program_values(advocate, pen),
            "level": levels[level - 1].name,
            "link": addresses.portal(house.merchant.slug),
        }

    return Occasion(_as_advocate(advocate), values, skip="overtaken" if overtaken else "")


def portal_viewed(event: Event, house: House) -> Occasion | None:
    """Somebody of the team looked at their portal, and wants them to know. Who it was is the shop's business."""
    advocate = _advocate(event.subject_id) if event.data.get("told") else None
    if advocate is None:
        return None

    def values(pen: Pen) -> Values:
        return {"day": pen.day(event.at), "link": addresses.portal(house.merchant.slug)}

    return Occasion(_as_advocate(advocate), values)


def _program_values(advocate: Advocate, pen: Pen) -> Values:
    program, terms = advocate.program, advocate.live_terms
    return {
        "program": program.name,
        "promise": advocate_promise(terms, program, pen.language),
        "friend_gets": friend_headline(terms, program, pen.language),
        "say_openly": share_disclosure(terms, program, pen.language),
    }


def _advocate(advocate_id: UUID) -> Advocate | None:
    advocates = Advocate.objects.select_related("customer", "program__merchant", "program__terms")
    found: Advocate | None = _found(advocates, advocate_id)
    return found


def _as_advocate(advocate: Advocate) -> Recipient:
    return Recipient.of(advocate.customer, advocate)


def _found(rows: QuerySet[Any], row_id: UUID | str | None) -> Any:
    return rows.filter(pk=row_id).first() if row_id else None
