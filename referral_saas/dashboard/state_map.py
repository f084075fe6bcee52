"""The states a program's referrals and rewards are in, as a drawing and as a table; every number opens its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.program_states import States
from kit.flow import Group, State, flow
from kit.wording import number
from programs.models import Program
from referral_saas.templatetags.desk import TONES
from rewards.models import Reward
from tracking.models import Referral

#: State -> where it stands: (place, line). A referral that qualified leads to rewards.
_REFERRALS: dict[str, tuple[int, Any]] = {
    Referral.State.PENDING: (0, "main"),
    Referral.State.QUALIFIED: (1, "main"),
    Referral.State.BLOCKED: (0, "aside"),
    Referral.State.NOT_QUALIFIED: (1, "aside"),
}
_REWARDS: dict[str, tuple[int, Any]] = {
    Reward.State.HELD: (2, "main"),
    Reward.State.RELEASED: (3, "main"),
    Reward.State.FULFILLING: (4, "main"),
    Reward.State.FULFILLED: (5, "main"),
    Reward.State.CANCELLED: (2, "aside"),
    Reward.State.FAILED: (3, "aside"),
    Reward.State.EXPIRED: (4, "aside"),
    Reward.State.REVERSED: (5, "aside"),
}
#: Of neighbours in the drawing: the steps that are usual.
_ARROWS: tuple[tuple[str, str], ...] = (
    ("PENDING", "QUALIFIED"), ("PENDING", "BLOCKED"), ("PENDING", "NOT_QUALIFIED"), ("QUALIFIED", "NOT_QUALIFIED"),
    ("QUALIFIED", "HELD"),
    ("HELD", "RELEASED"), ("RELEASED", "FULFILLING"), ("FULFILLING", "FULFILLED"),
    ("HELD", "CANCELLED"), ("RELEASED", "CANCELLED"), ("FULFILLING", "FAILED"), ("FAILED", "RELEASED"),
    ("FULFILLED", "EXPIRED"), ("FULFILLED", "REVERSED"),
)  # fmt: skip

MEANINGS = {
    "PENDING": gettext_lazy("The order is not paid yet, or something about it is still open."),
    "QUALIFIED": gettext_lazy("The order counts."),
    "NOT_QUALIFIED": gettext_lazy("The order does not count, or came back."),
    "BLOCKED": gettext_lazy("An own order, or one that was judged not genuine."),
    "HELD": gettext_lazy("Promised; the order can still be returned."),
    "RELEASED": gettext_lazy("The time for returns is over; it is due."),
    "FULFILLING": gettext_lazy("It is on its way right now."),
    "FULFILLED": gettext_lazy("The person has it."),
    "CANCELLED": gettext_lazy("The order came back, or the reward was refused, before it was delivered."),
    "FAILED": gettext_lazy("It could not be delivered: somebody has to look."),
    "EXPIRED": gettext_lazy("Nobody used it in its time."),
    "REVERSED": gettext_lazy("Delivered, and taken back after the order came back."),
}


@dataclass(frozen=True, slots=True)
class StateMap:
    drawing: SafeString
    table: dict[str, Any]


def state_map(program: Program, found: States, *, base_url: str, language: str) -> StateMap:
    referrals = [_state("referrals", key, program, found, base_url, language) for key in _REFERRALS]
    rewards = [_state("rewards", key, program, found, base_url, language) for key in _REWARDS]
    title = _("Where referrals and rewards stand")
    groups = [Group(_("Referrals"), 0, 1), Group(_("Rewards, for both sides"), 2, 5)]
    drawing = flow([*referrals, *rewards], _ARROWS, groups, title=title)
    rows = [*_rows(_("Referral"), referrals), *_rows(_("Reward"), rewards)]
    head = [_("State"), _("How many"), _("What it means")]
    return StateMap(drawing, {"caption": title, "head": head, "rows": rows})


def _state(kind: str, key: str, program: Program, found: States, base_url: str, language: str) -> State:
    is_reward = kind == "rewards"
    count = (found.rewards if is_reward else found.referrals).get(key, 0)
    stopped = found.stopped.get(key, 0) if is_reward else 0
    place, line = (_REWARDS if is_reward else _REFERRALS)[key]
    return State(
        key=str(key),
        label=str((Reward.State if is_reward else Referral.State)(key).label),
        number=number(count, language),
        href=f"{base_url}/{kind}?program={program.slug}&state={key}",
        place=place,
        line=line,
        tone=TONES.get(key, "neutral"),
        note=_("%(count)s stopped") % {"count": number(stopped, language)} if stopped else "",
        is_empty=not count,
    )


def _rows(kind: str, states: list[State]) -> list[tuple[SafeString, str, str]]:
    return [
        (
            format_html('{}: <a href="{}">{}</a>', kind, state.href, state.label),
            ", ".join(part for part in (state.number, state.note) if part),
            str(MEANINGS[state.key]),
        )
        for state in states
    ]
