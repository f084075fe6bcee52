"""Kinds of reward in words for the merchant: what each form is, who delivers it, what is wrong with one."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from programs.rules import Form, Fulfilment, KindProblem, Mechanism

Text = Promise | str

#: Name, and what it is in one sentence.
FORM_WORDS: dict[Form, tuple[Text, Text]] = {
    Form.PERCENT_CODE: (_("Percent off, as a code"), _("A code that takes a percentage off their next order.")),
    Form.FIXED_CODE: (_("Voucher code"), _("A code worth an amount of money at your checkout.")),
    Form.FREE_SHIPPING_CODE: (_("Free shipping, as a code"), _("A code that makes the next parcel free.")),
    Form.FREE_PRODUCT_CODE: (_("Free product, as a code"), _("A code that adds one of your products for nothing.")),
    Form.STORE_CREDIT: (_("Store credit"), _("Money on their account with you.")),
    Form.POINTS: (_("Points"), _("Points on their account with you.")),
    Form.FREE_TIME: (_("Free months"), _("Months of their subscription for nothing.")),
    Form.SUBSCRIPTION_CREDIT: (_("Subscription credit"), _("Money taken off their next invoices.")),
    Form.CUSTOM_UNIT: (_("A unit of your own"), _("Megabytes, credits, minutes: whatever your product counts.")),
    Form.CASH: (_("Cash"), _("Money to their bank account or PayPal.")),
    Form.GIFT_CARD: (_("Gift card"), _("A gift card of a shop they choose.")),
    Form.GIFT: (_("Gift"), _("A thing that you send by post, such as a mug.")),
    Form.SWAG: (_("Clothes and the like"), _("A thing that you send by post, in sizes if it has some.")),
    Form.PLAN_UPGRADE: (_("Better plan"), _("A better plan of your product for some months.")),
    Form.DONATION: (_("Donation"), _("Money to a good cause, in their name.")),
    Form.ANYTHING: (_("Something else"), _("Anything your team or your software can do for them.")),
}

MECHANISM_WORDS: dict[Mechanism, Text] = {
    Mechanism.CODE: _("Codes for your checkout"),
    Mechanism.BALANCE: _("Credit on an account"),
    Mechanism.MONEY: _("Money"),
    Mechanism.THING: _("Things sent by post"),
    Mechanism.WEBHOOK: _("Done by you"),
}

FULFILMENT_WORDS: dict[Fulfilment, tuple[Text, Text]] = {
    Fulfilment.COUPON_POOL: (_("Codes that you upload"), _("Make them in your shop, then upload the list.")),
    Fulfilment.COUPON_WEBHOOK: (_("Codes made by your software"), _("Your webhook makes one for each reward.")),
    Fulfilment.SHOPIFY_DISCOUNT: (_("Discount made in Shopify"), _("Needs your Shopify store connected.")),
    Fulfilment.WOOCOMMERCE_COUPON: (_("Coupon made in WooCommerce"), _("Needs your WooCommerce shop connected.")),
    Fulfilment.STRIPE_PROMOTION: (_("Promotion code made in Stripe"), _("Needs Stripe connected.")),
    Fulfilment.STRIPE_BALANCE: (_("Credit in Stripe"), _("Taken off their next Stripe invoices. Needs Stripe.")),
    Fulfilment.BALANCE: (_("An account kept here"), _("Delivered at once. Your software reads it and uses it up.")),
    Fulfilment.GIFT_CARD: (_("Ordered from the gift card service"), _("Needs your account there connected.")),
    Fulfilment.PAYOUT: (_("With the next payout"), _("It is collected and paid in one run.")),
    Fulfilment.SHIPMENT: (_("Sent by your team"), _("They tell their address, you pack and mark it as sent.")),
    Fulfilment.WEBHOOK: (_("Your software"), _("Your webhook is told and does it.")),
    Fulfilment.MANUAL: (_("By hand"), _("Somebody of your team does it and marks it as sent.")),
}

_FIELDS: dict[str, Text] = {
    "name": _("Name"),
    "unit": _("Unit"),
    "fulfilment": _("Who delivers it"),
    "percent": _("Percent off"),
    "product_id": _("Product"),
    "plan": _("Plan"),
    "charity": _("Good cause"),
    "campaign_id": _("Campaign"),
    "funding_source_id": _("Funding source"),
}

_PROBLEMS: dict[str, Text] = {
    "required": _("This is needed."),
    "name_taken": _("There is one of this name already."),
    "name_too_long": _("Use 80 characters at most."),
    "cannot_deliver_this": _("Choose one of those on the list."),
    "wrong_unit": _("Write the unit in capital letters, such as MB or CREDITS. Three letters are kept for currencies."),
    "must_not_be_negative": _("Choose zero or more."),
    "days_1_to_3650": _("Choose 1 to 3650 days."),
    "percent_1_to_100": _("Write a whole number from 1 to 100."),
    "size_too_long": _("Use 20 characters at most for a size."),
    "too_many_pieces": _("Write a number from 0 to 1,000,000."),
    "has_no_stock": _("Only things that are sent have a stock."),
}


def form_name(form: str) -> str:
    return str(FORM_WORDS[Form(form)][0])


def fulfilment_name(fulfilment: str) -> str:
    return str(FULFILMENT_WORDS[Fulfilment(fulfilment)][0])


def setting_name(name: str) -> str:
    return str(_FIELDS.get(name, name))


def kind_problem_text(problem: KindProblem) -> str:
    return str(_PROBLEMS.get(problem.code) or _now("Check this."))
