"""Words of the review queue: what stopped it, when something happens by itself, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.language import language_of_page
from kit.wording import day, relative
from rewards.review_selectors import Countdown, Unanswered
from tracking.models import Review
from tracking.rules.fraud import Signal

#: A few words for lists and forms; the whole sentence with its values is tracking.fraud_wording's.
_TITLES: dict[str, Promise | str] = {
    Signal.SIMILAR_EMAIL: _("Similar e-mail addresses"),
    Signal.SIMILAR_NAME: _("Similar names"),
    Signal.SAME_BROWSER: _("Same browser nearby"),
    Signal.SAME_ADDRESS: _("Same internet address"),
    Signal.ADDRESS_AND_HASTE: _("Same address and browser, minutes apart"),
    Signal.DISPOSABLE_MAIL: _("Throw-away e-mail address"),
    Signal.RELAY_MAIL: _("Hidden e-mail address"),
    Signal.VELOCITY: _("Many orders in one hour"),
    Signal.RING: _("People who refer each other"),
    Signal.COUPON_SITE: _("Came from a coupon site"),
    Signal.TOO_FAST: _("Ordered within seconds"),
    Signal.LEAKED_CODE: _("Link that has leaked"),
    Signal.HAMMERED_LINK: _("Link opened again and again"),
    Signal.LISTED: _("On your block list"),
    Signal.BREAKER: _("More referrals than usual"),
    Signal.EVALUATION_FAILED: _("Could not be checked"),
}

_CAUSES: dict[str, Promise | str] = {
    Review.Cause.SCORE: _("The checks below saw something, and their points together say that somebody should look."),
    Review.Cause.ERROR: _("One of the checks could not be made. Until somebody has looked, nothing is released."),
    Review.Cause.BREAKER: _(
        "It came in an hour with more referrals than usual, so it waits until you say all is well."
    ),
    Review.Cause.LIST: _("It fits an entry of your block list."),
    Review.Cause.SAMPLE: _("It passed every check. A few of those are shown to you, to see if the checks are right."),
    Review.Cause.APPEAL: _("It was refused, and the advocate asks for a second look."),
    Review.Cause.HAND: _("Somebody of your team asked for a review."),
}

_STATES: dict[str, Promise | str] = {
    Review.State.OPEN: _("Waiting"),
    Review.State.CLEARED: _("Approved"),
    Review.State.REFUSED: _("Refused"),
    Review.State.LAPSED: _("Released by itself"),
    Review.State.VOIDED: _("Refused by itself"),
}

LEVEL_TONES = {Review.Level.HIGH: "bad", Review.Level.MEDIUM: "warn", Review.Level.PASS: "good"}
STATE_TONES = {
    Review.State.OPEN: "warn", Review.State.CLEARED: "good", Review.State.REFUSED: "bad",
    Review.State.LAPSED: "neutral", Review.State.VOIDED: "bad",
}  # fmt: skip


def signal_title(code: str) -> str:
    return str(_TITLES.get(code, code))


def cause_sentence(cause: str) -> str:
    return str(_CAUSES[Review.Cause(cause)])


def state_text(review: Review) -> str:
    if review.state == Review.State.LAPSED and review.advocate_ok is None and review.friend_ok is None:
        return _now("Not needed any more")
    return str(_STATES[Review.State(review.state)])


def level_text(review: Review) -> str:
    texts = {
        Review.Level.HIGH: _now("High"),
        Review.Level.MEDIUM: _now("Medium"),
        Review.Level.PASS: _now("Passed"),
    }
    return texts[Review.Level(review.level)]


def by_itself(review: Review, countdown: Countdown, now: datetime, zone: str) -> str:
    """What happens without a decision, and how soon, in a few words for a list."""
    if review.cause == Review.Cause.APPEAL and review.answer_by:
        return _now("Answer due %(when)s") % {"when": relative(review.answer_by, now, zone, language_of_page())}
    if countdown.at is None:
        return _now("Released when its hold ends")
    when = {"when": relative(countdown.at, now, zone, language_of_page())}
    texts = {
        Unanswered.RELEASED: _now("Released %(when)s"),
        Unanswered.REFUSED: _now("Refused %(when)s"),
        Unanswered.CLOSED: _now("Closed %(when)s"),
    }
    return texts[countdown.then] % when


def without_decision(review: Review, countdown: Countdown, zone: str) -> str:
    """The same in whole sentences, with the day."""
    if review.cause == Review.Cause.APPEAL:
        return _now("It stays refused as long as nobody decides. The advocate waits for your answer.")
    if countdown.at is None:
        return _now("If nobody decides, it is released by itself when its hold ends. That day is not known yet.")
    texts = {
        Unanswered.RELEASED: _now("If nobody decides, it is released by itself on %(day)s, when its hold ends."),
        Unanswered.REFUSED: _now(
            "It stays held until somebody decides. On %(day)s it is refused by itself, with notice."
        ),
        Unanswered.CLOSED: _now("Nothing is held. If nobody looks, it leaves this list on %(day)s."),
    }
    return texts[countdown.then] % {"day": day(countdown.at, zone, language_of_page())}


def trust_text(level: int) -> str:
    """What an advocate's clean past is worth when a referral of theirs is judged."""
    texts = {
        0: _now("New: nothing proven yet"),
        1: _now("Good: some clean referrals"),
        2: _now("High: many clean referrals"),
    }
    return texts.get(level, texts[2])


def signals_of(review: Review) -> list[dict[str, Any]]:
    """Strongest first."""
    told = review.referral.assessment.get("signals", [])
    return sorted(told, key=lambda signal: -signal["points"])
