"""Gather the touches an order may come from, and let tracking.rules decide whose referral it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from advocates.marks import was_here
from advocates.models import Advocate, Customer, Link
from kit.asked import asked_often
from kit.many import any_of
from kit.signing import ClickToken, parse_click_token
from kit.tenancy import transaction_required
from programs.models import Program, TermsVersion
from tracking.actions.ties import bought_before, claims_from, claims_of, may_be_known, referrals_of, roots_of
from tracking.actions.traces import customers_with_card_of
from tracking.models import Assignment, Claim, Introduction, Order, Referral
from tracking.rules import CLOCK_SKEW, Buyer, Decision, MatchedBy, OrderView, Touch, attribute, attribute_further

#: Tokens tell their moment in whole seconds.
TOKEN_PRECISION = timedelta(seconds=1)
#: Whom an order without any touch is judged for: it is nobody's referral, whoever bought.
NOBODY = Buyer(customer_id=None, paid_before=False)
#: Customers who share something with this one.
Twins = Callable[[UUID], frozenset[UUID]]


def evidence_key(view: OrderView, customer_id: UUID | None) -> str:
    """Fingerprint of what the decision rests on; while it stays the same an order is not judged again."""
    evidence = [
        sorted(view.tokens),
        sorted(code for code, _ in view.codes),
        str(customer_id),
        view.placed_at.isoformat(),
    ]
    return hashlib.sha256(json.dumps(evidence).encode()).hexdigest()


@transaction_required
def decide(
    *,
    order: Order,
    view: OrderView,
    standing: Referral | None,
    zone: str,
    has_card: bool = False,
    payout_twins: Twins | None = None,
    forgiven: UUID | None = None,
) -> Decision:
    """The decision on an order's evidence; the caller holds the order's and the friend's lock.

    ``has_card``: it may be known which card the order was paid with. ``payout_twins``: who is paid out to a person's
    own account (rewards know). ``forgiven``: the customer with whom the buyer may share either, as somebody of the team
    has said.

    An advocate decided on by hand stays until it is undone; only what blocks for certain is asked again.
    """
    touches = touches_of(order, view)
    if standing and is_by_hand(standing):
        touches.append(touch_by_hand(standing.advocate, standing.terms, view))
    elif further := _further_order(order, view, touches, zone):
        return further
    return attribute(
        placed_at=view.placed_at,
        buyer=_with_twins(order, view.placed_at, has_card, payout_twins, forgiven) if touches else NOBODY,
        touches=[_kept(touch, standing) for touch in touches],
        zone=zone,
    )


def _with_twins(
    order: Order, placed_at: datetime, has_card: bool, payout_twins: Twins | None, forgiven: UUID | None
) -> Buyer:
    same_card = customers_with_card_of(order) if has_card else frozenset()
    is_known = payout_twins is not None and order.customer_id is not None and may_be_known(order)
    same_account = payout_twins(order.customer_id) if payout_twins and order.customer_id and is_known else frozenset()
    buyer = buyer_of(order, placed_at)
    return replace(buyer, same_fingerprint=same_card - {forgiven}, same_payout_account=same_account - {forgiven})


def is_by_hand(referral: Referral) -> bool:
    """Somebody of the team gave the order to its advocate, and nobody has undone it."""
    if referral.matched_by != Referral.MatchedBy.MANUAL:
        return False
    newest = Assignment.objects.filter(order_id=referral.order_id).order_by("-pk").first()
    return newest is None or newest.undone_at is None


def _further_order(order: Order, view: OrderView, touches: list[Touch], zone: str) -> Decision | None:
    """The customer stays bound for as long as their first referral's terms reward further orders."""
    for root in roots_of(order):
        months = root.terms.as_terms().advocate_reward.recurring_months
        first_at = root.order.placed_at
        if months and first_at and (decision := _bound_to(root, view, first_at, months, touches, zone)):
            return decision
    return None


def _bound_to(
    root: Referral, view: OrderView, first_at: datetime, months: int, touches: list[Touch], zone: str
) -> Decision | None:
    touch = replace(
        touch_by_hand(root.advocate, root.terms, view),
        by=MatchedBy.BOUND,
        link_id=root.link_id,
        variant=root.variant,
        follows_id=root.pk,
    )
    return attribute_further(
        placed_at=view.placed_at, first_placed_at=first_at, touch=touch, months=months, zone=zone, others=touches
    )


def _kept(touch: Touch, standing: Referral | None) -> Touch:
    """Pausing an advocate stops what is new; judging again takes nothing from them that they had."""
    had_it = standing and standing.state != Referral.State.BLOCKED and standing.advocate_id == touch.advocate_id
    return replace(touch, advocate_active=True) if had_it else touch


def buyer_of(order: Order, placed_at: datetime) -> Buyer:
    """Whoever was erased and comes again is new, and yet no new customer: the offer is given once."""
    came_back = order.customer is not None and was_here(order.customer.email_key, at=placed_at)
    if not may_be_known(order):
        return Buyer(customer_id=order.customer_id, paid_before=came_back)
    return Buyer(
        customer_id=order.customer_id,
        paid_before=came_back or paid_before(order, placed_at),
        referred_by={referral.program_id: referral.advocate_id for referral in referrals_of(order)},
    )


def paid_before(order: Order, placed_at: datetime) -> bool:
    """Imported history, or an earlier paid order that was not cancelled or wholly given back."""
    customer = order.customer
    if customer is None:
        return False
    if customer.imported_orders and (customer.first_paid_at is None or customer.first_paid_at < placed_at):
        return True
    return bought_before(order, placed_at)


def paid_orders(customer: Customer) -> int:
    """How often this person has paid: imported history and the orders seen here that were not taken back."""
    seen = Order.objects.filter(customer=customer, paid_at__isnull=False, cancelled_at=None, is_test=False)
    return customer.imported_orders + seen.count()


def touches_of(order: Order, view: OrderView) -> list[Touch]:
    return [*_by_token(order, view), *_by_code(view), *_by_email(order), *_by_introduction(order, view)]


def advocates_by_token(tokens: Iterable[str]) -> set[UUID]:
    """Whose links these click tokens are from."""
    links = [token.link_id for token in _parsed(tokens)]
    return {link.advocate_id for link in _links(links)} if links else set()


def clicks_by_token(tokens: Iterable[str]) -> set[UUID]:
    return {token.click_id for token in _parsed(tokens)}


def are_all_of_links(tokens: Sequence[str]) -> bool:
    """Whether each of these click tokens is as we made it, and from a link of this workspace."""
    parsed = _parsed(tokens)
    links = {token.link_id for token in parsed}
    return len(parsed) == len(tokens) and (not links or len(_links(list(links))) == len(links))


def _parsed(tokens: Iterable[str]) -> list[ClickToken]:
    parsed = (parse_click_token(text, keys=settings.CLICK_TOKEN_KEYS) for text in tokens)
    return [token for token in parsed if token]


def _by_token(order: Order, view: OrderView) -> list[Touch]:
    tokens = _parsed(view.tokens)
    if not tokens:
        return []
    links = {link.pk: link for link in _links([token.link_id for token in tokens])}
    claims = _claims_of({token.click_id for token in tokens}, order)
    touches = []
    for token in tokens:
        if link := links.get(token.link_id):
            claim = claims.get(token.click_id)
            touches.append(
                _touch(MatchedBy.TOKEN, token.at, link.advocate, link=link, claim=claim, click_id=token.click_id)
            )
    return touches


@asked_often
def _links(ids: list[UUID]) -> QuerySet[Link]:
    rows: QuerySet[Link] = Link.objects.select_related(*_LINK_NEEDS).filter(any_of("pk", ids))
    return rows


def _claims_of(click_ids: set[UUID], order: Order) -> dict[UUID | None, Claim]:
    """By click. Where several people claimed from one, the buyer's own counts, else the first."""
    claims = claims_from(click_ids, order)
    return {claim.click_id: claim for claim in sorted(claims, key=lambda claim: claim.friend_id == order.customer_id)}


def _by_code(view: OrderView) -> list[Touch]:
    """A claim's own code attributes by itself; an advocate's code, typed where a discount goes, does as well."""
    typed = [code for code, _ in view.codes]
    if not typed:
        return []
    claims = Claim.objects.filter(code__in=typed, code_is_own=True).select_related(*_CLAIM_NEEDS)
    links = Link.objects.filter(code__in=[code.upper() for code in typed]).select_related(*_LINK_NEEDS)
    return [
        *(_touch(MatchedBy.CODE, claim.claimed_at, claim.advocate, claim=claim) for claim in claims),
        *(_typed_link(link, view.placed_at) for link in links if _was_in_use(link, view.placed_at)),
    ]


def _was_in_use(link: Link, at: datetime) -> bool:
    """A code taken out of use keeps what began with it: only orders after that moment are nobody's."""
    return link.retired_at is None or at < link.retired_at


def _typed_link(link: Link, placed_at: datetime) -> Touch:
    """Typing an advocate's code at checkout is the touch itself: program and code must have been there by then."""
    touch = _touch(MatchedBy.CODE, placed_at, link.advocate, link=link)
    return _not_before(touch, link.created_at, link.advocate.program)


def _not_before(touch: Touch, existed_at: datetime, program: Program) -> Touch:
    """What is a touch at the moment of the order itself: whatever it goes through must have been there by then."""
    existed_at = max(existed_at, program.published_at or existed_at)
    return replace(touch, program_open=touch.program_open and touch.at >= existed_at - CLOCK_SKEW)


def _by_email(order: Order) -> list[Touch]:
    return [_touch(MatchedBy.EMAIL, claim.claimed_at, claim.advocate, claim=claim) for claim in claims_of(order)]


def _by_introduction(order: Order, view: OrderView) -> list[Touch]:
    """What the friend said after the order and the advocate confirmed: as if they had come by it when ordering."""
    if order.settled_at is None:
        return []
    said = Introduction.objects.filter(order=order, state=Introduction.State.CONFIRMED).select_related(*_ADVOCATE_NEEDS)
    return [_introduced(introduction.advocate, view.placed_at) for introduction in said]


def _introduced(advocate: Advocate, placed_at: datetime) -> Touch:
    touch = replace(_touch(MatchedBy.INTRODUCED, placed_at, advocate), joined_at=advocate.enrolled_at)
    return _not_before(touch, advocate.program.created_at, advocate.program)


def touch_by_hand(advocate: Advocate, terms: TermsVersion, view: OrderView) -> Touch:
    """What somebody of the team decided, as the order's one touch."""
    return Touch(
        by=MatchedBy.MANUAL,
        at=view.placed_at,
        advocate_id=advocate.pk,
        advocate_customer_id=advocate.customer_id,
        advocate_active=advocate.state == Advocate.State.ACTIVE,
        program_id=advocate.program_id,
        terms_id=terms.pk,
        terms=terms.as_terms(),
        variant=advocate.variant,
    )


_ADVOCATE_NEEDS = _LINK_NEEDS = ("advocate", "advocate__program", "advocate__program__terms")
_CLAIM_NEEDS = ("terms", *_ADVOCATE_NEEDS)


def _touch(
    by: MatchedBy,
    at: datetime,
    advocate: Advocate,
    *,
    link: Link | None = None,
    claim: Claim | None = None,
    click_id: UUID | None = None,
) -> Touch:
    """A claim keeps the terms the friend saw; without one those hold that were published at the touch."""
    program: Program = advocate.program
    version = claim.terms if claim else terms_at(program, at)
    assert version is not None, "only a published program has links and claims"
    return Touch(
        by=by,
        at=at,
        advocate_id=advocate.pk,
        advocate_customer_id=advocate.customer_id,
        advocate_active=advocate.state == Advocate.State.ACTIVE,
        program_id=program.pk,
        terms_id=version.pk,
        terms=version.as_terms(),
        link_id=link.pk if link else (claim.link_id if claim else None),
        claim_id=claim.pk if claim else None,
        click_id=click_id,
        variant=claim.variant if claim else advocate.variant,
        program_open=_was_open(program, at),
    )


def terms_at(program: Program, at: datetime) -> TermsVersion | None:
    """The version in force at that moment; the first one for what was before it. None while never published."""
    live, seen_at = program.terms, at + TOKEN_PRECISION
    if live is None or live.number == 1 or live.published_at <= seen_at:
        return live
    versions = TermsVersion.objects.filter(program=program)
    before = versions.filter(published_at__lte=seen_at).order_by("-number").first()
    found: TermsVersion | None = before or versions.order_by("number").first()
    return found


def _was_open(program: Program, at: datetime) -> bool:
    """A touch from before a pause or the end still counts; from after it, it does not. Resuming forgives the pause."""
    if program.terms_id is None:
        return False
    closed_at = program.paused_at or program.ended_at
    return closed_at is None or at < closed_at


@transaction_required
def standing_elsewhere(*, program_id: UUID, order: Order) -> bool:
    """Whether another order already made this friend a standing referral of the program; further ones of it do not."""
    return any(one.program_id == program_id and one.follows_id is None for one in referrals_of(order))
