"""In and out of the portal. Never a word about who is known: typing an address always gets the same answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from advocates.actions.customers import know_customer
from advocates.actions.enrol import NotEligible, accept_terms, enrol_advocate
from advocates.actions.magic import make_magic_link, use_magic_link
from advocates.actions.profile import end_sessions
from advocates.models import Advocate, Customer
from advocates.selectors import advocates_of, customer_by_email
from engagement.actions.promotion import note_arrival, note_opened
from engagement.selectors import by_mark
from kit.language import language_of_page
from merchants.events import SIGN_UP
from programs.models import Program
from programs.selectors import live_programs
from programs.wording import advocate_promise, terms_page
from referral_saas import advocate_session
from referral_saas.limits import within_limit
from referral_saas.portal.access import Visit, action, open_action, open_and_counted, open_to_all
from referral_saas.portal.forms import EmailForm, JoinForm
from referral_saas.portal.frame import show
from referral_saas.portal.sharing import friends_get, prepare_links
from tracking.actions.traces import keep_advocate_trace
from tracking.facts import TraceIn
from tracking.humans import is_human

#: Mails asked for from one address in ten minutes. Beyond it the answer is the same and nothing is sent.
MAILS_PER_ADDRESS, MAIL_SPAN_SECONDS = 10, 600
#: One address opens a place once in so many seconds: whoever reloads the page adds nothing.
OPENED_SECONDS = 60


def sign_in_page(request: HttpRequest, visit: Visit, form: EmailForm | None = None, status: int = 200) -> HttpResponse:
    joinable = list(live_programs().filter(self_sign_up=True))
    return show(request, visit, "sign_in.html", {"form": form or EmailForm(), "joinable": joinable}, status=status)


@open_action
def sign_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = EmailForm(request.POST)
    if not form.is_valid():
        return sign_in_page(request, visit, form, status=400)
    if _may_mail(request):
        _mail_way_in(form.cleaned_data["email"], visit)
    return _sent(visit)


def _may_mail(request: HttpRequest) -> bool:
    return within_limit(request, "portal mail", most=MAILS_PER_ADDRESS, seconds=MAIL_SPAN_SECONDS)


def _mail_way_in(email: str, visit: Visit) -> None:
    customer = customer_by_email(email)
    if customer and (advocate := _first_choice(customer)):
        make_magic_link(advocate=advocate, now=visit.now)


def _first_choice(customer: Customer) -> Advocate | None:
    """The program a person means: an active one before others, the newest of them."""
    known = [each for each in advocates_of(customer) if each.state != Advocate.State.BANNED]
    active = [each for each in known if each.state == Advocate.State.ACTIVE]
    choice = active or known
    return choice[-1] if choice else None


def _sent(visit: Visit) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:sent", args=[visit.merchant.slug]), status=303)


@open_to_all
def sent(request: HttpRequest, visit: Visit) -> HttpResponse:
    return show(request, visit, "sent.html")


def enter(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The mailed address. Opening it does nothing, because mail scanners open every link: the button lets people in."""
    return (_use if request.method == "POST" else _door)(request, slug=slug, token=token)


@open_to_all
def _door(request: HttpRequest, visit: Visit, token: str) -> HttpResponse:
    return show(request, visit, "enter.html", {"token": token})


@open_action
def _use(request: HttpRequest, visit: Visit, token: str) -> HttpResponse:
    advocate = use_magic_link(token=token, now=visit.now)
    if advocate is None:
        return show(request, visit, "link_over.html", {"form": EmailForm()}, status=410)
    if advocate.state == Advocate.State.INVITED and advocate.enrolled_by == SIGN_UP:
        advocate = accept_terms(advocate=advocate, now=visit.now)
        messages.success(request, _("Welcome! You take part from now on."))
    came_from = TraceIn(ip=request.META.get("REMOTE_ADDR", ""), user_agent=request.headers.get("User-Agent", ""))
    keep_advocate_trace(advocate=advocate, trace=came_from, now=visit.now)
    return _let_in(visit, advocate)


def _let_in(visit: Visit, advocate: Advocate) -> HttpResponse:
    prepare_links(advocate, visit.now)
    response = HttpResponseRedirect(reverse("portal:home", args=[visit.merchant.slug]), status=303)
    advocate_session.sign_in(response, visit.merchant, advocate)
    return response


@action
def switch(request: HttpRequest, visit: Visit, advocate_id: UUID) -> HttpResponse:
    """The same person in another program; anybody else's id is unknown."""
    known = {one.pk: one for one in advocates_of(visit.advocate.customer) if one.state != Advocate.State.BANNED}
    other = known.get(advocate_id)
    if other is None:
        raise Http404
    return _let_in(visit, other)


@action
def sign_out(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _out(visit)


@action
def sign_out_everywhere(request: HttpRequest, visit: Visit) -> HttpResponse:
    end_sessions(customer=visit.advocate.customer)
    messages.success(request, _("You are signed out on all devices."))
    return _out(visit)


def _out(visit: Visit) -> HttpResponse:
    response = HttpResponseRedirect(reverse("portal:home", args=[visit.merchant.slug]), status=303)
    advocate_session.sign_out(response, visit.merchant)
    return response


# --- joining ------------------------------------------------------------------------------------------------------


def join(request: HttpRequest, slug: str, program: str, mark: str = "") -> HttpResponse:
    """``mark``: the place or staff link that led here. One that nobody wrote leads here too, and counts for nothing."""
    if request.method == "POST":
        return _joined(request, slug=slug, program=program, mark=mark)
    is_counted = mark and is_human(request.method or "", request.headers)
    return (_join_page_by if is_counted else _join_page)(request, slug=slug, program=program, mark=mark)


@open_to_all
def _join_page(request: HttpRequest, visit: Visit, program: str, mark: str) -> HttpResponse:
    return _show_join(request, visit, _joinable(program), JoinForm(), mark)


@open_and_counted
def _join_page_by(request: HttpRequest, visit: Visit, program: str, mark: str) -> HttpResponse:
    wanted = _joinable(program)
    response = _show_join(request, visit, wanted, JoinForm(), mark)
    by = None if visit.banner else by_mark(wanted, mark)
    if by and within_limit(request, "place opened", wanted.pk, mark, most=1, seconds=OPENED_SECONDS):
        note_opened(program=wanted, by=by, now=visit.now)
    return response


def _joinable(slug: str) -> Program:
    program: Program | None = live_programs().filter(slug=slug, self_sign_up=True).first()
    if program is None:
        raise Http404
    return program


def _show_join(
    request: HttpRequest, visit: Visit, program: Program, form: JoinForm, mark: str, status: int = 200
) -> HttpResponse:
    words = (program.live_terms, program, language_of_page())
    values = {
        "form": form,
        "joining": program,
        "mark": mark,
        "promise": advocate_promise(*words),
        "friend_gets": friends_get(program.live_terms),
        "clauses": terms_page(*words),
    }
    return show(request, visit, "join.html", values, status=status)


@open_action
def _joined(request: HttpRequest, visit: Visit, program: str, mark: str) -> HttpResponse:
    """The answer is the same for known, unknown and refused addresses; what follows comes by mail to their owner."""
    wanted, form = _joinable(program), JoinForm(request.POST)
    if not form.is_valid():
        return _show_join(request, visit, wanted, form, mark, status=400)
    if _may_mail(request):
        _invite(form.cleaned_data["email"], form.cleaned_data["name"], wanted, visit, mark)
    return _sent(visit)


def _invite(email: str, name: str, program: Program, visit: Visit, mark: str) -> None:
    """Whoever types an address need not own it: nobody known is renamed, nobody is active before the mailed link."""
    told = {} if customer_by_email(email) else {"name": name, "language": language_of_page()}
    customer = know_customer(email=email, **told, source=Customer.Source.PORTAL, now=visit.now)
    try:
        enrolled = enrol_advocate(
            program=program, customer=customer, by=SIGN_UP, now=visit.now, state=Advocate.State.INVITED
        )
    except NotEligible:
        return
    if enrolled.created and (by := by_mark(program, mark)):
        note_arrival(advocate=enrolled.advocate, by=by, now=visit.now)
    make_magic_link(advocate=enrolled.advocate, now=visit.now)
