"""What happened: clicks, claims, orders and their facts, and the referral that follows from them."""

from tracking.models.claims import Claim, OfferAsked
from tracking.models.clicks import Click, DayStat, LinkDay, Salt, SetAside, StrayEntry
from tracking.models.fraud import (
    AdvocateTrace,
    Breaker,
    FraudPolicy,
    ListEntry,
    OrderTrace,
    Reassessment,
    Review,
)
from tracking.models.introductions import Assignment, Introduction
from tracking.models.leaks import Leak
from tracking.models.orders import Order, OrderFact
from tracking.models.referrals import Referral

__all__ = [
    "AdvocateTrace",
    "Assignment",
    "Breaker",
    "Claim",
    "Click",
    "DayStat",
    "FraudPolicy",
    "Introduction",
    "Leak",
    "LinkDay",
    "ListEntry",
    "OfferAsked",
    "Order",
    "OrderFact",
    "OrderTrace",
    "Reassessment",
    "Referral",
    "Review",
    "Salt",
    "SetAside",
    "StrayEntry",
]
