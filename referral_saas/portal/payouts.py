"""The advocate's money: the next payout with its day and what is missing, where it goes, and what was paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kit.language import language_of_page
from kit.units import amount_text
from kit.wording import day
from merchants.events import by_advocate
from referral_saas.portal.access import Visit, action, for_advocates
from referral_saas.portal.forms import AccountForm
from referral_saas.portal.frame import show
from rewards.actions.payouts.accounts import BadAccount, Details, give_payout_account
from rewards.models import Payout, PayoutAccount, PayoutLine, PayoutPolicy, TaxForm
from rewards.payable import Coming, coming_to, minimum_in, payout_policy
from rewards.payout_words import cycle_text, next_payout_day
from rewards.rules.payouts import LeftOut, Owed, left_out

#: Payments shown, newest first.
SHOWN = 20


@for_advocates
def payouts(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _page(request, visit, AccountForm(initial={"holder": visit.advocate.customer.name}))


@action
def give_account(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = AccountForm(request.POST)
    if not form.is_valid() or not _given(visit, form):
        return _page(request, visit, form, status=400)
    messages.success(request, _("Saved. Your next payout goes there."))
    return HttpResponseRedirect(reverse("portal:payouts", args=[visit.merchant.slug]), status=303)


def _given(visit: Visit, form: AccountForm) -> bool:
    advocate, told = visit.advocate, form.cleaned_data
    details = Details(told["method"], told["holder"], told["account"])
    try:
        give_payout_account(customer=advocate.customer, details=details, by=by_advocate(advocate.pk), now=visit.now)
    except BadAccount as error:
        form.add_error(error.field, _account_problem(error.code))
        return False
    return True


def _account_problem(code: str) -> str:
    texts = {
        "iban_wrong": _("This is no complete IBAN: its length or check digits do not fit. Compare it sign by sign."),
        "paypal_wrong": _("For PayPal, write a complete e-mail address, like name@example.com."),
        "holder_missing": _("Write whose account it is."),
    }
    return texts[code]


def _page(request: HttpRequest, visit: Visit, form: AccountForm, *, status: int = 200) -> HttpResponse:
    customer, policy = visit.advocate.customer, payout_policy()
    account = PayoutAccount.objects.filter(customer=customer).first()
    values = {
        "form": form,
        "account": account,
        "coming": _told(visit, account, policy),
        "policy": policy,
        "cycle": cycle_text(policy),
        "currency": visit.workspace.currency,
        "paid": _paid(customer.pk),
        "rewards_url": reverse("portal:rewards", args=[visit.merchant.slug]),
    }
    return show(request, visit, "payouts.html", values, status=status)


def _paid(customer_id: Any) -> Any:
    """Only what was confirmed: a preview is the shop's own thinking."""
    lines = PayoutLine.objects.filter(
        recipient=customer_id, payout__state__in=[Payout.State.CONFIRMED, Payout.State.CLOSED]
    ).exclude(state=PayoutLine.State.EXCLUDED)
    return lines.select_related("payout").order_by("-payout__confirmed_at", "-pk")[:SHOWN]


# --- the next payout ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Next:
    """One currency: what has come together, and one sentence on when it comes or what is missing."""

    coming: Coming
    sentence: str
    is_missing: bool


def _told(visit: Visit, account: PayoutAccount | None, policy: PayoutPolicy) -> list[Next]:
    customer = visit.advocate.customer
    waits_for_form = TaxForm.objects.filter(customer=customer, collected_at=None).exists()
    return [_next(each, visit, account, policy, waits_for_form) for each in coming_to(customer.pk)]


def _next(coming: Coming, visit: Visit, account: Any, policy: PayoutPolicy, waits_for_form: bool) -> Next:
    minimum = minimum_in(coming.unit, policy=policy, currency=visit.workspace.currency)
    owed = Owed(coming.total_minor, account is not None, waits_for_form)
    reason = left_out(owed, minimum_minor=minimum)
    language = language_of_page()
    if reason is None:
        when = next_payout_day(place=visit.workspace, now=visit.now)
        return Next(coming, _("It comes with the payout of %(day)s.") % {"day": day(when, visit.zone, language)}, False)
    return Next(coming, _missing(reason, amount_text(minimum, coming.unit, language)), True)


def _missing(reason: LeftOut, minimum: str) -> str:
    texts = {
        LeftOut.NO_ACCOUNT: _("Say below where it should go, then it comes with the next payout."),
        LeftOut.BELOW_MINIMUM: _("It is paid as soon as %(minimum)s have come together.") % {"minimum": minimum},
        LeftOut.TAX_FORM: _("The shop needs a tax form from you first. It will ask you for it."),
        LeftOut.OWES_MORE: _("Orders were returned after their reward was paid. New rewards make up for that first."),
    }
    return texts[reason]
