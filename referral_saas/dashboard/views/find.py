"""Find a person: one box for whatever support has in hand, and everything about whoever is meant."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from insights.finding import By, Found, Hit, find
from insights.people import Story, story_of
from kit.language import language_of_page
from referral_saas.dashboard.access import claim_for, customer_for, order_for
from referral_saas.dashboard.answers import done, refused
from referral_saas.dashboard.find_page import story_context
from referral_saas.dashboard.former import led_on
from referral_saas.dashboard.frame import Desk, DeskRequest, change, page, show
from referral_saas.dashboard.paths import public
from tracking.actions.support import NotSent, ask_who_sent, send_code_again


@page()
def search(request: DeskRequest) -> HttpResponse:
    """Without words: the empty box. One hit leads straight to its story."""
    found = find(request.GET.get("q", ""))
    if len(found.hits) == 1:
        return redirect(story_path(request.desk, found.hits[0]))
    context = {"found": found, "hits": _lines(request.desk, found), "tried": [tried_text(by) for by in found.tried]}
    return show(request, "dashboard/find/search.html", context)


@page()
def person(request: DeskRequest, public_id: str) -> HttpResponse:
    """``cus_`` for a person, ``ord_`` and ``clm_`` for an order or a claim of nobody known."""
    try:
        story = _story(request.desk, public_id)
    except Http404:
        return led_on(request, public_id, "/find")
    return show(request, "dashboard/find/person.html", story_context(request.desk, story))


def _story(desk: Desk, public_id: str) -> Story:
    zone, language = desk.workspace.time_zone, language_of_page()
    prefix = public_id.partition("_")[0]
    if prefix == "cus":
        return story_of(customer_for(public_id), zone=zone, language=language)
    if prefix == "ord":
        order = order_for(public_id)
        return story_of(order.customer, order=order, zone=zone, language=language)
    if prefix == "clm":
        claim = claim_for(public_id)
        return story_of(claim.friend, claim=claim, zone=zone, language=language)
    raise Http404


@change("advocate.edit")
def send_code(request: DeskRequest, public_id: str) -> HttpResponse:
    """A friend has lost the mail with their code."""
    claim, desk = claim_for(public_id), request.desk
    path = f"/find/{public(claim.friend or claim)}"
    try:
        send_code_again(claim=claim, by=desk.by, now=desk.now)
    except NotSent as error:
        return refused(request, path, problem_text(error.code))
    email = claim.friend.email if claim.friend else ""
    return done(request, path, _("The code is on its way to %(email)s.") % {"email": email})


@change("order.record")
def ask(request: DeskRequest, public_id: str) -> HttpResponse:
    """Who sent you? By mail, to whoever ordered."""
    order, desk = order_for(public_id), request.desk
    path = f"/find/{public(order.customer or order)}"
    try:
        ask_who_sent(order=order, by=desk.by, now=desk.now)
    except NotSent as error:
        return refused(request, path, problem_text(error.code))
    return done(request, path, _("They are asked by mail who sent them. The advocate they name has to confirm it."))


def problem_text(code: str) -> str:
    texts = {
        "no_address": _("This friend left no e-mail address."),
        "no_code": _("This friend has no code that could be sent, or has used it."),
        "over": _("The code has ended."),
        "sent_lately": _("It was sent within the last hour. Ask them to look for it, also among unwanted mail."),
        "not_askable": _("They cannot be asked: the time for that is over, or it was answered already."),
    }
    return texts.get(code) or _("This cannot be done any more.")


def story_path(desk: Desk, hit: Hit) -> str:
    thing = hit.customer or hit.order or hit.claim
    assert thing is not None, "a hit is about something"
    return f"/w/{desk.merchant.slug}/find/{public(thing)}"


def _lines(desk: Desk, found: Found) -> list[dict[str, object]]:
    return [
        {"hit": hit, "path": story_path(desk, hit), "by": found_text(hit), "name": _name(hit)} for hit in found.hits
    ]


def _name(hit: Hit) -> str:
    if hit.customer is not None:
        return str(hit.customer)
    if hit.order is not None:
        return _("Order %(number)s") % {"number": hit.order.number or hit.order.external_id}
    return _("A friend without an address")


def found_text(hit: Hit) -> str:
    """Why this person is on the list."""
    texts = {
        By.EMAIL: _("Has this e-mail address"),
        By.NAME: _("Name begins so"),
        By.SHOP_NUMBER: _("Has this number in the shop"),
        By.ORDER: _("Order with this number"),
        By.LINK: _("Shares a link with this code"),
        By.CLAIM: _("Claimed an offer with this code"),
        By.REWARD: _("Got this reward or code"),
        By.REFERRAL: _("Takes part in this referral"),
        By.ADVOCATE: _("Is this advocate"),
        By.CUSTOMER: _("Is this customer"),
    }
    return texts[hit.by]


def tried_text(by: By) -> str:
    texts = {
        By.EMAIL: _("e-mail addresses, in any spelling of the same mailbox"),
        By.NAME: _("beginnings of names"),
        By.SHOP_NUMBER: _("numbers of customers in the shop"),
        By.ORDER: _("order numbers, with and without #"),
        By.LINK: _("codes of links"),
        By.CLAIM: _("codes that friends were given"),
        By.REWARD: _("codes and references of rewards"),
        By.REFERRAL: _("ids of referrals"),
        By.ADVOCATE: _("ids of advocates"),
        By.CUSTOMER: _("ids of customers"),
    }
    return texts[by]
