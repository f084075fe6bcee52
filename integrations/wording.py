"""What became of a delivery, and why a connection complains, in words for the merchant."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.models import InboundEvent
from integrations.selectors import FULFILMENTS_OF, is_simulated

_RESULTS: dict[str, str | Promise] = {
    "attributed": _("The order was traced to an advocate."),
    "not_referred": _("An order without a referral."),
    "blocked": _("The order was traced, but the referral is blocked."),
    "awaited": _("Kept until the order itself arrives."),
    "nothing_new": _("It told nothing that was not known."),
    "unknown_topic": _("A topic we do not use."),
    "switched_off": _("The shop took our access away."),
}
_ERRORS: dict[str, str | Promise] = {
    "not_json": _("The message is no JSON."),
    "too_large": _("The message is too large."),
    "too_deep": _("The message is nested too deeply."),
    "bad_number": _("A number in it is out of range."),
    "not_an_object": _("The message is not an object."),
    "bad_amount": _("An amount in it cannot be read."),
    "bad_quantity": _("A quantity in it cannot be read."),
    "bad_shape": _("A part of it has another shape than the shop documents."),
    "bad_time": _("A time in it cannot be read."),
    "no_time": _("It does not say when it happened."),
    "no_id": _("It does not say which order it is about."),
    "no_lines": _("It has no lines."),
    "unknown_currency": _("Its currency is not one we know."),
    "unknown_topic": _("The shop sent a topic we do not read."),
    "body_forgotten": _("Its content was deleted after 30 days."),
    "not_the_shop": _("It says that another shop has removed us."),
    "app_uninstalled": _("The shop removed our access. Connect it again with its current secret."),
    "connection_off": _("The shop is switched off."),
}
#: Why a service did not give a reward, or does not work at all: what happened, and what the merchant can do.
_SERVICES: dict[str, str | Promise] = {
    "shopify_not_connected": _("No Shopify store with an Admin API token is connected. Add one under Connections."),
    "woocommerce_not_connected": _("No WooCommerce shop is connected. Add one under Connections."),
    "stripe_not_connected": _("Stripe is not connected. Add it under Connections."),
    "gift_cards_not_connected": _("No gift card account is connected. Add one under Connections."),
    "webhook_not_connected": _("No webhook of yours does this. Add one under Connections."),
    "webhook_secret_unreadable": _("The secret of your webhook cannot be read any more. Remove it and add it again."),
    "answer_without_state": _('Your webhook did not say what became of it ("state" in its answer).'),
    "credentials_unreadable": _("The stored credentials cannot be read any more. Enter them again under Connections."),
    "credentials_refused": _("The service does not accept our credentials. Enter new ones under Connections."),
    "permission_missing": _("Our credentials are right but may not do this. Give them more rights at the service."),
    "scope_missing": _("The store's token may not do this. Give its app write_discounts and read_products."),
    "shop_closed": _("The store is paused or locked by Shopify. It goes on once the store is open again."),
    "shop_unknown": _("There is no Shopify store at this address."),
    "not_woocommerce": _("No WooCommerce answers at this address. Check it, and that permalinks are switched on."),
    "account_closed": _("Stripe says that the account or its key is closed. Enter a new key under Connections."),
    "shopify_refused": _("Shopify refused the discount. Its own words stand on the connection's page."),
    "woocommerce_refused": _("WooCommerce refused the coupon. Its own words stand on the connection's page."),
    "stripe_refused": _("Stripe refused it. Its own words stand on the connection's page."),
    "giftcards_refused": _("The gift card service refused the order. Its own words stand on the connection's page."),
    "code_taken": _("Somebody else's code has the same name there. This one cannot be made again: give it by hand."),
    "currency_differs": _("The shop works in another currency than this reward, so no amount could be taken off."),
    "percent_missing": _("The kind of reward does not say how many percent it takes off."),
    "product_unknown": _("The shop does not know the product of this reward. Check its number in the kind."),
    "campaign_missing": _("The kind of reward names no gift card campaign, and neither does the connection."),
    "stripe_amount_step": _("Stripe does not take this amount in this currency. Use a rounder one."),
    "customer_unknown": _("Stripe knows no customer with this person's e-mail address."),
    "several_customers": _("Stripe knows several customers with this e-mail address. Credit the right one by hand."),
    "no_subscription": _("This person has no running subscription at Stripe, so no month could be given."),
    "several_subscriptions": _("This person has several subscriptions at Stripe. Give the months by hand."),
    "price_unclear": _("The subscription has no monthly or yearly price, so a month's worth cannot be told."),
    "history_too_long": _("This customer's balance has too many entries to look through. Check it at Stripe by hand."),
    "idempotency_error": _("Stripe remembers an earlier try with another amount. It is looked at again."),
    "no_funds": _("The gift card account does not hold enough money. Top it up: the order is tried again each hour."),
    "awaits_approval": _("The gift card order waits for approval in your gift card account."),
    "order_failed": _("The gift card service took the order and failed at it. Ask its support before you repeat it."),
    "order_cancelled": _("The gift card order was cancelled at the service."),
    "answer_unreadable": _("The service accepted it but its answer cannot be read. It is looked up before a new try."),
    "code_pool_empty": _("The pool of codes is empty. Upload more, and the reward follows at once."),
    "answer_without_code": _("Your webhook accepted it but answered no code. It is asked again."),
    "lease_over": _("It took too long or broke off halfway. It is looked up before a new try."),
    "other_was_first": _("Another try had delivered it by then."),
    "did_not_arrive": _("Somebody of the team looked: it never arrived."),
    "adapter_broke": _("Something broke on our side while we asked. It is looked up before a new try."),
    "no_answer": _("Nobody could tell whether it arrived. Check at the service before you repeat it."),
    "http_blocked": _("The address leads to where we may not call."),
    "http_dns": _("Nobody knows the address: check its spelling."),
    "http_refused": _("Nobody answers at the address. It is tried again."),
    "http_unreachable": _("The address cannot be reached. It is tried again."),
    "http_tls": _("The address has no valid certificate."),
    "http_timeout": _("No answer came in time. It is looked up before a new try."),
    "http_broken": _("The connection broke before an answer came. It is looked up before a new try."),
    "http_bad_request": _("The message could not be sent."),
    "http_429": _("The service asked us to wait because too much came at once. It is tried again later."),
    "http_503": _("The service is not available right now. It is tried again later."),
    "http_404": _("There is nothing at this address."),
    "http_400": _("The software that receives it refused it as wrong (400). Whoever looks after it can say why."),
}


def error_text(code: str) -> str:
    """Words for a reason code; text that is no code is shown as it is."""
    if code in _ERRORS:
        return str(_ERRORS[code])
    return service_text(code) or code


def service_text(code: str) -> str:
    """Why a reward could not be given or a service does not work; "" for a code that is none of a service's."""
    if code in _SERVICES:
        return str(_SERVICES[code])
    status = re.fullmatch(r"http_([0-9]{3})", code)
    if not status:
        return ""
    if status[1].startswith("5"):
        told = _now("The software that receives it failed (%(status)s). It is looked up before a new try.")
        return told % {"status": status[1]}
    told = _now("The software that receives it refused it (%(status)s). Whoever looks after it can say why.")
    return told % {"status": status[1]}


def simulated_fulfilments() -> set[str]:
    """What is delivered by a stand-in here, in place of the real service: pages say "Simulated" beside it."""
    return {name for kind, names in FULFILMENTS_OF.items() if is_simulated(kind) for name in names}


def event_text(event: InboundEvent) -> str:
    if event.state == InboundEvent.State.WAITING:
        return _now("Waits: %(why)s") % {"why": error_text(event.error)} if event.error else _now("Waits to be worked.")
    if event.state == InboundEvent.State.SET_ASIDE:
        return error_text(event.error or event.result)
    return str(_RESULTS.get(event.result, event.result))
