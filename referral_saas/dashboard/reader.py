"""As whom a list is read: by the person at a page, or for them by a worker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from merchants.models import Membership, Workspace
from merchants.permissions import can
from merchants.selectors import workspace


class Reader(Protocol):
    @property
    def workspace(self) -> Workspace: ...

    @property
    def membership(self) -> Membership: ...

    def may(self, permission: str) -> bool: ...


@dataclass
class ForSomebody:
    """A worker reads for the person in this seat, in a transaction of their workspace."""

    membership: Membership

    @cached_property
    def workspace(self) -> Workspace:
        return workspace()

    def may(self, permission: str) -> bool:
        return can(self.membership.role, permission)
