"""Who works here: members, invitations, roles."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.actions.second_factor import need_second_factor
from merchants.actions.team import (
    NotAllowed,
    TeamError,
    change_role,
    invite_member,
    remove_member,
    withdraw_invitation,
)
from merchants.models import Membership, Role
from merchants.permissions import PERMISSIONS
from merchants.selectors import member_by_id, open_invitations, team
from merchants.staff_selectors import with_second_factor
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.team import ROLE_WORDS, InvitationForm, roles_for
from referral_saas.dashboard.frame import DeskRequest, change, form_page, page, show

#: The permission table as people read it; in its order.
WORDS = {
    "view": gettext_lazy("See everything but the audit"),
    "view.share": gettext_lazy("Share saved views of lists with the team"),
    "program.edit": gettext_lazy("Edit and publish programs, upload codes"),
    "budget.view": gettext_lazy("See what programs may cost, and their bonus campaigns"),
    "advocate.edit": gettext_lazy("Invite, import, pause and ban advocates, tag people"),
    "advocate.view_as": gettext_lazy("See an advocate's portal as they see it"),
    "person.note": gettext_lazy("Write notes on people and have tasks"),
    "person.erase": gettext_lazy("Erase people who ask for it"),
    "person.merge": gettext_lazy("Merge two entries of one person"),
    "customer.import": gettext_lazy("Import customers"),
    "lead.edit": gettext_lazy("Look after leads: add, move and plan them"),
    "order.record": gettext_lazy("Record orders and deliveries by hand, import orders"),
    "review.decide": gettext_lazy("Decide what is held for review"),
    "reward.pay": gettext_lazy("Send rewards by hand, stop and free them"),
    "reward.give": gettext_lazy("Give surprises, from an allowance of their own"),
    "connection.manage": gettext_lazy("Connect shops and webhooks"),
    "key.manage": gettext_lazy("Create and revoke API keys"),
    "team.manage": gettext_lazy("Invite and remove people, change roles"),
    "workspace.manage": gettext_lazy("Change the workspace's settings"),
    "workspace.guard": gettext_lazy("Ask everybody for a second factor"),
    "workspace.close": gettext_lazy("Delete the workspace"),
    "workspace.export": gettext_lazy("Take everything of the workspace along"),
    "clock.advance": gettext_lazy("Move a sandbox's clock, read its mailbox"),
    "audit.view": gettext_lazy("Read the audit"),
}


@page()
def members(request: DeskRequest) -> HttpResponse:
    actor, may_manage = request.desk.membership, request.desk.may("team.manage")
    people = list(team())
    protected = with_second_factor(member.user_id for member in people)
    rows = [(member, may_manage and _may_touch(actor, member)) for member in people]
    context = {
        "rows": rows,
        "protected": protected,
        "lacking": len(people) - len(protected),
        "owners": sum(member.role == Role.OWNER for member, _touch in rows),
        "invitations": [(one, one.role != Role.OWNER or actor.role == Role.OWNER) for one in open_invitations()],
        "roles": roles_for(actor),
        "role_words": [(role.label, ROLE_WORDS[role]) for role in Role],
        "table": [(WORDS[name], [role in allowed for role in Role]) for name, allowed in PERMISSIONS.items()],
        "role_names": [role.label for role in Role],
    }
    return show(request, "dashboard/team.html", context)


@form_page("team.manage")
def invite(request: DeskRequest) -> HttpResponse:
    form = InvitationForm(request.POST if request.method == "POST" else None, actor=request.desk.membership)
    if form.is_valid():
        try:
            invited = invite_member(**form.cleaned_data, by=request.desk.membership, now=request.desk.now)
            return done(request, "/team", _("%(email)s was invited by mail.") % {"email": invited.email})
        except TeamError as error:
            point_out(form, "role" if isinstance(error, NotAllowed) else "email", str(error))
    return show(request, "dashboard/team_invite.html", {"form": form}, status=422 if form.errors else 200)


@change("team.manage")
def withdraw(request: DeskRequest, invitation_id: UUID) -> HttpResponse:
    invitation = open_invitations().filter(pk=invitation_id).first()
    if invitation is None:
        raise Http404
    try:
        withdraw_invitation(invitation=invitation, by=request.desk.membership, now=request.desk.now)
    except TeamError as error:
        return refused(request, "/team", str(error))
    return done(request, "/team", _("The invitation was withdrawn."))


@change("team.manage")
def role(request: DeskRequest, member_id: UUID) -> HttpResponse:
    member, wanted = _member(member_id), request.POST.get("role", "")
    try:
        changed = change_role(membership=member, role=wanted, by=request.desk.membership, now=request.desk.now)
    except TeamError as error:
        return refused(request, "/team", str(error))
    said = _("%(name)s is now: %(role)s.") % {"name": changed.user, "role": changed.get_role_display()}
    return done(request, "/team", said)


@change("team.manage")
def remove(request: DeskRequest, member_id: UUID) -> HttpResponse:
    member = _member(member_id)
    try:
        remove_member(membership=member, by=request.desk.membership, now=request.desk.now)
    except TeamError as error:
        return refused(request, "/team", str(error))
    return done(request, "/team", _("%(name)s is no longer in the team.") % {"name": member.user})


@change("workspace.guard")
def second_factor(request: DeskRequest) -> HttpResponse:
    """Whether everybody has to have one."""
    needed = request.POST.get("needed") == "yes"
    try:
        need_second_factor(needed=needed, by=request.desk.membership, now=request.desk.now)
    except TeamError as error:
        return refused(request, "/team", str(error))
    said = _("Everybody here needs two-factor now.") if needed else _("Two-factor is optional here now.")
    return done(request, "/team", said)


@change("view")
def leave(request: DeskRequest) -> HttpResponse:
    """Everybody may go by themselves, except the last owner."""
    try:
        remove_member(membership=request.desk.membership, by=request.desk.membership, now=request.desk.now)
    except TeamError as error:
        return refused(request, "/team", str(error))
    messages.success(request, _("You have left the team of %(name)s.") % {"name": request.desk.merchant.name})
    return redirect("/")


def _may_touch(actor: Membership, member: Membership) -> bool:
    return member.role != Role.OWNER or actor.role == Role.OWNER


def _member(member_id: UUID) -> Membership:
    member = member_by_id(member_id)
    if member is None:
        raise Http404
    return member
