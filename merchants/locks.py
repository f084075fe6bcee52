"""Row locks of the workspace itself. They stand outside kit.locks' order: taken alone, before anything else."""

from __future__ import annotations

from django.db.models import QuerySet

from kit.asked import asked_often, the_one
from kit.tenancy import current_merchant_id
from merchants.models import Invitation, Merchant, User, Workspace


def workspace_for_update() -> Workspace:
    """Serialises what concerns the whole workspace: its settings, its team, its keys. Guards its event numbers."""
    workspace: Workspace = the_one(_workspace(), Workspace)
    return workspace


@asked_often
def _workspace() -> QuerySet[Workspace]:
    rows: QuerySet[Workspace] = Workspace.objects.all()
    return rows.select_for_update(no_key=True)


def merchant_for_update() -> Merchant:
    return Merchant.objects.select_for_update(no_key=True).get(pk=current_merchant_id())


def invitation_for_update(invitation: Invitation) -> Invitation:
    """The invitation as it is now. Raises DoesNotExist for one of another merchant: the table has no row security."""
    return Invitation.objects.select_for_update().get(pk=invitation.pk, merchant_id=current_merchant_id())


def user_for_update(user: User) -> User:
    """Serialises what concerns a person: ways to sign in, seats taken or given up, looks at portals. Before everything
    of the workspaces that are told of it."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)
