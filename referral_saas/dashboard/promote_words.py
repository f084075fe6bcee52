"""What the places are called where a shop tells of its program, why they help, and how to fill them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement.rules.coverage import How, Place, State
from referral_saas.templatetags.ui import Tone

Text = Promise | str


@dataclass(frozen=True, slots=True)
class About:
    name: Text
    #: One sentence, without figures that nobody measured.
    why: Text
    #: What to do with the text.
    how: Text


ABOUT: dict[Place, About] = {
    Place.POST_PURCHASE: About(
        _("Page after the purchase"),
        _("Nobody is happier with you than somebody who has just chosen you, so this is the best moment to ask."),
        _("Paste it into the page that thanks for the order, below what was bought."),
    ),
    Place.ACCOUNT: About(
        _("Customer account"),
        _("People who come back to their account like what you do, and they find their way here again."),
        _("Paste it into the front page of the customer account."),
    ),
    Place.NEWSLETTER: About(
        _("Newsletter"),
        _("It reaches customers who have not been in your shop for a while."),
        _("Add a block for HTML in your newsletter program and paste it there. Repeat it every few months."),
    ),
    Place.HOMEPAGE: About(
        _("Banner on the front page"),
        _("Everybody who comes sees that there is a program, and that it is yours."),
        _("Paste it above or below the menu of your front page."),
    ),
    Place.STAFF: About(
        _("Staff and tills"),
        _("A friendly word from somebody they know moves customers more than any page does."),
        _("Make a link for each colleague or till. You see how many customers each of them brought to join."),
    ),
    Place.POSTER: About(
        _("Poster with QR code"),
        _("It speaks to customers who are waiting with their phone in hand: at the till, at the table, in a parcel."),
        _("Print it and hang it where people wait. The smaller cards fit into parcels."),
    ),
    Place.APP_MENU: About(
        _("Entry in your app's menu"),
        _("Whoever has your app is a regular customer, and the entry is always at hand."),
        _("Add an entry with these words to the menu of your app or shop, and let it open this address."),
    ),
    Place.CHAT: About(
        _("Answer in the chat"),
        _("Customers who ask for a discount or praise you in the chat get a good answer at once."),
        _("Save it as a ready answer in your chat or help desk."),
    ),
    Place.SOCIAL: About(
        _("Post on social media"),
        _("Your followers know you already, and some of them only need the hint."),
        _("Post it with a picture of yours. Pin it to your profile, and post it anew now and then."),
    ),
    Place.BLOG: About(
        _("Call at the end of articles"),
        _("Whoever reads to the end cares about what you do."),
        _("Paste it below the articles of your blog."),
    ),
    Place.PHONE: About(
        _("Greeting on the phone"),
        _("Callers who wait hear of the program without anybody having to think of it."),
        _("Read it out in the greeting or the waiting line of your telephone."),
    ),
}

STATES: dict[State, tuple[Tone, Text]] = {
    State.LIVE: ("good", _("Live")),
    State.QUIET: ("warn", _("Quiet")),
    State.NEVER: ("neutral", _("Not yet")),
    State.NOT_OURS: ("neutral", _("Not for us")),
}

SIGNS: dict[How, Text] = {
    How.JOINED: _("somebody joined from there"),
    How.OPENED: _("somebody came from there"),
    How.SNIPPET: _("the snippet saw it on your page"),
    How.WORD: _("you said so"),
}
