"""Rows of this app: rewards, the ledger, what limits them, and payouts."""

from rewards.models.gifts import Spend, Surprise
from rewards.models.ledger import Account, LedgerEntry, Posting
from rewards.models.limits import Allowance, BonusCampaign, Budget
from rewards.models.payouts import Payout, PayoutAccount, PayoutItem, PayoutLine, PayoutPolicy, TaxForm
from rewards.models.reward import DeliveryAddress, FulfilmentAttempt, Reward, RewardBlock, Withdrawal
from rewards.models.setbacks import Setback
from rewards.models.sums import RewardSum

__all__ = [
    "Account",
    "Allowance",
    "BonusCampaign",
    "Budget",
    "DeliveryAddress",
    "FulfilmentAttempt",
    "LedgerEntry",
    "Payout",
    "PayoutAccount",
    "PayoutItem",
    "PayoutLine",
    "PayoutPolicy",
    "Posting",
    "Reward",
    "RewardBlock",
    "RewardSum",
    "Setback",
    "Spend",
    "Surprise",
    "TaxForm",
    "Withdrawal",
]
