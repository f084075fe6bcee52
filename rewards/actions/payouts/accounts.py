"""Where a person wants their money, and how the merchant pays out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from advocates.locks import customer_for_update
from advocates.models import Customer
from kit.iban import masked_iban, normalise_iban
from kit.tenancy import transaction_required
from kit.text import clean_text, mask_email, normalise_email
from merchants.events import record
from rewards import sealing
from rewards.actions.judging import ask_again_of_account
from rewards.models import PayoutAccount, PayoutPolicy

Method = PayoutAccount.Method


class BadAccount(ValueError):
    """The account cannot be right. ``field`` is the part to mend, ``code`` says how; nothing was changed."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Details:
    """As typed: ``account`` is an IBAN or PayPal's e-mail address."""

    method: str
    holder: str
    account: str


@transaction_required
def give_payout_account(*, customer: Customer, details: Details, by: str, now: datetime) -> PayoutAccount:
    """Keep it sealed; a payout that is confirmed already keeps the account it was confirmed with. What this person
    and others with the same account referred to each other is judged again by the next sweep."""
    holder = " ".join(clean_text(details.holder).split())
    if not holder:
        raise BadAccount("holder", "holder_missing")
    account, hint = _checked(details)
    customer_for_update(customer.pk)  # what is told about a person is numbered one after the other
    told = {
        "method": details.method,
        "sealed": sealing.seal({"holder": holder[:120], "account": account}),
        "hint": hint,
        "fingerprint": sealing.fingerprint(account),
        "given_at": now,
    }
    made: PayoutAccount
    made, is_new = PayoutAccount.objects.update_or_create(customer=customer, defaults=told)
    code = "payout_account.given" if is_new else "payout_account.changed"
    record(code, subject=customer, by=by, now=now, data={"method": details.method})
    ask_again_of_account(customer_id=customer.pk, now=now)
    return made


def _checked(details: Details) -> tuple[str, str]:
    if details.method == Method.IBAN:
        iban = normalise_iban(details.account)
        if iban is None:
            raise BadAccount("account", "iban_wrong")
        return iban, masked_iban(iban)
    email = normalise_email(details.account) if details.method == Method.PAYPAL else None
    if email is None:
        raise BadAccount("account", "paypal_wrong")
    return email, mask_email(email)


@transaction_required
def change_payout_policy(
    *,
    minimum_minor: int,
    cycle: str,
    cut_off_days: int,
    approval_over_minor: int | None,
    by: str,
    now: datetime,
) -> PayoutPolicy:
    """Amounts in the workspace's currency. A preview follows it at the next calculation."""
    wanted = {
        "minimum_minor": minimum_minor,
        "cycle": cycle,
        "cut_off_days": cut_off_days,
        "approval_over_minor": approval_over_minor,
    }
    policy: PayoutPolicy
    policy, _is_new = PayoutPolicy.objects.update_or_create(defaults=wanted)
    record("payout.policy", subject=policy, by=by, now=now, data=wanted)
    return policy
