"""Two rows of one person become one: what each was in a program, and what was known of each."""

from __future__ import annotations

from datetime import datetime

from advocates.actions.customers import fill_blanks
from advocates.actions.profile import end_sessions
from advocates.models import Advocate, Customer, Link, MagicLink, MergedAdvocate, MergedCustomer, Viewing
from advocates.rules.merging import Standing, earlier, standing_of_both
from advocates.selectors import links_of
from kit.tenancy import transaction_required


@transaction_required
def end_access(*, goes: Customer) -> None:
    """Whoever reads the mail of this address has no way into the portal any more, nor does somebody look at it."""
    end_sessions(customer=goes)
    MagicLink.objects.filter(advocate__customer=goes).delete()
    Viewing.objects.filter(advocate__customer=goes).delete()


@transaction_required
def join_standing(*, goes: Advocate, stays: Advocate) -> None:
    """``stays`` is what the two were together, and its codes take the places of the other's: those go on answering,
    counting and attributing as former ones."""
    shown = {(link.channel, link.placement): link.pk for link in links_of(stays)}
    for link in links_of(goes):
        if twin := shown.get((link.channel, link.placement)):
            Link.objects.filter(pk=link.pk).update(replaced_by_id=twin)
    both = standing_of_both(_standing(stays), _standing(goes))
    if both.state == Advocate.State.BANNED != stays.state:
        stays.session_epoch += 1
    stays.state, stays.enrolled_at = both.state, both.joined_at
    stays.tier, stays.tier_moved_at, stays.trust_level = both.tier, both.tier_moved_at, both.trust
    stays.place = stays.place or goes.place
    stays.save()


def _standing(advocate: Advocate) -> Standing:
    return Standing(
        state=advocate.state,
        joined_at=advocate.enrolled_at,
        tier=advocate.tier,
        tier_moved_at=advocate.tier_moved_at,
        trust=advocate.trust_level,
    )


@transaction_required
def let_advocate_go(*, goes: Advocate, stays: Advocate, now: datetime) -> None:
    """Nothing points at ``goes`` any more; their id leads to ``stays``."""
    key = goes.pk
    Advocate.objects.filter(pk=key).delete()
    MergedAdvocate.objects.create(id=key, into=stays, at=now)


@transaction_required
def join_what_is_known(*, goes: Customer, stays: Customer) -> None:
    """Blanks are filled, orders of both count, and who wants no mail at one address wants none."""
    fill_blanks(stays, goes)
    stays.first_paid_at = earlier([stays.first_paid_at, goes.first_paid_at])
    stays.unsubscribed_at = earlier([stays.unsubscribed_at, goes.unsubscribed_at])
    stays.imported_orders += goes.imported_orders
    stays.save()


@transaction_required
def let_customer_go(*, goes: Customer, stays: Customer, reason: str, by: str, now: datetime) -> MergedCustomer:
    """Nothing points at ``goes`` any more; their id, address and number in the shop lead to ``stays``."""
    key, told = goes.pk, {"email": goes.email, "email_key": goes.email_key, "external_id": goes.external_id}
    Customer.objects.filter(pk=key).delete()
    made: MergedCustomer = MergedCustomer.objects.create(id=key, into=stays, reason=reason, at=now, by=by, **told)
    return made
