"""The two transactions of a claim: begin, then (tracking.steps.claims asks for a code between) finish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min

from advocates.models import Advocate, Customer, Link
from advocates.selectors import customer_by_email
from kit.clock import database_now
from kit.days import add_days
from kit.patience import pause_after
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.models import Event
from merchants.selectors import workspace
from merchants.wakeups import wake
from programs.models import Program
from programs.offers import CodeRequest, NoCode
from programs.rules import CodeSource, Offer
from programs.selectors import is_open
from tracking.actions.ties import STANDING
from tracking.locks import claim_for_update, lock_friend, lock_visit, offer_asked_for_update
from tracking.models import Claim, OfferAsked, Order, Referral
from tracking.rules import Reason


class Refusal(Exception):
    """The friend cannot have the offer; ``reason`` picks the kind page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


PROGRAM_PAUSED, PROGRAM_ENDED, NO_OFFER, NO_CODE = "program_paused", "program_ended", "no_offer", "no_code"
#: Refusals that say something about the person, or that only those get who may have the offer: told by mail alone.
PERSONAL = frozenset({Reason.OWN_PURCHASE, Reason.EXISTING_CUSTOMER, Reason.SECOND_ADVOCATE, NO_CODE})
#: A mail that somebody may have asked for in another's name comes this often at most.
MAILED_EACH = timedelta(days=1)
#: Longer than any source of codes takes to answer.
ASKED_LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class BegunClaim:
    """``request`` is None when the claim already has its code (asked twice)."""

    claim: Claim
    source: CodeSource
    request: CodeRequest | None


@transaction_required
def begin_claim(
    *, link: Link, friend: Customer | None, click_id: UUID | None, name_shown: bool, now: datetime
) -> BegunClaim:
    """Make the claim, or find the one this friend or click already has. Raises Refusal with nothing changed."""
    advocate: Advocate = link.advocate
    program: Program = advocate.program
    offer = _offer_for_everybody(link, now)  # before anything that depends on who asks
    if friend:
        lock_friend(friend.pk)
        _refuse_for_certain(friend, advocate, program)
    elif click_id:
        lock_visit(click_id)
    claim = _standing_claim(program, friend, click_id)
    if claim and claim.advocate_id != advocate.pk:
        raise Refusal(Reason.SECOND_ADVOCATE)
    claim = (
        _renewed(claim, program, offer, now)
        if claim
        else _make(link, program, offer, friend, click_id, name_shown, now)
    )
    return BegunClaim(claim, offer.source, None if _has_code(claim) else _request(claim, program, offer))


def _offer_for_everybody(link: Link, now: datetime) -> Offer:
    """What the link offers, whoever asks. Raises Refusal."""
    offer = _offer_of(link.advocate.program, link.advocate.tier, now)
    if link.advocate.state != Advocate.State.ACTIVE:
        raise Refusal(Reason.ADVOCATE_INACTIVE)
    return offer


@transaction_required
def ask_by_mail(
    *, link: Link, email: str, name: str, click_id: UUID | None, name_shown: bool, language: str = "", now: datetime
) -> OfferAsked:
    """Somebody asks for the offer with an address, which may be anybody's. Nothing is looked up: whoever it belongs to,
    this does the same and takes as long. Raises Refusal for what is refused to everybody; a worker does the rest."""
    _offer_for_everybody(link, now)
    real_now = database_now()
    told = {"email": email, "name": name, "click_id": click_id, "name_shown": name_shown, "language": language}
    asked: OfferAsked = OfferAsked.objects.create(link=link, **told, next_try_at=real_now)
    wake("claims", due_at=real_now)
    return asked


@transaction_required
def take_next_asked(*, real_now: datetime) -> OfferAsked | None:
    """One that is due, with a lease on it: whoever finds that over takes it up again, and finds the same claim."""
    asked = offer_asked_for_update(real_now=real_now)
    if asked is not None:
        asked.attempts += 1
        asked.next_try_at = real_now + ASKED_LEASE
        asked.save(update_fields=["attempts", "next_try_at"])
    return asked


@transaction_required
def forget_asked(*, asked: OfferAsked) -> None:
    """Answered, or given up: of somebody who only typed an address nothing is kept here."""
    OfferAsked.objects.filter(pk=asked.pk, attempts=asked.attempts).delete()


@transaction_required
def put_off_asked(*, asked: OfferAsked, real_now: datetime) -> None:
    OfferAsked.objects.filter(pk=asked.pk, attempts=asked.attempts).update(
        next_try_at=real_now + pause_after(asked.attempts)
    )


def next_asked_at() -> datetime | None:
    """Real time."""
    at: datetime | None = OfferAsked.objects.aggregate(at=Min("next_try_at"))["at"]
    return at


def _has_code(claim: Claim) -> bool:
    return claim.state in (Claim.State.ISSUED, Claim.State.USED)


def _renewed(claim: Claim, program: Program, offer: Offer, now: datetime) -> Claim:
    """Asked again before a code could be had: the friend sees the terms of today, and gets their code under them."""
    if _has_code(claim) or claim.terms_id == program.terms_id:
        return claim
    locked = claim_for_update(claim.pk)
    if not _has_code(locked):
        assert program.terms is not None, "only a published program has an offer"
        locked.terms, locked.tier, locked.expires_at = program.terms, locked.advocate.tier, _expiry(offer, now)
        locked.save(update_fields=["terms", "tier", "expires_at"])
    return locked


def _expiry(offer: Offer, now: datetime) -> datetime:
    return add_days(now, offer.valid_days, workspace().time_zone)


def _offer_of(program: Program, tier: int, now: datetime) -> Offer:
    """What friends of an advocate of this level get now."""
    if program.state == Program.State.PAUSED or program.out_of_budget_at:
        raise Refusal(PROGRAM_PAUSED)
    if not is_open(program, now, workspace().time_zone) or program.terms is None:
        raise Refusal(PROGRAM_ENDED)
    offer = program.terms.as_terms().at_tier(tier).offer
    if offer is None:
        raise Refusal(NO_OFFER)
    return offer


def _refuse_for_certain(friend: Customer, advocate: Advocate, program: Program) -> None:
    if friend.pk == advocate.customer_id:
        raise Refusal(Reason.OWN_PURCHASE)
    if program.live_terms.new_customers_only and _is_customer(friend):
        raise Refusal(Reason.EXISTING_CUSTOMER)
    others = Referral.objects.filter(friend=friend, program=program, state__in=STANDING)
    if others.exclude(advocate=advocate).exists():
        raise Refusal(Reason.SECOND_ADVOCATE)


def _is_customer(friend: Customer) -> bool:
    paid = Order.objects.filter(customer=friend, paid_at__isnull=False, cancelled_at=None, is_test=False)
    return friend.imported_orders > 0 or paid.exists()


def _standing_claim(program: Program, friend: Customer | None, click_id: UUID | None) -> Claim | None:
    claims = Claim.objects.filter(program=program)
    if friend:
        return claims.filter(friend=friend).first()
    return claims.filter(click_id=click_id, friend=None).first() if click_id else None


def _make(
    link: Link,
    program: Program,
    offer: Offer,
    friend: Customer | None,
    click_id: UUID | None,
    name_shown: bool,
    now: datetime,
) -> Claim:
    claim: Claim = Claim.objects.create(
        program=program,
        terms=program.terms,
        tier=link.advocate.tier,
        advocate=link.advocate,
        link=link,
        click_id=click_id,
        friend=friend,
        variant=link.advocate.variant,
        state=Claim.State.PREPARING,
        claimed_at=now,
        expires_at=_expiry(offer, now),
        name_shown=name_shown,
    )
    return claim


def _request(claim: Claim, program: Program, offer: Offer) -> CodeRequest:
    return CodeRequest(
        claim_id=claim.pk,
        program_id=program.pk,
        value_kind=offer.kind,
        value=offer.value,
        currency=program.live_terms.currency,
        expires_at=claim.expires_at.isoformat(),
        shop_code=offer.shop_code,
    )


@transaction_required
def finish_claim(*, claim: Claim, code: str, is_own: bool, now: datetime) -> Claim:
    """The shop has confirmed the code: bind it to the claim. Run twice, the first code stays.

    Raises NoCode for one that another claim was given as its own: it could not tell whose order it is.
    """
    locked = claim_for_update(claim.pk)
    if _has_code(locked):
        return locked
    if is_own and Claim.objects.filter(code=code, code_is_own=True).exists():
        raise NoCode("code_given_before")
    locked.state, locked.code, locked.code_is_own = Claim.State.ISSUED, code, is_own
    locked.save(update_fields=["state", "code", "code_is_own"])
    record("claim.issued", subject=locked, by=SYSTEM, now=now, data={"advocate_id": str(locked.advocate_id)})
    return locked


@transaction_required
def refuse_claim(*, claim: Claim, reason: str, now: datetime) -> None:
    """No code could be had. The claim stays, so that asking again later gives the code to the same claim."""
    locked = claim_for_update(claim.pk)
    if locked.state != Claim.State.PREPARING:
        return
    locked.state = Claim.State.REFUSED
    locked.save(update_fields=["state"])
    record("claim.refused", subject=locked, by=SYSTEM, now=now, data={"reason": reason})


@transaction_required
def mail_code_again(*, claim: Claim, now: datetime) -> None:
    """Asked once more for a code that there is: the mail with it, where none went out within a day."""
    told = Event.objects.filter(subject_id=claim.pk, code__in=["claim.issued", "claim.sent_again"])
    locked = claim_for_update(claim.pk)
    if locked.state == Claim.State.ISSUED and not told.filter(at__gt=now - MAILED_EACH).exists():
        record("claim.sent_again", subject=locked, by=SYSTEM, now=now)


@transaction_required
def mail_refusal(*, link: Link, email: str, reason: str, now: datetime) -> None:
    """Why this person cannot have the offer, to the address they are known by: once a day and program at most. Nothing
    to an address that nobody here has used before."""
    friend = customer_by_email(email)
    if friend is None:
        return
    lock_friend(friend.pk)
    program_id = str(link.advocate.program_id)
    told = Event.objects.filter(subject_id=friend.pk, code="claim.declined", at__gt=now - MAILED_EACH)
    if not any(event.data["program_id"] == program_id for event in told):
        data = {"reason": reason, "program_id": program_id, "link_id": str(link.pk)}
        record("claim.declined", subject=friend, by=SYSTEM, now=now, data=data)
