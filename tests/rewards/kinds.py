"""Kinds of reward for tests, made with the product's own actions."""

from __future__ import annotations

from typing import Any

from merchants.events import SYSTEM
from merchants.models import Merchant
from programs.actions.kinds import create_kind
from programs.models import RewardKind
from programs.rules import FORMS, Form, Fulfilment, Gives, RewardRule, Value
from programs.rules.kinds import ANY_UNIT, MONEY_UNIT
from tests.cast import at_work

SETTINGS = {"percent": "10", "product_id": "p1", "plan": "gold", "charity": "Seenotretter", "campaign_id": "C1",
            "funding_source_id": "BALANCE"}  # fmt: skip


def gives(form: Form, fulfilment: Fulfilment | None = None, **changes: Any) -> Gives:
    row = FORMS[form]
    unit = {MONEY_UNIT: "EUR", ANY_UNIT: "MB"}.get(row.unit, row.unit)
    plain = {
        "id": "",
        "name": f"{form.value.lower()} {fulfilment or ''}".strip(),
        "form": form,
        "unit": unit,
        "fulfilment": fulfilment or row.fulfilments[0],
        "fair_minor": None if unit == "EUR" else 250,
        "setting": {name: SETTINGS[name] for name in row.wants},
    }
    return Gives(**{**plain, **changes})


def a_kind(
    merchant: Merchant,
    form: Form,
    fulfilment: Fulfilment | None = None,
    *,
    sizes: dict[str, int] | None = None,
    **changes: Any,
) -> RewardKind:
    with at_work(merchant) as now:
        return create_kind(gives=gives(form, fulfilment, **changes), sizes=sizes, by=SYSTEM, now=now)


def a_rule(kind: RewardKind, value: int = 5) -> RewardRule:
    return RewardRule(kind=Value.FIXED, value=value, fulfilment=Fulfilment(kind.fulfilment), gives=kind.as_gives())
