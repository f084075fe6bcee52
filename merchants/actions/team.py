"""Who works for a merchant. Every verb locks the workspace first, so two of them never decide on the same old team.

Only an owner makes, changes or removes an owner; the last owner stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from kit.clock import database_now
from kit.tenancy import current_merchant_id, transaction_required
from kit.text import normalise_email
from merchants import events
from merchants.actions.saved import leave_views
from merchants.locks import invitation_for_update, user_for_update, workspace_for_update
from merchants.models import Invitation, Membership, Merchant, Role, User, Workspace
from merchants.permissions import can

INVITATION_LASTS = timedelta(days=7)
#: Of one workspace in 24 hours: an invitation is a mail of ours to anybody, under a name that the workspace chose.
MOST_A_DAY = 50


class TeamError(Exception):
    """Refused, nothing changed. The message is for the person who tried."""


class NotAllowed(TeamError):
    """This member may not do that."""


class LastOwner(TeamError):
    """A workspace without an owner could never be managed again."""


class AlreadyMember(TeamError):
    """The invited person is in the team."""


class TooManyInvitations(TeamError):
    """More in a day than a team takes in."""


class BadAddress(TeamError):
    """Not an e-mail address."""


class InvitationClosed(TeamError):
    """Accepted, withdrawn or too old."""


class NotYourInvitation(TeamError):
    """It was sent to another address than the one this person signs in with."""


@transaction_required
def invite_member(*, email: str, role: str, by: Membership, now: datetime) -> Invitation:
    """Invite by mail (the event's reader sends it). Inviting again renews the open invitation with the new role."""
    workspace, actor = _enter(by)
    _check_role(role)
    _refuse_unless_leader_of(actor, role)
    address = _address(email)
    if Membership.objects.filter(merchant_id=workspace.id, user__email=address).exists():
        raise AlreadyMember(_("This person is already in your team."))
    _refuse_unless_free_to_invite(workspace, actor, address)
    invitation, _created = Invitation.objects.update_or_create(
        merchant_id=workspace.id,
        email=address,
        accepted_at=None,
        withdrawn_at=None,
        defaults={"role": role, "invited_by_id": actor.user_id, "expires_at": database_now() + INVITATION_LASTS},
    )
    _record("team.invited", workspace, actor.user_id, now, invitation=str(invitation.pk), role=role)
    return invitation


@transaction_required
def withdraw_invitation(*, invitation: Invitation, by: Membership, now: datetime) -> None:
    workspace, actor = _enter(by)
    found = invitation_for_update(invitation)
    _refuse_unless_leader_of(actor, found.role)
    if found.accepted_at or found.withdrawn_at:
        raise InvitationClosed(_("This invitation is no longer open."))
    found.withdrawn_at = database_now()
    found.save(update_fields=["withdrawn_at"])
    _record("team.withdrawn", workspace, actor.user_id, now, invitation=str(found.pk))


@transaction_required
def accept_invitation(*, invitation: Invitation, user: User, now: datetime) -> Membership:
    """Join the team. A person who is in it already keeps the role they have."""
    _refuse_deleted(user)
    workspace = workspace_for_update()
    found = invitation_for_update(invitation)
    _refuse_unless_open_for(found, user)
    found.accepted_at = database_now()
    found.save(update_fields=["accepted_at"])
    membership, created = Membership.objects.get_or_create(
        merchant_id=workspace.id, user=user, defaults={"role": found.role}
    )
    if created:
        _record("team.joined", workspace, user.pk, now, user=str(user.pk), role=membership.role)
    return membership


@transaction_required
def change_role(*, membership: Membership, role: str, by: Membership, now: datetime) -> Membership:
    workspace, actor = _enter(by)
    _check_role(role)
    member = _reload(membership)
    _refuse_unless_leader_of(actor, member.role, role)
    if member.role == role:
        return member
    _refuse_last_owner(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    _record("team.changed", workspace, actor.user_id, now, user=str(member.user_id), before=before, role=role)
    return member


@transaction_required
def remove_member(*, membership: Membership, by: Membership, now: datetime) -> None:
    """Take a member out of the team; everybody may leave by themselves."""
    workspace = workspace_for_update()
    actor, member = _reload(by), _reload(membership)
    if actor.pk != member.pk:
        _refuse_unless_leader_of(actor, member.role)
    if not _is_alone_in_ending_sandbox(member):
        _refuse_last_owner(member)
    user_id = member.user_id
    leave_views(user_id=user_id)
    member.delete()
    _record("team.removed", workspace, actor.user_id, now, user=str(user_id))


def _enter(by: Membership) -> tuple[Workspace, Membership]:
    """Lock the team, then see what the acting member is now: the role may have gone while waiting."""
    workspace = workspace_for_update()
    return workspace, _reload(by)


def _reload(membership: Membership) -> Membership:
    found = Membership.objects.filter(pk=membership.pk, merchant_id=current_merchant_id()).first()
    if found is None:
        raise NotAllowed(_("This person is not in your team."))
    return found


def _refuse_unless_leader_of(actor: Membership, *roles: str) -> None:
    if not can(actor.role, "team.manage"):
        raise NotAllowed(_("Only owners and admins manage the team."))
    if Role.OWNER in roles and actor.role != Role.OWNER:
        raise NotAllowed(_("Only an owner can make, change or remove an owner."))


def _refuse_unless_free_to_invite(workspace: Workspace, actor: Membership, address: str) -> None:
    """An invitation that stands is renewed by who could have made it; of others there is a number a day."""
    ours = Invitation.objects.filter(merchant_id=workspace.id)
    standing = ours.filter(email=address, accepted_at=None, withdrawn_at=None).first()
    made_today = ours.filter(expires_at__gt=database_now() + INVITATION_LASTS - timedelta(days=1))
    if standing:
        _refuse_unless_leader_of(actor, standing.role)
    elif made_today.count() >= MOST_A_DAY:
        raise TooManyInvitations(_("These are many invitations for one day. Invite the others tomorrow."))


def _refuse_last_owner(member: Membership) -> None:
    owners = Membership.objects.filter(merchant_id=member.merchant_id, role=Role.OWNER)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise LastOwner(_("This is the last owner: make somebody else an owner first."))


def _is_alone_in_ending_sandbox(member: Membership) -> bool:
    """Nobody waits for anything of it, so nobody has to be there to keep it."""
    is_ending = Merchant.objects.filter(pk=member.merchant_id, is_sandbox=True, closes_at__isnull=False).exists()
    return is_ending and not Membership.objects.filter(merchant=member.merchant_id).exclude(pk=member.pk).exists()


def _refuse_deleted(user: User) -> None:
    """They may have deleted their account while this was on its way."""
    if user_for_update(user).deleted_at:
        raise NotYourInvitation(_("Your account was deleted."))


def _refuse_unless_open_for(invitation: Invitation, user: User) -> None:
    if invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= database_now():
        raise InvitationClosed(_("This invitation is no longer open. Ask for a new one."))
    if user.email.lower() != invitation.email:
        raise NotYourInvitation(_("This invitation was sent to another address. Sign in with that one."))


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise NotAllowed(_("There is no such role."))


def _address(email: str) -> str:
    address = normalise_email(email)
    if address is None:
        raise BadAddress(_("Write a complete e-mail address."))
    return address


def _record(code: str, workspace: Workspace, user_id: object, now: datetime, **data: str) -> None:
    events.record(code, subject=workspace, by=f"user:{user_id}", now=now, data=data)
