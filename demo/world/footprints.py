"""Where people are and what they browse with, the same at every start. Addresses that nobody has on the internet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from random import Random

from demo.world.people import Person

AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3.1 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "Instagram 336.1.3.27.85 (iPhone15,3; iOS 17_6_1; de_DE; de; scale=3.00; 1290x2796; 611400000)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 "
    "Safari/605.1.15",
    "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 "
    "Chrome/125.0.0.0 Mobile Safari/537.36",
)
#: What opens links without being anybody: messengers that draw a preview, search engines, watchers.
ROBOTS = (
    "WhatsApp/2.24.20.89 A",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "curl/8.5.0",
)


@dataclass(frozen=True)
class Footprint:
    ip: str
    agent: str
    #: Host of the page the link stood on; empty for messengers and mail.
    referrer: str = ""


def footprint_of(person: Person) -> Footprint:
    return _footprint(hashlib.sha256(person.email.encode()).digest())


def of_a_stranger(rng: Random) -> Footprint:
    return _footprint(rng.randbytes(4))


def other_agent(agent: str) -> str:
    """One that is neither the same browser nor the same system."""
    return AGENTS[4] if agent != AGENTS[4] else AGENTS[0]


def _footprint(seed: bytes) -> Footprint:
    """Of the range that is kept for examples, a network of its own for almost everybody."""
    return Footprint(f"2001:db8:{seed[0]:02x}{seed[1]:02x}::{seed[2] + 1:x}", AGENTS[seed[3] % len(AGENTS)])
