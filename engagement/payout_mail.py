"""Mails about money on its way: a transfer that failed, an account that was changed, a tax form that is wanted."""

from __future__ import annotations

from uuid import UUID

from advocates.models import Advocate, Customer
from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values
from merchants.models import Event
from rewards.models import PayoutAccount, PayoutLine, TaxForm


def failed(event: Event, house: House) -> Occasion | None:
    """Only where the account is to blame can the person do something about it."""
    lines = PayoutLine.objects.select_related("recipient", "payout")
    line: PayoutLine | None = lines.filter(pk=event.data.get("line_id")).first()
    if line is None:
        return None

    def values(pen: Pen) -> Values:
        return {
            "amount": pen.money(line.amount_minor, line.payout.unit),
            "account": line.hint,
            "link": addresses.portal(house.merchant.slug),
        }

    is_theirs = line.reason in ("account_wrong", "account_closed", "returned")
    return Occasion(_recipient(line.recipient), values, skip="" if is_theirs else "not_theirs_to_mend")


def account_changed(event: Event, house: House) -> Occasion | None:
    customer = _customer(event.subject_id)
    account = PayoutAccount.objects.filter(customer=event.subject_id).first()
    if customer is None or account is None:
        return None

    def values(_pen: Pen) -> Values:
        return {"account": account.hint, "link": addresses.portal(house.merchant.slug)}

    return Occasion(_recipient(customer), values)


def tax_form(event: Event, house: House) -> Occasion | None:
    form: TaxForm | None = TaxForm.objects.select_related("customer").filter(pk=event.subject_id).first()
    if form is None:
        return None

    def values(_pen: Pen) -> Values:
        return {"form": event.data.get("form", ""), "link": addresses.portal(house.merchant.slug)}

    return Occasion(_recipient(form.customer), values, skip="overtaken" if form.collected_at else "")


def _customer(customer_id: UUID) -> Customer | None:
    found: Customer | None = Customer.objects.filter(pk=customer_id).first()
    return found


def _recipient(customer: Customer) -> Recipient:
    advocate = Advocate.objects.filter(customer=customer).select_related("customer", "program").order_by("pk").first()
    return Recipient.of(customer, advocate)
