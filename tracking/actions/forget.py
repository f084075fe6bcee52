"""What tracking knows of a person goes: words, and hashes of where they came from. Orders and facts name nobody."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from advocates.models import Customer
from advocates.selectors import former_addresses
from kit.tenancy import transaction_required
from kit.text import email_key, email_without_tag
from tracking.models import (
    AdvocateTrace,
    Assignment,
    Claim,
    Introduction,
    ListEntry,
    OfferAsked,
    OrderTrace,
    Referral,
    Review,
)


@transaction_required
def forget_in_tracking(*, customer: Customer) -> None:
    """``customer`` still has the address. The caller holds their lock and those of the advocates they are."""
    who = customer.pk
    AdvocateTrace.objects.filter(advocate__customer=who).delete()
    OrderTrace.objects.filter(Q(customer=who) | Q(order__customer=who)).delete()
    OfferAsked.objects.filter(email__in=_spellings(customer)).delete()
    _forget_words(who)
    fields = [ListEntry.Field.EMAIL, ListEntry.Field.ADVOCATE]
    ListEntry.objects.filter(field__in=fields, pattern__in=_spellings(customer)).delete()
    Claim.objects.filter(friend=who).update(name_shown=False)


def _forget_words(who: UUID) -> None:
    """What they wrote, what was written about them, and what others said to find them."""
    of_order, of_advocate = Q(order__customer=who), Q(advocate__customer=who)
    Introduction.objects.filter(of_order | of_advocate).update(said_code="", said_name="", friend_name="")
    Review.objects.filter(of_advocate | Q(referral__friend=who)).update(note="", appeal_text="")
    Assignment.objects.filter(of_order | of_advocate).update(reason="")


def _spellings(customer: Customer) -> set[str]:
    """Of every address they had."""
    addresses = [customer.email, *former_addresses(customer)]
    return {spelled for one in addresses for spelled in (one, email_key(one), email_without_tag(one))}


def was_referred(customer: Customer) -> bool:
    return bool(Referral.objects.filter(friend=customer).exists())
