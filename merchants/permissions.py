"""Who may do what: the one table. Views ask ``can()``; the access matrix test is generated from it."""

from __future__ import annotations

from typing import Final

from merchants.models import Role

_ALL: Final = frozenset(Role)
_LEADS: Final = frozenset({Role.OWNER, Role.ADMIN})

PERMISSIONS: Final[dict[str, frozenset[Role]]] = {
    "view": _ALL,
    "view.share": _ALL - {Role.ANALYST},
    "program.edit": _LEADS | {Role.MARKETER},
    "budget.view": _LEADS | {Role.MARKETER, Role.FINANCE},
    "advocate.edit": _LEADS | {Role.MARKETER, Role.SUPPORT},
    "advocate.view_as": _LEADS | {Role.SUPPORT},
    "person.note": _ALL - {Role.ANALYST},
    "person.erase": _LEADS,
    "person.merge": _LEADS,
    "customer.import": _LEADS | {Role.MARKETER},
    "order.record": _LEADS | {Role.SUPPORT},
    "lead.edit": _LEADS | {Role.MARKETER, Role.SUPPORT},
    "review.decide": _LEADS | {Role.REVIEWER},
    "reward.pay": _LEADS | {Role.FINANCE},
    "reward.give": _LEADS | {Role.MARKETER, Role.SUPPORT, Role.FINANCE},
    "connection.manage": _LEADS,
    "key.manage": _LEADS,
    "team.manage": _LEADS,
    "workspace.manage": _LEADS,
    "workspace.guard": frozenset({Role.OWNER}),
    "workspace.close": frozenset({Role.OWNER}),
    "workspace.export": frozenset({Role.OWNER}),
    "clock.advance": _LEADS | {Role.MARKETER, Role.SUPPORT},
    "audit.view": _LEADS | {Role.FINANCE, Role.ANALYST},
}


def can(role: str, permission: str) -> bool:
    return role in PERMISSIONS[permission]
