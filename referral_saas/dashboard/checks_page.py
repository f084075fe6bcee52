"""The checks of a program: what each needs to know, and whether orders told it lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from babel.lists import format_list
from django.db.models import Count, Q
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.language import language_of_page
from kit.wording import locale_of
from programs.models import Program
from referral_saas.dashboard.forms.checks import WEIGHT, PolicyForm
from referral_saas.dashboard.review_words import signal_title
from tracking.models import Breaker, Referral, Review
from tracking.rules.fraud import RULES, WEIGHTS, Rule

#: Of so many referrals it is told how many could be checked.
LOOKED_AT = 200
LATELY = timedelta(days=90)

#: What a check reads, by the name of the field of tracking.rules.fraud.Evidence.
_NEEDS: dict[str, Promise | str] = {
    "advocate_email": _("the advocate's e-mail address"),
    "friend_email": _("the friend's e-mail address"),
    "advocate_name": _("the advocate's name"),
    "friend_name": _("the friend's name"),
    "order_place": _("the internet address and browser of the order"),
    "referrers": _("the website the friend came from"),
    "clicked_at": _("that the friend came by a link"),
    "leaked": _("that the friend came by a link"),
    "clicks_in_minute": _("that the friend came by a link"),
}


@dataclass(frozen=True)
class Check:
    """``checked`` of ``judged`` referrals lately had what it needs."""

    title: str
    needs: str
    checked: int
    judged: int
    bound: BoundField

    @property
    def tone(self) -> str:
        if not self.judged:
            return "neutral"
        return "good" if self.checked == self.judged else "warn" if self.checked else "neutral"

    @property
    def word(self) -> str:
        if not self.judged:
            return _now("Not seen yet")
        if not self.checked:
            return _now("Not available with this connection")
        if self.checked == self.judged:
            return _now("Works")
        return _now("Works for %(checked)s of %(judged)s") % {"checked": self.checked, "judged": self.judged}


def checks_context(program: Program, form: PolicyForm, *, now: datetime) -> dict[str, Any]:
    judged, unseen = _seen_lately(program.pk, now)
    rules = {str(rule.signal): rule for rule in RULES}
    return {
        "program": program,
        "form": form,
        "checks": [_check(rules[code], form, judged, unseen.get(code, 0)) for code in WEIGHTS],
        "breaker": Breaker.objects.filter(program=program, tripped_at__isnull=False).first(),
        "held_by_breaker": _held_by_breaker(program.pk),
    }


def _check(rule: Rule, form: PolicyForm, judged: int, unseen: int) -> Check:
    needs = list(dict.fromkeys(str(_NEEDS[name]) for name in rule.needs))
    words = _now("Needs %(what)s.") % {"what": _and(needs)} if needs else _now("Needs nothing but the orders.")
    bound = form[f"{WEIGHT}{rule.signal.lower()}"]
    return Check(signal_title(rule.signal), words, judged - unseen, judged, bound)


def _and(words: list[str]) -> str:
    return str(format_list(words, locale=locale_of(language_of_page())))


def _seen_lately(program_id: UUID, now: datetime) -> tuple[int, dict[str, int]]:
    """How many of the newest referrals were judged, and how many of them lacked what each check needs."""
    rows = Referral.objects.filter(program=program_id, attributed_at__gt=now - LATELY).exclude(assessment={})
    newest = rows.order_by("-attributed_at", "-pk").values("pk")[:LOOKED_AT]
    lacks = {code: Count("pk", filter=Q(assessment__missing__contains=[code])) for code in WEIGHTS}
    found = Referral.objects.filter(pk__in=newest).aggregate(judged=Count("pk"), **lacks)
    return found.pop("judged"), found


def _held_by_breaker(program_id: UUID) -> int:
    rows = Review.objects.filter(state=Review.State.OPEN, cause=Review.Cause.BREAKER, referral__program=program_id)
    return int(rows.count())
