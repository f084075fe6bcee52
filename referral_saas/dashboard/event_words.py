"""What happened, in words for the merchant: every event code of the log, and who did it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _now

from advocates.models import Channel
from kit.asked import asked_often
from kit.language import language_of_page
from kit.many import any_of
from kit.units import amount_text
from kit.wording import day, exact
from leads.models import Lead
from merchants.models import ApiKey, Event, User
from referral_saas.dashboard.event_titles import TITLES
from referral_saas.dashboard.lists.titles import export_text
from rewards.models import Reward, RewardBlock, Withdrawal
from rewards.payout_words import line_reason
from rewards.rules import Why
from rewards.wording import reason_text
from tracking.models import Leak, ListEntry, Review

Text = Promise | str
_OF_BANKS = {"payout.failed", "payout.left_out", "reward.not_paid"}

TONES = {
    "review.opened": "warn", "review.cleared": "good", "review.refused": "bad", "review.voided": "bad",
    "review.second_look_asked": "info", "review.undone": "warn", "program.breaker_tripped": "bad",
    "program.breaker_reset": "good",
    "link.leaked": "warn", "link.rotated": "info", "link.rotation_undone": "warn",
    "payout.paid": "good", "payout.failed": "bad", "payout.confirmed": "info", "payout.closed": "good",
    "payout.changed": "warn", "reward.not_paid": "bad", "reward.in_payout": "info", "tax_form.asked": "warn",
    "reward.expired": "neutral", "reward.expiring": "warn", "ledger.differs": "bad",
    "reward.fulfilled": "good", "reward.released": "info", "reward.failed": "bad", "reward.blocked": "warn",
    "reward.cancelled": "neutral", "reward.clawed_back": "bad", "reward.changed": "warn", "advocate.banned": "bad",
    "advocate.paused": "warn", "referral.blocked": "bad", "referral.attributed": "good",
    "referral.assigned": "good", "referral.unassigned": "warn", "introduction.confirmed": "good", "codes.empty": "bad",
    "codes.low": "warn", "codes.set_aside": "warn", "workspace.restored": "warn",
    "stock.low": "warn", "reward.given": "good", "reward.rejected": "bad",
    "connection.failing": "bad", "event.set_aside": "bad", "setback.set_aside": "bad", "claim.refused": "bad",
    "advocate.cap_reached": "warn", "advocate.enrolled": "good",
    "lead.won": "good", "lead.lost": "neutral", "lead.reopened": "warn", "lead.asked_again": "info",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a timeline, as the component wants it."""

    title: str
    at: datetime
    text: str
    tone: str
    state: str = "done"


def lines_of(events: Iterable[Event], *, zone: str) -> list[Line]:
    """A timeline in words: two statements for all the names, however many events."""
    told = list(events)
    names = names_of(who for event in told for who in (event.by, _whom(event)) if who)
    return [
        Line(title_of(event.code), event.at, _text(event, names, zone), TONES.get(event.code, "")) for event in told
    ]


def title_of(code: str) -> str:
    return str(TITLES[code]) if code in TITLES else code.replace(".", " ").replace("_", " ")


def names_of(by: Iterable[str]) -> dict[str, str]:
    """Who stands behind each ``by`` of the log."""
    who = set(by)
    of_users, of_keys = _ids(who, "user"), _ids(who, "api")
    users = {user.pk: str(user) for user in _users(of_users)} if of_users else {}
    keys = {key.pk: key.name for key in _api_keys(of_keys)} if of_keys else {}
    return {one: _name(one, users, keys) for one in who}


@asked_often
def _users(keys: list[UUID]) -> QuerySet[User]:
    return User.objects.filter(any_of("pk", keys)).only("name", "email", "deleted_at")


@asked_often
def _api_keys(keys: list[UUID]) -> QuerySet[ApiKey]:
    rows: QuerySet[ApiKey] = ApiKey.objects.filter(any_of("pk", keys)).only("merchant_id", "name")
    return rows


def _ids(who: Iterable[str], kind: str) -> list[UUID]:
    return [UUID(one.partition(":")[2]) for one in who if one.startswith(f"{kind}:")]


def _name(by: str, users: dict[UUID, str], keys: dict[UUID, str]) -> str:
    kind, _sign, key = by.partition(":")
    if kind == "user":
        return users.get(UUID(key)) or _now("Somebody who has left")
    if kind == "api":
        return _now("API key %(name)s") % {"name": keys.get(UUID(key), "")}
    named = {"advocate": _now("The advocate"), "shop": _now("The shop"), "friend": _now("The customer")}
    return named.get(kind) or _now("Automatic")


def _whom(event: Event) -> str:
    """Of the team, and another than who did it: written as ``by`` is."""
    whom = f"user:{event.data['user']}" if event.code.startswith("team.") and "user" in event.data else ""
    return whom if whom != event.by else ""


def _text(event: Event, names: dict[str, str], zone: str) -> str:
    details = [detail for detail in [names.get(_whom(event), ""), *_details(event, zone)] if detail]
    return " · ".join([*details, names[event.by]])


def _details(event: Event, zone: str) -> list[str]:
    data, language = event.data, language_of_page()
    told = [_amount(data, language), _due(data, zone, language), _reason(event), _kind(data), _count(data)]
    return [*told, *_sides(data), export_text(data), _look(data, zone, language)]


def _amount(data: dict[str, Any], language: str) -> str:
    """The amount; where it changed, from what to what, or by how much."""
    unit = data.get("unit")
    if not unit or data.get("amount_minor") is None:
        return ""
    amount = amount_text(data["amount_minor"], unit, language)
    if data.get("change_minor") is not None:
        return amount_text(abs(data["change_minor"]), unit, language)
    if data.get("before_minor") is not None:
        before = amount_text(data["before_minor"], unit, language)
        return _now("%(before)s became %(after)s") % {"before": before, "after": amount}
    return amount


def _due(data: dict[str, Any], zone: str, language: str) -> str:
    """The end of the hold, where it is still ahead: not of what was taken back later."""
    if not data.get("release_at") or "change_minor" in data:
        return ""
    until = day(datetime.fromisoformat(data["release_at"]), zone, language)
    return _now("held until %(day)s") % {"day": until}


def _look(data: dict[str, Any], zone: str, language: str) -> str:
    """How long somebody could look at a portal at most, and whether the advocate was told."""
    if "viewing" not in data or "until" not in data:
        return ""
    until = {"when": exact(datetime.fromisoformat(data["until"]), zone, language)}
    if data.get("told"):
        return _now("until %(when)s at most, told by mail") % until
    return _now("until %(when)s at most") % until


def _reason(event: Event) -> str:
    """Why; that all conditions are met is no reason to be told. Banks have reasons of their own, some of the same
    name as a service's."""
    code = str(event.data.get("reason") or "")
    if not code or code == Why.QUALIFIES:
        return ""
    return (line_reason(code) if event.code in _OF_BANKS else "") or reason_text(code)


_KINDS: tuple[tuple[str, Any], ...] = (
    ("channel", Channel),
    ("kind", RewardBlock.Kind),
    ("state", Withdrawal.State),
    ("cause", Review.Cause),
    ("kind", Leak.Kind),
    ("list", ListEntry.List),
    ("lost", Lead.Lost),
    ("to", Lead.Stage),
)
#: Looked up for each line of the audit: a class of choices makes the list of its values anew each time.
_WORDS = [(name, {str(value): label for value, label in words.choices}) for name, words in _KINDS]


def _kind(data: dict[str, Any]) -> str:
    """The channel of a share, what kind of stop it was, what became of a code, why somebody is to look, where a lead
    went."""
    for name, words in _WORDS:
        if isinstance(code := data.get(name), str) and code in words:
            return str(words[code])
    return ""


def _count(data: dict[str, Any]) -> str:
    if "given" in data and "cap" in data:
        return _now("%(given)s of %(cap)s") % {"given": data["given"], "cap": data["cap"]}
    return ""


def _sides(data: dict[str, Any]) -> list[str]:
    """What a review decided for each side that had something to gain."""
    words = {True: _now("%(side)s: given"), False: _now("%(side)s: refused")}
    sides = (("advocate_ok", Reward.Side.ADVOCATE), ("friend_ok", Reward.Side.FRIEND))
    return [words[data[name]] % {"side": side.label} for name, side in sides if isinstance(data.get(name), bool)]
