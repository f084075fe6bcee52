"""Whether a request comes from a person who follows a link, as far as headers can tell. Pure.

Honest rather than clever: programs that say what they are, previews that messengers fetch, pages a browser loads ahead
or hidden in another page. Whoever pretends to be a browser passes; that is a matter for the fraud rules, not for here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Every browser has begun so for twenty years; what begins otherwise, or gives an address to read, is a program.
_BROWSER = re.compile(r"(?:Mozilla/[45]|Opera/|Dalvik/)", re.IGNORECASE)
_TELLS_WHO = re.compile(r"https?:|\+http|www\.|mailto:|@|compatible(?!; MSIE)", re.IGNORECASE)
#: Parts of user agents that programs give themselves. "Cubot" is a make of phone. Headless browsers are let through:
#: shops test their own links with them.
_PROGRAMS = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|scrap|fetch|archiver|preview|"
    r"facebookexternalhit|facebookcatalog|meta-external|whatsapp|viber|skypeuri|iframely|embedly|vkshare|flipboardproxy|"
    r"quora link|tumblr/|nuzzel|mastodon|friendica|pleroma|misskey|synapse|google-|mediapartners|"
    r"apis-google|feedburner|lighthouse|pagespeed|gtmetrix|ptst/|bubing|nutch|heritrix|validator|checker|monitor|uptime|"
    r"pingdom|cloudflare-|appengine-|siteimprove|zabbix|dareboost|brandverity|agent\b|linkcheck|analyzer|statuscake|site24x7|newrelic|datadog|zgrab|masscan|nmap|nikto|sqlmap|nuclei|censys|expanse|"
    r"curl|wget|httpie|python|aiohttp|httpx|urllib|requests|go-http|java/|okhttp|apache-http|libwww|lwp|perl|ruby|php/|"
    r"guzzle|node-fetch|axios|undici|dart:|postman|insomnia|winhttp|http_?client|http_request|phantomjs|selenium",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
_AHEAD_HEADERS = ("Purpose", "X-Purpose", "X-Moz", "Sec-Purpose")
_PHONE = re.compile(r"iphone|ipod|android.*mobile|windows phone|mobile.*firefox", re.IGNORECASE)
_TABLET = re.compile(r"ipad|android|tablet|kindle|silk/", re.IGNORECASE)

LONGEST_AGENT = 600


def is_human(method: str, headers: Mapping[str, str]) -> bool:
    """A person opens the page itself: no program, nothing loaded ahead, no image or frame in another page."""
    if method not in ("GET", "POST"):
        return False
    if any(_AHEAD.search(headers.get(name, "")) for name in _AHEAD_HEADERS):
        return False
    if headers.get("Sec-Fetch-Dest", "document") != "document":
        return False
    return not is_program(headers.get("User-Agent", ""))


def is_program(agent: str) -> bool:
    """A user agent that names a program, or none at all."""
    shown = agent[:LONGEST_AGENT]
    return not _BROWSER.match(shown) or bool(_TELLS_WHO.search(shown) or _PROGRAMS.search(shown))


def device_of(agent: str) -> str:
    """phone, tablet or desktop: all that is kept of a user agent."""
    agent = agent[:LONGEST_AGENT]
    if _PHONE.search(agent):
        return "phone"
    return "tablet" if _TABLET.search(agent) else "desktop"
