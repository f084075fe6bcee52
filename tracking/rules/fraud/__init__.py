"""How genuine a referral looks: evidence in, named signals with points, a score and a level out. Pure."""

from tracking.rules.fraud.evidence import Evidence, Hashes, Place
from tracking.rules.fraud.lists import (
    BadPattern,
    Entry,
    Subject,
    clean_pattern,
    fits,
    fits_address,
    fitting,
    plain_address,
)
from tracking.rules.fraud.score import (
    TRUST_MARGIN,
    Assessment,
    Cause,
    Level,
    Policy,
    Sign,
    assess,
    is_sampled,
    trusted,
)
from tracking.rules.fraud.signals import LARGEST_WEIGHT, RULES, WEIGHTS, Rule, Seen, Signal

__all__ = [
    "LARGEST_WEIGHT",
    "RULES",
    "TRUST_MARGIN",
    "WEIGHTS",
    "Assessment",
    "BadPattern",
    "Cause",
    "Entry",
    "Evidence",
    "Hashes",
    "Level",
    "Place",
    "Policy",
    "Rule",
    "Seen",
    "Sign",
    "Signal",
    "Subject",
    "assess",
    "clean_pattern",
    "fits",
    "fits_address",
    "fitting",
    "is_sampled",
    "plain_address",
    "trusted",
]
