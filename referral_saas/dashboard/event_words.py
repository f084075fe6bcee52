"""What happened, in words for the merchant: every event code of the log, and who did it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.models import Channel
from kit.units import amount_text
from kit.wording import day, exact
from leads.models import Lead
from merchants.models import ApiKey, Event, User
from referral_saas.dashboard.lists.titles import export_text
from rewards.models import Reward, RewardBlock, Withdrawal
from rewards.payout_words import line_reason
from rewards.rules import Why
from rewards.wording import reason_text
from tracking.models import Leak, ListEntry, Review

Text = Promise | str
_OF_BANKS = {"payout.failed", "payout.left_out", "reward.not_paid"}

TITLES: dict[str, Text] = {
    "workspace.opened": _("Workspace opened"),
    "workspace.closing": _("Workspace is to be deleted"),
    "workspace.closing_soon": _("Owners reminded that the workspace is deleted soon"),
    "workspace.kept": _("Workspace kept after all"),
    "workspace.closed": _("Workspace closed for good"),
    "workspace.changed": _("Settings changed"),
    "workspace.consent_changed": _("Another rule for remembering visits"),
    "host.added": _("Own link address added"),
    "host.verified": _("Own link address in use"),
    "host.missed": _("DNS record of the own link address not found"),
    "host.lost": _("Own link address is about to stop"),
    "host.closed": _("Own link address stopped"),
    "host.removed": _("Own link address removed"),
    "workspace.second_factor_needed": _("Two-factor asked of everybody"),
    "workspace.second_factor_optional": _("Two-factor made optional"),
    "workspace.restored": _("Restored from a backup"),
    "team.invited": _("Somebody invited to the team"),
    "team.withdrawn": _("Invitation withdrawn"),
    "team.joined": _("Somebody joined the team"),
    "team.changed": _("Role changed"),
    "team.removed": _("Somebody removed from the team"),
    "team.second_factor_on": _("Two-factor turned on"),
    "team.second_factor_off": _("Two-factor turned off"),
    "team.second_factor_reset": _("Two-factor reset by whoever runs the installation"),
    "team.recovery_code_used": _("Recovery code used in place of the app"),
    "team.recovery_codes_renewed": _("New recovery codes made"),
    "key.created": _("API key created"),
    "key.revoked": _("API key revoked"),
    "clock.advanced": _("Test clock moved"),
    "export.asked": _("List asked for as a file"),
    "export.ready": _("List written as a file"),
    "export.failed": _("List could not be written as a file"),
    "export.removed": _("File of a list removed"),
    "import.uploaded": _("File to import brought"),
    "import.done": _("File imported"),
    "import.failed": _("Import failed"),
    "import.dropped": _("File deleted without being imported"),
    "program.created": _("Program created"),
    "program.copied": _("Copied from another program"),
    "program.edited": _("Program edited"),
    "program.version_taken_up": _("Earlier version became the draft"),
    "program.published": _("Program published"),
    "program.paused": _("Program paused"),
    "program.resumed": _("Program resumed"),
    "program.ended": _("Program ended"),
    "program.archived": _("Program archived"),
    "program.links_changed": _("Links of the program changed"),
    "codes.uploaded": _("Codes uploaded"),
    "codes.low": _("Few codes left"),
    "codes.empty": _("No codes left"),
    "codes.set_aside": _("Codes set aside after a restore"),
    "kind.created": _("Kind of reward added"),
    "kind.renamed": _("Kind of reward renamed"),
    "kind.archived": _("Kind of reward put away"),
    "kind.restored": _("Kind of reward taken out again"),
    "stock.filled": _("Stock counted"),
    "stock.low": _("Few pieces left"),
    "customer.imported": _("Customers imported"),
    "customer.unsubscribed": _("Wants no more mail"),
    "customer.resubscribed": _("Wants mail again"),
    "customer.erased": _("Person erased"),
    "customer.asked_erasure": _("Asks to be forgotten"),
    "advocate.viewed": _("Somebody looked at their portal"),
    "advocate.view_left": _("Left their portal again"),
    "note.added": _("Note written"),
    "note.removed": _("Note removed"),
    "task.added": _("Task written down"),
    "task.changed": _("Task changed"),
    "task.done": _("Task done"),
    "task.reopened": _("Task open again"),
    "task.removed": _("Task removed"),
    "tag.added": _("Tag given"),
    "tag.removed": _("Tag removed"),
    "place.said": _("Said of a place where the program is told of"),
    "staff.link_added": _("Link for staff made"),
    "staff.link_retired": _("Link for staff taken out of use"),
    "advocate.enrolled": _("Became an advocate"),
    "advocate.invited": _("Invited to become an advocate"),
    "advocate.accepted": _("Accepted the terms"),
    "advocate.magic_link": _("Link to the portal sent"),
    "advocate.paused": _("Paused"),
    "advocate.resumed": _("Resumed"),
    "advocate.banned": _("Banned"),
    "advocate.unbanned": _("Let back in"),
    "advocate.shared": _("Shared their link"),
    "link.added": _("Link added"),
    "link.changed": _("Link changed"),
    "link.retired": _("Code taken out of use"),
    "link.rotated": _("Link replaced, as it had got out"),
    "link.rotation_undone": _("The link from before works again"),
    "link.leaked": _("A link has got out"),
    "leak.dismissed": _("Left as it is"),
    "leak.reopened": _("To be looked at again"),
    "budget.set": _("Budget set"),
    "budget.low": _("80% of the budget committed"),
    "budget.reached": _("Budget used up"),
    "bonus.planned": _("Bonus planned"),
    "bonus.ended": _("Bonus ended early"),
    "advocate.tier_moved": _("Reached a higher level"),
    "advocate.cap_near": _("Close to the largest number of rewards"),
    "advocate.cap_reached": _("Largest number of rewards reached"),
    "claim.issued": _("Friend's code given"),
    "claim.refused": _("No code could be given"),
    "claim.declined": _("An offer that somebody cannot have"),
    "mail.asked_again": _("A mail is sent once more"),
    "mail.dropped": _("A mail was not sent: too many were asked for with this address today"),
    "claim.used": _("Friend's code used"),
    "claim.sent_again": _("Friend's code sent again"),
    "referral.attributed": _("Referral attributed"),
    "referral.blocked": _("Referral blocked"),
    "referral.not_qualified": _("Referral does not qualify"),
    "referral.assigned": _("Given to the advocate by hand"),
    "referral.unassigned": _("The decision by hand was taken back"),
    "referral.valued": _("Somebody said what the order is worth"),
    "introduction.asked": _("Asked the customer who sent them"),
    "introduction.named": _("The customer said who sent them"),
    "introduction.unknown": _("The customer named somebody who was not found"),
    "introduction.confirmed": _("The advocate confirmed it"),
    "introduction.denied": _("The advocate said no"),
    "introduction.expired": _("The advocate did not answer in time"),
    "lead.added": _("Lead entered by the team"),
    "lead.created": _("Lead came in"),
    "lead.asked_again": _("Asked to be talked to once more"),
    "lead.moved": _("Moved to another stage"),
    "lead.planned": _("Owner, day or worth changed"),
    "lead.described": _("Details corrected"),
    "lead.won": _("Won, and recorded as a sale"),
    "lead.lost": _("Lost"),
    "lead.reopened": _("The sale was taken back"),
    "order.unshipped_long": _("Paid and not shipped for more than 60 days"),
    "reward.held": _("Reward held"),
    "reward.changed": _("Amount changed"),
    "reward.rescheduled": _("New end of the hold"),
    "reward.cancelled": _("Reward cancelled"),
    "reward.handed_over": _("Reward assigned anew"),
    "reward.chosen": _("Recipient chose how to take it"),
    "reward.restored": _("Reward restored"),
    "reward.released": _("Reward released"),
    "reward.fulfilled": _("Reward delivered"),
    "reward.clawed_back": _("Taken back after it was paid"),
    "reward.used": _("Code used"),
    "reward.expiring": _("Recipient reminded that it ends"),
    "reward.expired": _("Reward expired"),
    "reward.ask_back": _("Provider asked to take it back"),
    "reward.withdrawn": _("What became of it"),
    "reward.given_anew": _("Given another code"),
    "reward.arrived": _("Somebody confirmed that it arrived"),
    "reward.not_arrived": _("Somebody found that it did not arrive"),
    "ledger.checked": _("Books checked"),
    "ledger.differs": _("Team told of differences in the books"),
    "reward.failed": _("Delivery failed"),
    "reward.retried": _("Delivery is tried again"),
    "reward.given": _("Given as a surprise"),
    "reward.rejected": _("Refused by hand"),
    "reward.unrejected": _("Refusal taken back"),
    "reward.address_given": _("Address given"),
    "reward.address_changed": _("Address changed"),
    "balance.spent": _("Balance used"),
    "allowance.set": _("Allowance for surprises set"),
    "reward.blocked": _("Stopped"),
    "reward.unblocked": _("Let go"),
    "reward.in_payout": _("Taken into a payout"),
    "reward.not_paid": _("The transfer failed"),
    "reward.netted": _("Kept back in a payout"),
    "payout.made": _("Payout made"),
    "payout.left_out": _("Somebody left out"),
    "payout.taken_in": _("Somebody taken in"),
    "payout.changed": _("Calculated anew"),
    "payout.asked": _("A second person was asked"),
    "payout.reopened": _("Question taken back"),
    "payout.confirmed": _("Payout confirmed"),
    "payout.cancelled": _("Payout put away"),
    "payout.file": _("File with the accounts downloaded"),
    "payout.paid": _("Transfer arrived"),
    "payout.failed": _("Transfer failed"),
    "payout.closed": _("Every transfer has its answer"),
    "payout.policy": _("Rules for payouts changed"),
    "payout_account.given": _("Said where to pay"),
    "payout_account.changed": _("Changed where to pay"),
    "tax_form.asked": _("Tax form asked for"),
    "tax_form.collected": _("Tax form collected"),
    "review.opened": _("Put in review"),
    "review.changed": _("Checked anew"),
    "review.lapsed": _("Closed without a decision"),
    "review.cleared": _("Review approved"),
    "review.refused": _("Review refused"),
    "review.undone": _("Decision taken back"),
    "review.reminded": _("Team reminded of the review"),
    "review.voided": _("Refused because nobody decided"),
    "review.second_look_asked": _("Second look asked for"),
    "program.breaker_tripped": _("Too many referrals at once"),
    "program.breaker_reset": _("New referrals let go on"),
    "setup.changed": _("Set-up taken further"),
    "drive.begun": _("Test drive begun"),
    "drive.played": _("Test drive taken further"),
    "program.checks_changed": _("Checks changed"),
    "list.added": _("Added to a block or trust list"),
    "list.removed": _("Removed from a block or trust list"),
    "team.told": _("Somebody of the team told by mail"),
    "advocate.trust_changed": _("Trust changed"),
    "connection.added": _("Connection added"),
    "connection.changed": _("Connection got new credentials"),
    "connection.failing": _("Connection is failing"),
    "connection.removed": _("Connection removed"),
    "event.set_aside": _("A message of the shop was set aside"),
    "setback.set_aside": _("What broke again and again was set aside"),
    "setback.put_back": _("What was set aside is tried again"),
}

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
    users = {user.pk: user.name or user.email for user in User.objects.filter(pk__in=_ids(who, "user"))}
    keys = {key.pk: key.name for key in ApiKey.objects.filter(pk__in=_ids(who, "api"))}
    return {one: _name(one, users, keys) for one in who}


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
    data, language = event.data, get_language() or "en"
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


def _kind(data: dict[str, Any]) -> str:
    """The channel of a share, what kind of stop it was, what became of a code, why somebody is to look, where a lead
    went."""
    for name, words in _KINDS:
        if data.get(name) in words.values:
            return str(words(data[name]).label)
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
