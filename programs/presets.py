"""Where a kind of reward starts: rewards that many give, in the merchant's own currency. Everything can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.units import MONTHS, PIECES, POINTS
from programs.amounts import about_ten
from programs.rules import Form, Fulfilment, Gives


@dataclass(frozen=True, slots=True)
class Preset:
    """``worth_percent``: what one unit is worth, of a round amount near ten euros (None: the unit is money).

    ``at_desk``: can be given as it stands, as a surprise.
    """

    key: str
    name: str | Promise
    description: str | Promise
    form: Form
    fulfilment: Fulfilment
    unit: str = ""
    worth_percent: int | None = None
    valid_days: int | None = None
    setting: Mapping[str, str] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    at_desk: bool = False

    def gives_in(self, currency: str) -> Gives:
        worth = None if self.worth_percent is None else about_ten(currency) * self.worth_percent // 100
        return Gives(
            id="",
            name=str(self.name),
            form=self.form,
            unit=self.unit or currency,
            fulfilment=self.fulfilment,
            fair_minor=worth,
            valid_days=self.valid_days,
            setting=dict(self.setting),
        )


PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset("gift_card", _("Gift card"), _("A card of 10 for each friend who buys; they choose the shop."),
               Form.GIFT_CARD, Fulfilment.GIFT_CARD),
        Preset("percent_code", _("10% off the next order"), _("Brings them back to your shop."),
               Form.PERCENT_CODE, Fulfilment.COUPON_POOL, PIECES, 50, 90, {"percent": "10"}),
        Preset("voucher", _("Voucher"), _("A fixed amount off their next order."),
               Form.FIXED_CODE, Fulfilment.COUPON_POOL, valid_days=180),
        Preset("free_shipping", _("Free shipping"), _("Their next parcel costs nothing to send."),
               Form.FREE_SHIPPING_CODE, Fulfilment.COUPON_POOL, PIECES, 50, 90),
        Preset("free_product", _("Free product"), _("One of your products for nothing."),
               Form.FREE_PRODUCT_CODE, Fulfilment.COUPON_POOL, PIECES, 100, 90),
        Preset("store_credit", _("Store credit"), _("10 for each friend, on their account with you."),
               Form.STORE_CREDIT, Fulfilment.BALANCE),
        Preset("points", _("Points"), _("500 points for each friend, for your own loyalty program."),
               Form.POINTS, Fulfilment.BALANCE, POINTS, 0),
        Preset("free_month", _("A free month"), _("The next month of their subscription is on you."),
               Form.FREE_TIME, Fulfilment.MANUAL, MONTHS, 200, at_desk=True),
        Preset("megabytes", _("More space"), _("500 MB for each friend, as Dropbox did."),
               Form.CUSTOM_UNIT, Fulfilment.BALANCE, "MB", 0),
        Preset("cash", _("Cash"), _("Paid to their bank account with the next payout."), Form.CASH, Fulfilment.PAYOUT),
        Preset("t_shirt", _("T-shirt"), _("Sent by post in their size."),
               Form.SWAG, Fulfilment.SHIPMENT, PIECES, 150, sizes=("S", "M", "L", "XL")),
        Preset("mug", _("Mug"), _("Sent by post."), Form.GIFT, Fulfilment.SHIPMENT, PIECES, 100),
        Preset("upgrade", _("Plan upgrade"), _("A month of your next better plan."),
               Form.PLAN_UPGRADE, Fulfilment.MANUAL, MONTHS, 200, setting={"plan": "next"}, at_desk=True),
        Preset("donation", _("Donation"), _("10 for each friend to a good cause, in their name."),
               Form.DONATION, Fulfilment.MANUAL),
        Preset("present", _("Hand-picked present"), _("Something chosen for this one person."),
               Form.ANYTHING, Fulfilment.MANUAL, PIECES, 200, at_desk=True),
        Preset("press_story", _("A story about them in the press"), _("You tell a journalist what they do so well."),
               Form.ANYTHING, Fulfilment.MANUAL, PIECES, 0, at_desk=True),
        Preset("backlink", _("A link to their site"), _("You write about them on your site, and link to theirs."),
               Form.ANYTHING, Fulfilment.MANUAL, PIECES, 0, at_desk=True),
    )
}  # fmt: skip
