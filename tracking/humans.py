"""Whether a request comes from a person who follows a link, as far as headers can tell. Pure.

Honest rather than clever: programs that say what they are, previews that messengers fetch, pages a browser loads ahead
or hidden in another page. Whoever pretends to be a browser passes; that is a matter for the fraud rules, not for here.
Apps that show pages themselves (Instagram, WeChat ...) are people: when in doubt, a person.

Figures and why no package: docs/decisions/0009-who-is-human.md; `./run bench humans` prints them anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from tracking.data import listed

#: What of a user agent is read and kept in memory; real ones are shorter but for a few apps that tell their life.
LONGEST_AGENT = 600
#: So many different user agents are remembered: a few megabytes per process.
REMEMBERED = 4096

_METHODS = ("GET", "POST")
#: Headers by which browsers and apps say that nobody looks yet; X-Requested-With of a web view names its app instead.
_AHEAD_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_AHEAD = ("prefetch", "prerender", "preview")


class Client(NamedTuple):
    """All that is ever kept of a user agent: `device` phone, tablet or desktop; `agent` browser/system, at most 40."""

    is_program: bool
    device: str
    agent: str


def is_human(method: str, headers: Mapping[str, str]) -> bool:
    """A person opens the page itself: no program, nothing loaded ahead, no image or frame in another page.

    ``headers`` by their usual names, whatever their case (as `HttpRequest.headers` answers).
    """
    return opens_a_page(method, headers) and not client_of(headers.get("User-Agent", "")).is_program


def opens_a_page(method: str, headers: Mapping[str, str]) -> bool:
    """Of browsers that say it: the page itself, now. Older ones tell images at least by what they accept."""
    if method not in _METHODS or "From" in headers:
        return False
    if headers.get("Sec-Fetch-Dest", "document") != "document" or headers.get("Accept", "").startswith("image/"):
        return False
    if headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    return not any(_is_ahead(headers[name]) for name in _AHEAD_HEADERS if name in headers)


def _is_ahead(purpose: str) -> bool:
    lowered = purpose.lower()
    return any(word in lowered for word in _AHEAD)


def is_program(agent: str) -> bool:
    """A user agent that names a program, or none at all."""
    return client_of(agent).is_program


def device_of(agent: str) -> str:
    """phone, tablet or desktop."""
    return client_of(agent).device


def agent_of(agent: str) -> str:
    """Browser and system in a word each, without versions: "chrome/android", "instagram/ios", "other/other"."""
    return client_of(agent).agent


def client_of(agent: str) -> Client:
    """What a user agent says, remembered. Safe from any thread: the memory is one C object, nothing is locked here."""
    return _remembered(agent[:LONGEST_AGENT])


@lru_cache(maxsize=REMEMBERED)
def _remembered(agent: str) -> Client:
    return read(agent)


def read(agent: str) -> Client:
    """The same without memory: what a new user agent costs."""
    lowered = agent.lower()
    return Client(_names_a_program(lowered), _device(lowered), f"{_browser(lowered)}/{_system(lowered)}")


# --- Programs ---

_PROGRAMS = tuple(sorted(listed("programs")))
#: Browsers have begun so for twenty years, the last ones of simple phones but for two.
_BEGINNING = re.compile(r"mozilla/[45]\.0 \(|opera/|ucweb/|[a-z0-9-]+/[^ ]* .*(?:midp|opera mini)")
_ENGINES = ("gecko", "applewebkit", "trident", "msie", "presto", "khtml", "netfront", "opera", "ucweb", "goanna")
#: Nobody who reads pages gives an address to read or write to.
_ADDRESS = re.compile(
    r"https?:|www\.|mailto:|@[a-z0-9-]+\.[a-z]{2}|"
    r"[a-z0-9-]\.(?:com|net|org|io|co|ai|app|dev|de|fr|eu|nl|uk|ru|cz|pl|it|es|se|ch|us|ca|info)(?![a-z0-9.-])"
)
_COMPATIBLE = re.compile(r"compatible(?!; (?:msie|konqueror))")


def _names_a_program(lowered: str) -> bool:
    if not _BEGINNING.match(lowered) or not any(engine in lowered for engine in _ENGINES):
        return True
    told = lowered.replace("cubot", "")
    if any(part in told for part in _PROGRAMS):
        return True
    return bool(_ADDRESS.search(lowered) or ("compatible" in lowered and _COMPATIBLE.search(lowered)))


# --- What is kept of it ---

_PHONE = re.compile(r"iphone|ipod|windows phone|mobile.*firefox|kaios|midp|opera mini|blackberry|bb10|series60")
_TABLETS = ("ipad", "android", "tablet", "kindle", "silk/", "playbook")

#: The first that fits: apps before the browsers they are made of, those before what they pretend to be.
_BROWSERS = (
    ("instagram", "instagram"),
    ("fban/messenger", "messenger"), ("fb_iab/messenger", "messenger"), ("fb_iab/orca", "messenger"),
    ("fban", "facebook"), ("fb_iab", "facebook"), ("fbav", "facebook"), ("metaiab", "facebook"),
    ("bytedancewebview", "tiktok"), ("musical_ly", "tiktok"), ("tiktok", "tiktok"), ("trill", "tiktok"),
    ("micromessenger", "wechat"), ("snapchat", "snapchat"), ("pinterest", "pinterest"), ("linkedinapp", "linkedin"),
    ("twitter", "twitter"), ("reddit", "reddit"), ("whatsapp", "whatsapp"), ("telegram", "telegram"),
    ("viber", "viber"), ("kakaotalk", "kakaotalk"), (" line/", "line"), ("naver(", "naver"), ("zalo", "zalo"),
    ("gsa/", "google"), ("duckduckgo", "duckduckgo"), (" ddg/", "duckduckgo"), ("brave", "brave"),
    ("vivaldi", "vivaldi"), ("yabrowser", "yandex"), ("yasearch", "yandex"), ("whale/", "whale"),
    ("ecosia", "ecosia"), ("ucbrowser", "uc"), ("ucweb", "uc"), ("miuibrowser", "xiaomi"),
    ("huaweibrowser", "huawei"), ("heytapbrowser", "oppo"), ("vivobrowser", "vivo"), ("qqbrowser", "qq"),
    ("samsungbrowser", "samsung"), ("silk/", "silk"), ("edg/", "edge"), ("edga/", "edge"), ("edgios/", "edge"),
    ("edge/", "edge"), ("opr/", "opera"), ("opt/", "opera"), ("opios/", "opera"), ("opera", "opera"),
    ("focus/", "firefox"), ("fxios/", "firefox"), ("firefox/", "firefox"), ("crios/", "chrome"),
    ("; wv)", "webview"), ("headlesschrome", "chrome"), ("chromium", "chrome"), ("chrome/", "chrome"),
    ("msie", "ie"), ("trident", "ie"), ("android", "android"), ("version/", "safari"), ("safari/", "safari"),
    ("applewebkit", "webview"), ("gecko/", "firefox"),
)  # fmt: skip
_SYSTEMS = (
    ("windows phone", "windows-phone"), ("xbox", "xbox"), ("windows", "windows"),
    ("iphone", "ios"), ("ipad", "ios"), ("ipod", "ios"), ("harmonyos", "harmonyos"), ("openharmony", "harmonyos"),
    ("kaios", "kaios"), ("tizen", "tizen"), ("web0s", "webos"), ("webos", "webos"), ("playstation", "playstation"),
    ("nintendo", "nintendo"), ("android", "android"), ("cros ", "chromeos"), ("macintosh", "macos"),
    ("mac os x", "macos"), ("linux", "linux"), ("x11", "unix"),
)  # fmt: skip


def _device(lowered: str) -> str:
    if _PHONE.search(lowered) or ("android" in lowered and "mobile" in lowered):
        return "phone"
    return "tablet" if any(word in lowered for word in _TABLETS) else "desktop"


def _browser(lowered: str) -> str:
    return _first(lowered, _BROWSERS)


def _system(lowered: str) -> str:
    return _first(lowered, _SYSTEMS)


def _first(lowered: str, marks: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in marks if mark in lowered), "other")
