"""What a template gives of the catalogue becomes the merchant's own: found by its name, or made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kit.tenancy import transaction_required
from programs.actions.kinds import create_kind
from programs.models import RewardKind
from programs.rules import Gives, RewardRule, Terms


@transaction_required
def own_kinds(*, terms: Terms, by: str, now: datetime) -> Terms:
    """The terms with kinds of this workspace. Asked again it makes none: a kind of that name and form is taken."""
    friend = _own(terms.friend_reward, by, now) if terms.friend_reward else None
    return replace(terms, advocate_reward=_own(terms.advocate_reward, by, now), friend_reward=friend)


def _own(rule: RewardRule, by: str, now: datetime) -> RewardRule:
    if rule.gives is None:
        return rule
    gives = _kind_for(rule.gives, by, now).as_gives()
    return replace(rule, gives=gives, fulfilment=gives.fulfilment)


def _kind_for(wanted: Gives, by: str, now: datetime) -> RewardKind:
    """Where the name stands for something else already, the new one is counted."""
    name, number = wanted.name, 1
    while found := RewardKind.objects.filter(name=name, archived_at=None).first():
        standing: RewardKind = found
        if (found.form, found.unit) == (wanted.form, wanted.unit):
            return standing
        number += 1
        name = f"{wanted.name} {number}"
    return create_kind(gives=replace(wanted, name=name), by=by, now=now)
