"""What the friend's templates show."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from kit.language import language_of_page
from kit.money import format_money
from kit.signing import sign_value, unsign_value
from kit.wording import percent
from programs.models import Program
from programs.rules import Offer, Terms, Value
from programs.rules.landing import needs_page
from programs.wording import disclosure, friend_conditions, friend_headline, reward_value
from referral_saas.brand import brand_context
from referral_saas.friend.access import Place
from referral_saas.friend.shop import route_of, shop_of, way_to_shop
from rewards.actions.grants import bonus_at
from rewards.bonus_words import friend_bonus_line

_SALT = "friend offer"


def frame(request: HttpRequest, place: Place) -> dict[str, Any]:
    """What every page about a known link needs."""
    words = (place.terms, place.program, language_of_page())
    name = place.advocate_name
    return {
        **brand_context(place.workspace),
        "advocate": name,
        "headline": friend_headline(*words, advocate=name),
        "conditions": friend_conditions(*words),
        "disclosure": disclosure(*words, advocate=name),
        "terms_url": path_for(request, "friend:terms"),
        "page_url": request.build_absolute_uri(path_for(request, "friend:page")),
        "workspace_now": place.now,
    }


def path_for(request: HttpRequest, name: str, **more: str) -> str:
    """A sibling page under the same spelling of the address: the code alone, or the merchant's name and the code."""
    given = request.resolver_match.kwargs if request.resolver_match else {}
    kwargs: dict[str, str] = {key: given[key] for key in ("merchant", "code") if key in given}
    return reverse(name, kwargs={**kwargs, **more})


def claim_label(terms: Terms) -> str:
    """The one button."""
    assert terms.offer is not None
    return _("Get %(value)s off") % {"value": _worth(terms.offer, terms.currency)}


def _worth(offer: Offer, currency: str) -> str:
    if offer.kind == Value.PERCENT:
        return percent(offer.value, language_of_page())
    return format_money(offer.value, currency, language_of_page())


def bonus_line(place: Place) -> str:
    """What a bonus that runs now adds to the friend's own reward."""
    bonus = bonus_at(place.program.pk, place.now)
    return friend_bonus_line(bonus, place.terms, zone=place.workspace.time_zone, language=language_of_page())


def reward_label(terms: Terms) -> str:
    """What a friend without a code gets after the order."""
    rule = terms.friend_reward
    if rule is None:
        return ""
    if rule.kind == Value.PERCENT:
        share = percent(rule.value, language_of_page())
        return _("%(value)s of your order back, after your purchase") % {"value": share}
    amount = reward_value(rule, terms, language_of_page())
    return _("%(value)s for you, after your purchase") % {"value": amount}


def offer_value(terms: Terms) -> str:
    if terms.offer is None:
        return reward_label(terms)
    return _("%(value)s off your order") % {"value": _worth(terms.offer, terms.currency)}


def shop_url(place: Place, token: str = "", code: str = "") -> str:
    return way_to_shop(shop_of(place.workspace), route_of(place.program, place.link), token=token, code=code)


def straight_to_shop(place: Place, token: str) -> str:
    """The shop's address where the program leads there without a page of ours; empty where there is a page."""
    if place.program.landing != Program.Landing.REDIRECT or place.program.takes_leads or needs_page(place.terms):
        return ""
    return shop_url(place, token, place.terms.offer.shop_code if place.terms.offer else "")


def seal_offer(claim_id: UUID, token: str) -> str:
    """The address of a friend's own offer: whoever has it sees the code, so it is signed and found nowhere else."""
    return sign_value([str(claim_id), token], salt=_SALT, key=settings.SECRET_KEY)


def open_offer(sealed: str) -> tuple[UUID, str] | None:
    value = unsign_value(sealed, salt=_SALT, key=settings.SECRET_KEY, fallback_keys=settings.SECRET_KEY_FALLBACKS)
    if not isinstance(value, list) or len(value) != 2:
        return None
    return UUID(value[0]), str(value[1])
