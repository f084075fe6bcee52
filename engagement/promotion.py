"""What a shop says of its program in each place, made of the live terms: nothing here can be out of date or invented.

"You" is a customer of the shop who may recommend it. The texts are in the language of the shop's portal and mails.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from engagement import addresses
from engagement.rules.coverage import Place
from merchants.models import Workspace
from programs.models import Program
from programs.wording import advocate_promise, friends_promise


@dataclass(frozen=True, slots=True)
class Told:
    """A live program as it is told of."""

    program: Program
    shop: str
    language: str
    #: What advocate and friend get, in one or two sentences.
    gain: str

    def address(self, mark: str) -> str:
        """Where customers join; ``mark`` is a place, or a staff link's."""
        return addresses.join(self.program.merchant.slug, self.program.slug, mark)

    def spoken(self, mark: str) -> str:
        return self.address(mark).partition("://")[2]


def told_of(program: Program, place: Workspace) -> Told:
    """``place``: the workspace whose language and name count."""
    terms, language = program.live_terms, place.language
    both = (advocate_promise(terms, program, language), friends_promise(terms, language))
    return Told(program, place.merchant.name, language, " ".join(each for each in both if each))


@dataclass(frozen=True, slots=True)
class Block:
    """What a block on a page or in a newsletter says."""

    title: str
    text: str
    button: str
    address: str


def block_for(place: Place, told: Told) -> Block | None:
    """None for places where no HTML can be pasted."""
    with translation.override(told.language):
        said = _block_words(told.shop).get(place)
    return Block(said[0], told.gain, said[1], told.address(place)) if said else None


def _block_words(shop: str) -> dict[Place, tuple[str, str]]:
    """Title and button."""
    name = {"shop": shop}
    return {
        Place.POST_PURCHASE: (_("Thank you! Who else would like this?"), _("Recommend %(shop)s") % name),
        Place.ACCOUNT: (_("Recommend %(shop)s") % name, _("Get your own link")),
        Place.NEWSLETTER: (_("Do your friends know us yet?"), _("Recommend %(shop)s") % name),
        Place.HOMEPAGE: (_("Recommend us to your friends"), _("Join now")),
        Place.BLOG: (_("Do you like what we do? Tell your friends."), _("Get your own link")),
    }


def text_for(place: Place, told: Told) -> str:
    """What is written or said word for word; empty for places with a block, and for staff links."""
    values = {"shop": told.shop, "gain": told.gain, "url": told.address(place), "spoken": told.spoken(place)}
    with translation.override(told.language):
        return _texts().get(place, "") % values


def _texts() -> dict[Place, str]:
    return {
        Place.APP_MENU: _("Recommend us"),
        Place.CHAT: _("Yes, you can recommend us. %(gain)s Join here to get your own link: %(url)s"),
        Place.SOCIAL: _("Do you know somebody who would like %(shop)s? %(gain)s Join here: %(url)s"),
        Place.PHONE: _("You can recommend %(shop)s to your friends. %(gain)s Join at %(spoken)s."),
    }


def card_words(told: Told) -> tuple[str, str]:
    """Headline and small print of a poster or card."""
    with translation.override(told.language):
        headline = _("Recommend us to your friends. %(gain)s") % {"gain": told.gain}
        return headline, _("Scan the code or type the address. The terms stand there.")
