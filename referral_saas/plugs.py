"""What higher floors plug into lower ones, as dotted names; settings hands it out (settings.SWEEPS and so on)."""

from __future__ import annotations

#: Readers of the event log: name -> does it want this code? Each that does gets its own outbox row.
EVENT_READERS: dict[str, str] = {"mail": "engagement.readers.wants_mail", "lane": "referral_saas.lane.changes.wants"}
#: Who works an outbox row: reader -> step.
OUTBOX_HANDLERS: dict[str, str] = {"mail": "engagement.steps.mail.handle", "lane": "referral_saas.lane.changes.handle"}
#: Told of every event in its own transaction, for what must happen right after the commit.
EVENT_BELLS: tuple[str, ...] = ("referral_saas.lane.changes.on_event",)
#: Kinds of reward (programs.rules.Fulfilment) -> who fulfils it.
REWARD_FULFILLERS: dict[str, str] = {
    "COUPON_POOL": "rewards.fulfillers.PoolFulfiller",
    "COUPON_WEBHOOK": "integrations.webhooks.fulfil.CouponWebhook",
    "BALANCE": "rewards.fulfillers.BalanceFulfiller",
    "WEBHOOK": "integrations.webhooks.fulfil.RewardWebhook",
    "SHOPIFY_DISCOUNT": "integrations.shopify.discounts.ShopifyDiscount",
    "WOOCOMMERCE_COUPON": "integrations.woocommerce.coupons.WooCoupon",
    "STRIPE_PROMOTION": "integrations.stripe.promotions.StripePromotion",
    "STRIPE_BALANCE": "integrations.stripe.balance.StripeBalance",
    "GIFT_CARD": "integrations.giftcards.orders.GiftCard",
}
#: Words for what a service answered: reason code -> sentence, "" for a code that is none of theirs.
REASON_WORDS: str = "integrations.wording.service_text"
#: Kind of connection whose events are about payments -> who reads them (integrations.understanding).
SERVICE_EVENTS: dict[str, str] = {"STRIPE": "integrations.stripe.mapping.understand"}
#: Where a friend's code comes from (programs.rules.CodeSource) -> source.
CODE_SOURCES: dict[str, str] = {
    "POOL": "tracking.sources.PoolCodes",
    "SHOP_CODE": "tracking.sources.ShopCode",
    "WEBHOOK": "integrations.webhooks.code_source.WebhookCodes",
}
#: Work that waits in rows, by kind: the sweep that does one merchant's, and the queue its bell rings in.
SWEEPS: dict[str, dict[str, str]] = {
    "release": {"path": "rewards.steps.release.sweep", "queue": "money"},
    "fulfil": {"path": "rewards.steps.fulfil.sweep", "queue": "money"},
    "withdraw": {"path": "rewards.steps.withdraw.sweep", "queue": "money"},
    "expire": {"path": "rewards.steps.expire.sweep", "queue": "default"},
    "review": {"path": "rewards.steps.reviews.sweep", "queue": "default"},
    "audit": {"path": "rewards.steps.audit.sweep", "queue": "bulk"},
    "inbox": {"path": "integrations.steps.inbox.sweep", "queue": "default"},
    "bulk": {"path": "referral_saas.api.bulk.sweep", "queue": "bulk"},
    "outbox": {"path": "merchants.steps.outbox.sweep", "queue": "default"},
    "claims": {"path": "tracking.steps.claims.sweep", "queue": "default"},
    "leads": {"path": "leads.steps.asked.sweep", "queue": "default"},
    "introduce": {"path": "tracking.steps.introductions.sweep", "queue": "default"},
    "leaks": {"path": "tracking.steps.leaks.sweep", "queue": "bulk"},
    "programs": {"path": "programs.steps.calendar.sweep", "queue": "default"},
    "exports": {"path": "exports.steps.sweep", "queue": "bulk"},
    "imports": {"path": "imports.steps.sweep", "queue": "bulk"},
    "forget": {"path": "tracking.steps.retention.sweep", "queue": "bulk"},
}
#: Lists that can be written down as files, by name (exports.lists.WritableList).
EXPORT_LISTS: str = "referral_saas.dashboard.lists.known.LISTS"
#: Archives of many tables, by name (exports.lists.WritableBundle).
EXPORT_BUNDLES: str = "privacy.takeout.BUNDLES"
#: Files that can be taken in, by what is in them (imports.kinds.ImportKind).
IMPORT_KINDS: str = "referral_saas.dashboard.importing.kinds.KINDS"
#: What mails to the team say of what lives on a higher floor (engagement.trouble_mail).
TROUBLE_TOLD: dict[str, str] = {
    "connection": "integrations.telling.connection_told",
    "messages": "integrations.telling.messages_aside",
}
