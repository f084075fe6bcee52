"""One's own second factor: set up, asked for when signing in and before what is delicate, renewed, turned off."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kit import totp
from kit.crypto import CannotUnseal
from kit.proxies import network_of
from merchants.models import User
from merchants.sealing import seal, unseal
from merchants.selectors import memberships_of
from merchants.staff_selectors import has_second_factor, recovery_codes_left, second_factor_of
from merchants.steps import second_factor as steps
from merchants.steps.second_factor import SecondFactorError, TooManyWrong, is_like_recovery_code
from referral_saas.accounts import SecondFactorStage
from referral_saas.dashboard.answers import secret_page
from referral_saas.dashboard.forms.account import CodeForm, SetUpForm
from referral_saas.qr import qr_inline
from referral_saas.security_mail import News, tell_person

ISSUER = "Referral SaaS"
HOME = "second-factor"
#: With so few recovery codes left the page advises new ones.
FEW = 3

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_GET
def overview(request: Any) -> HttpResponse:
    left = recovery_codes_left(request.user)
    context = {"factor": second_factor_of(request.user), "left": left, "is_few": left <= FEW}
    return render(request, "account/second_factor.html", context)


@login_required
@_form_page
@sensitive_post_parameters()
@reauthentication_required
def set_up(request: Any) -> HttpResponse:
    """The secret is new with every visit, and counts once the app has shown a code of it."""
    if has_second_factor(request.user):
        return redirect(HOME)
    form = SetUpForm(request.POST if request.method == "POST" else None)
    secret = _sent_secret(request.user, form) or totp.new_secret()
    if form.is_valid() and (codes := _turned_on(request, form, secret)):
        return _codes_page(request, codes, way_on=_next(request))
    seal_of_it = seal({"secret": secret, "user": str(request.user.pk)})
    address = totp.address(secret, account=request.user.email, issuer=ISSUER)
    context = {"form": form, "sealed": seal_of_it, "secret": totp.in_groups(secret), "next": _next(request)}
    context["qr"] = qr_inline(address)
    answer = render(request, "account/second_factor_set_up.html", context, status=422 if form.errors else 200)
    return secret_page(answer)


@login_stage_required(stage=SecondFactorStage.key, redirect_urlname="account_login")
@_form_page
@sensitive_post_parameters()
def check(request: Any) -> HttpResponse:
    """Between the password and the session."""
    stage = request._login_stage
    if stage.is_over:
        over: HttpResponse = stage.abort()
        return over
    form = CodeForm(request.POST if request.method == "POST" else None, or_recovery=True)
    if form.is_valid() and _proven(request, stage.login.user, form):
        answer: HttpResponse = stage.exit()
        return answer
    return render(request, "account/second_factor_check.html", {"form": form}, status=422 if form.errors else 200)


@method_decorator([login_required, sensitive_post_parameters()], name="dispatch")
class Confirm(BaseReauthenticateView):  # type: ignore[misc]  # allauth has no types
    """In place of the password, before what is delicate."""

    form_class = CodeForm
    template_name = "account/second_factor_confirm.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "or_recovery": True}

    def form_valid(self, form: CodeForm) -> HttpResponse:
        if not _proven(self.request, self.request.user, form):
            return self.form_invalid(form)  # type: ignore[no-any-return]
        record_authentication(self.request, self.request.user, method="mfa", reauthenticated=True)
        return super().form_valid(form)  # type: ignore[no-any-return]


@login_required
@require_POST
@reauthentication_required
def new_codes(request: Any) -> HttpResponse:
    try:
        codes = steps.renew_codes(user=request.user)
    except SecondFactorError as error:
        messages.error(request, str(error))
        return redirect(HOME)
    tell_person(request.user, News.NEW_CODES)
    return _codes_page(request, codes, way_on="")


@login_required
@require_POST
@sensitive_post_parameters()
def codes_file(request: Any) -> HttpResponse:
    """The codes that the page shows, as a file. The page sends them along, as they are kept nowhere."""
    codes = request.POST.getlist("code")[: steps.RECOVERY_CODES]
    if not steps.are_recovery_codes_of(request.user, codes):
        raise Http404
    lead = _("Recovery codes of %(email)s for Referral SaaS. Each works once.") % {"email": request.user.email}
    answer = HttpResponse("\r\n".join([lead, "", *codes, ""]), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return secret_page(answer)


@login_required
@_form_page
@reauthentication_required
def off(request: Any) -> HttpResponse:
    if not has_second_factor(request.user):
        return redirect(HOME)
    if request.method != "POST":
        needed = [seat.merchant.name for seat in memberships_of(request.user) if seat.merchant.needs_second_factor]
        return render(request, "account/second_factor_off.html", {"needed_by": needed})
    try:
        steps.turn_off(user=request.user)
        tell_person(request.user, News.OFF)
        messages.success(request, _("Two-factor is off. Your password alone is enough now."))
    except SecondFactorError as error:
        messages.error(request, str(error))
    return redirect(HOME)


def _sent_secret(user: User, form: SetUpForm) -> str:
    """The secret the page showed before; empty for one that was not sealed for this person."""
    try:
        sealed = unseal(form.data.get("sealed", "")) if form.is_bound else {}
    except CannotUnseal:
        return ""
    return str(sealed["secret"]) if sealed.get("user") == str(user.pk) else ""


def _turned_on(request: Any, form: SetUpForm, secret: str) -> list[str]:
    """The recovery codes; none when the code is wrong, which the form then says."""
    tried = _try_counted(request, request.user, form)
    if tried is None:
        return []
    key = request.session.session_key or ""
    try:
        codes = steps.turn_on(
            user=request.user, secret=secret, code=form.cleaned_data["code"], keep_session=key, now=timezone.now()
        )
    except SecondFactorError as error:
        form.add_error("code", str(error))
        return []
    tried.rollback()
    tell_person(request.user, News.ON)
    return codes


def _proven(request: HttpRequest, user: User, form: CodeForm) -> bool:
    """Whether the code counts; it is used up then. A wrong one is told beside the form's field."""
    tried = _try_counted(request, user, form)
    if tried is None:
        return False
    try:
        left = steps.prove(user=user, code=form.cleaned_data["code"], now=timezone.now())
    except SecondFactorError as error:
        form.add_error("code", str(error))
        if isinstance(error, TooManyWrong) and error.is_news:
            tell_person(user, News.WRONG_CODES)
        return False
    tried.rollback()
    if left is not None:
        tell_person(user, News.RECOVERY_CODE, left=left)
    return True


def _try_counted(request: HttpRequest, user: User, form: Form) -> Any:
    """Codes are counted as passwords are: what limits wrong ones of an account and of a network limits these too.

    None, and said beside the field, when there were too many. A right code takes back its own count and no other:
    whoever has an account could else forget wrong passwords of everybody with it. What is as long as a recovery code is
    counted for each network: nobody guesses one, and whoever keeps the account's own count full must not keep the
    person out, who has one.
    """
    is_apart = is_like_recovery_code(form.data.get("code", ""))
    network = network_of(request.META.get("REMOTE_ADDR", "")) if is_apart else ""
    told = {"app": "allauth.account", "action": "login_failed", "key": f"second-factor-{user.pk}-{network}"}
    tried = ratelimit.consume(request, **told)
    if tried is None:
        form.add_error("code", _("Too many wrong codes. Try again in a few minutes."))
    return tried


def _codes_page(request: Any, codes: list[str], *, way_on: str) -> HttpResponse:
    context = {"codes": codes, "way_on": way_on}
    return secret_page(render(request, "account/recovery_codes.html", context))


def _next(request: Any) -> str:
    """Where the person wanted to go, on this site alone."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ""
