"""A test drive in words: each step before and after it was played, and what is other in it than for real."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programs.rules.drive import StandIn, Step

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Words:
    """``label``: in the row of steps. ``press`` (within a sentence) and ``ahead``: before it is played. ``heading`` and
    ``lead``: after."""

    label: Text
    press: Text
    ahead: Text
    heading: Text
    lead: Text


SUMMARY = "summary"
SUMMARY_LABEL = _("Summary")

WORDS: dict[Step, Words] = {
    Step.JOIN: Words(
        _("Join"),
        _("Dana joins"),
        _("Dana, a customer of yours, joins your program and gets a link of her own."),
        _("Dana joined and has her link"),
        _("Dana stands for a customer of yours. Whoever buys by her link counts for her."),
    ),
    Step.VISIT: Words(
        _("Offer"),
        _("her friend Eve opens the link"),
        _("Eve opens Dana's link and takes what you offer her."),
        _("Eve opened the link"),
        _("The visit is counted for Dana. The page behind the link is the real one: open it, it can do no harm."),
    ),
    Step.ORDER: Words(
        _("Order"),
        _("Eve orders"),
        _("Eve buys for the first time. Her order comes in the way orders of your shop do."),
        _("Eve ordered"),
        _("This is how each order is judged: whose friend is it, and what is it worth?"),
    ),
    Step.DELIVERY: Words(
        _("Delivery"),
        _("the order arrives"),
        _("Two days go by and the order is with Eve. From that day on the return period counts."),
        _("The order has arrived"),
        _("Now the day is known on which nothing can come back any more."),
    ),
    Step.HOLD: Words(
        _("Waiting"),
        _("the return period passes"),
        _("The clock of this drive moves to the end of the return period. Your own clock stays as it is."),
        _("The return period is over"),
        _("The clock of this drive was moved. Nothing came back, so nothing stands in the reward's way."),
    ),
    Step.RELEASE: Words(
        _("Release"),
        _("the reward is released"),
        _("What waited long enough may be given. For real this happens by itself."),
        _("The reward is released"),
        _("From now on you owe it to Dana. For real this happens by itself, within minutes."),
    ),
    Step.GIFT: Words(
        _("Reward"),
        _("the reward is given"),
        _("Dana gets what she was promised, and a mail that says so."),
        _("Dana has her reward"),
        _("That was the whole loop. The summary says what everybody got."),
    ),
    Step.RETURN: Words(
        _("Return"),
        _("the order comes back"),
        _("Eve sends everything back and gets her money. See what becomes of the reward."),
        _("The order came back"),
        _("Eve has her money again, so there is nothing to thank Dana for."),
    ),
}

STAND_INS: dict[StandIn, Text] = {
    StandIn.CODES: _("Codes begin with TEST. Codes of your shop are not used up."),
    StandIn.BY_HAND: _("What you pay out, send, or have your own software do is only marked as given."),
    StandIn.BALANCE: _("Credit is kept here instead of at your payment service."),
    StandIn.CHOICE: _("Nobody chooses among several rewards: the first one is given."),
    StandIn.EVERY: _("The first friend earns the reward already."),
    StandIn.DATES: _("The program runs from today on, whatever its first and last day are."),
    StandIn.LEVELS: _("Levels for busy advocates are left out."),
}
