"""People's accounts of points, credit and units of the merchant's own: what is left, and using some of it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from advocates.models import Customer
from advocates.selectors import advocate_by_id, customer_by_former_id, customer_by_former_number
from kit.ids import parse_public_id, public_id
from kit.money import is_currency
from kit.text import clean_text
from kit.units import is_unit, plain_amount
from referral_saas.api.base import Reads, Writes
from referral_saas.api.body import Body
from referral_saas.api.idempotency import Answer
from referral_saas.api.present import Json, moment
from referral_saas.api.problems import conflict, not_found
from rewards.actions.spend import NotEnough, spend
from rewards.balances import balance_of, balances_of
from rewards.models import Spend

#: More than anybody was ever given of a unit.
MOST = 10**12


class Balances(Reads):
    """GET: everything on the account of one person."""

    def read(self, **ids: str) -> Answer:
        person = self.person(ids["id"])
        balances = balances_of(person, now=self.caller.now())
        lines = [{"unit": each.unit, "amount": plain_amount(each.left, each.unit)} for each in balances]
        return Answer({"customer": public_id("cus", person.pk), "balances": lines})

    def person(self, public: str) -> Customer:
        return advocates_person(public)


class CustomerBalances(Balances):
    def person(self, public: str) -> Customer:
        return customer_by(public)


class Uses(Writes):
    """POST uses some of it up. Never more than there is: 409, and nothing changed."""

    def write(self, body: Body, **ids: str) -> Answer:
        person = self.person(ids["id"])
        unit, amount = _amount(body)
        reason = body.text("reason", longest=200)
        body.done()
        now = self.caller.now()
        try:
            used = spend(customer=person, unit=unit, amount_minor=amount, reason=reason, by=self.caller.by, now=now)
        except NotEnough as error:
            raise conflict("not_enough", _("There are only %(left)s %(unit)s left.") % _left(error, unit)) from error
        return Answer(_use_json(used, balance_of(person, unit, now=now)), 201)

    def person(self, public: str) -> Customer:
        return advocates_person(public)


class CustomerUses(Uses):
    def person(self, public: str) -> Customer:
        return customer_by(public)


def advocates_person(public: str) -> Customer:
    key = parse_public_id("adv", public)
    advocate = advocate_by_id(key) if key else None
    if advocate is None:
        raise not_found()
    found: Customer = advocate.customer
    return found


def customer_by(public: str) -> Customer:
    """By our id, or by the shop's own."""
    key, told = parse_public_id("cus", public), clean_text(public).strip()
    found = (
        Customer.objects.filter(pk=key) if key else Customer.objects.filter(external_id=told).exclude(external_id="")
    )
    former = (lambda: customer_by_former_id(key)) if key else (lambda: customer_by_former_number(told))
    customer: Customer | None = found.order_by("pk").first() or former()
    if customer is None:
        raise not_found()
    return customer


def _amount(body: Body) -> tuple[str, int]:
    """Major units of a currency as text, a whole number of anything else."""
    unit = body.text("unit", required=True, longest=12)
    if unit and not is_unit(unit):
        body.refuse("unit", "not_a_unit", _("Send a currency, or a unit as the balances name it, such as POINTS."))
    if is_currency(unit):
        return unit, body.money("amount", unit, required=True, least=1) or 0
    text = body.key("amount")
    count = int(text) if text.isascii() and text.isdigit() else 0
    if text and not 0 < count <= MOST:
        body.refuse("amount", "not_a_count", _("Send a whole number above zero."))
    return unit, count


def _left(error: NotEnough, unit: str) -> dict[str, str]:
    return {"left": plain_amount(error.left, unit), "unit": unit}


def _use_json(used: Spend, left: int) -> Json:
    return {
        "unit": used.unit,
        "amount": plain_amount(used.amount_minor, used.unit),
        "left": plain_amount(left, used.unit),
        "at": moment(used.at),
    }
