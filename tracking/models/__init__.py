"""What happened: clicks, claims, orders and their facts, and the referral that follows from them."""

from tracking.models.claims import Claim
from tracking.models.clicks import Click
from tracking.models.leaks import Leak
from tracking.models.orders import Order, OrderFact
from tracking.models.referrals import Referral

__all__ = ["Claim", "Click", "Leak", "Order", "OrderFact", "Referral"]
