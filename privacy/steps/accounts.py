"""Delete the account of somebody of a team, in all their workspaces at once.

The row stays and the person goes, as it is with customers: logs, notes and files name its id, and it says "Deleted
account". The address is free, and whoever signs up with it is somebody new.
"""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Q

from engagement.mailbox import forget_mails_to
from kit.clock import now_for
from kit.tenancy import again_after_deadlock, tenant_batch, transaction_forbidden
from merchants.locks import user_for_update
from merchants.models import Invitation, Membership, RecoveryCode, SecondFactor, User
from merchants.selectors import memberships_of
from merchants.steps.sessions import end_sessions
from privacy.actions.accounts import leave_for_good


@transaction_forbidden
def delete_account(*, user: User, now: datetime) -> None:
    """``now`` is real time. Raises LastOwner where a workspace still needs them (privacy.leaving names which); nothing
    was changed then. Deleted already, nothing happens."""
    seats, address = sorted(memberships_of(user), key=lambda seat: seat.merchant_id), user.email
    again_after_deadlock(lambda: _delete(user, now))
    for seat in seats:
        forget_mails_to(seat.merchant.slug, address)


def _delete(user: User, now: datetime) -> None:
    """Workspaces in the order of their keys, as each is locked."""
    with tenant_batch() as whose:
        person = user_for_update(user)
        if person.deleted_at:
            return
        for seat in sorted(memberships_of(person), key=lambda seat: seat.merchant_id):
            with whose(seat.tenant_ref()):
                leave_for_good(seat=seat, now=now_for(seat.merchant))
        Membership.objects.filter(user=person).delete()  # of workspaces that are being deleted
        _forget_ways_in(person, now)
        _forget_person(person, now)


def _forget_ways_in(person: User, now: datetime) -> None:
    """An invitation that is still open was sent to an address, and whoever reads its mail may take it."""
    end_sessions(person)
    SecondFactor.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    addresses = EmailAddress.objects.filter(user=person)
    known = {person.email, *addresses.values_list("email", flat=True)}
    is_over = Q(accepted_at__isnull=False) | Q(withdrawn_at__isnull=False) | Q(expires_at__lte=now)
    Invitation.objects.filter(is_over, email__in=known).delete()
    addresses.delete()


def _forget_person(person: User, now: datetime) -> None:
    person.email = f"{person.pk.hex}@deleted.invalid"
    person.name, person.language = "", "en"
    person.is_active = person.is_platform_staff = False
    person.last_login, person.deleted_at = None, now
    person.set_unusable_password()
    person.save()
