"""Text from outside made storable, and e-mail addresses made comparable."""

import hashlib
import hmac
import math
import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# C0 and C1 controls but tab and line feed, and the marks that turn the reading order of whatever follows them.
_CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n?")
# Signs that show nothing by themselves: joiners, marks of direction, fillers, selectors, tags.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e0fff"
)
_NOTHING_SEEN = re.compile(f"[\\s{_UNSEEN}]*")

_LONGEST_EMAIL = 254
_LONGEST_LOCAL_PART = 64
_is_email = EmailValidator(allowlist=[])


def clean_text(text: str, *, max_length: int | None = None) -> str:
    """`text` as Postgres can store it and a page can show it, in NFC; cleaning twice changes nothing.

    NUL and lone surrogates become U+FFFD, other controls are dropped, line ends become a line feed. Of a text that
    shows nothing only blanks stay: nobody could press a link of that name. `max_length` counts code points, as varchar
    does.
    """
    storable = _UNSTORABLE.sub(REPLACEMENT, text)
    visible = _CONTROLS.sub("", _LINE_ENDS.sub("\n", storable))
    cleaned = unicodedata.normalize("NFC", visible)[:max_length]
    return re.sub(r"\S", "", cleaned) if _NOTHING_SEEN.fullmatch(cleaned) else cleaned


def clean_json(value: Any) -> Any:
    """A copy of parsed JSON with every text, keys included, cleaned. Numbers that JSON lacks become None.

    Walks with a list of its own instead of recursion: depth cannot exhaust the stack.
    """
    top: list[Any] = [None]
    pending: list[tuple[Any, Any, Any]] = [(value, top, 0)]
    while pending:
        source, target, place = pending.pop()
        if isinstance(source, dict):
            target[place] = copy = dict.fromkeys(_clean_key(key) for key in source)
            pending.extend((member, copy, _clean_key(key)) for key, member in source.items())
        elif isinstance(source, list | tuple):
            target[place] = members = [None] * len(source)
            pending.extend((member, members, index) for index, member in enumerate(source))
        else:
            target[place] = _clean_scalar(source)
    return top[0]


def _clean_key(key: Any) -> str:
    return clean_text(str(key))


def _clean_scalar(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def normalise_email(text: str) -> str | None:
    """The address trimmed and in lower case, or None where it is none. This is what is stored and written to."""
    local, separator, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    # Full-width letters and dots are what mail software maps to plain ones in domains, and only there.
    address = f"{local}{separator}{unicodedata.normalize('NFKC', domain)}".lower()
    return address if _is_acceptable(address) else None


def _is_acceptable(address: str) -> bool:
    local, _, domain = address.rpartition("@")
    if len(address) > _LONGEST_EMAIL or len(local) > _LONGEST_LOCAL_PART or domain.startswith("["):
        return False
    if any(character.isspace() or not character.isprintable() for character in address):
        return False
    try:
        _is_email(address)
    except ValidationError:
        return False
    return True


def _at(name: str, endings: str) -> set[str]:
    return {f"{name}.{ending}" for ending in endings.split()}


_GMAIL = {"gmail.com", "googlemail.com"}
_ICLOUD = {"icloud.com", "me.com", "mac.com"}
_OUTLOOK = (
    _at("outlook", "at be cl co.id co.il co.nz co.th com com.ar com.au com.br com.gr com.pe com.tr com.vn cz de dk es")
    | _at("outlook", "fr hu id ie in it jp kr lv my ph pt sa sg sk")
    | _at("hotmail", "at be ca ch cl co.il co.in co.jp co.nz co.th co.uk com com.ar com.au com.br com.gr com.mx com.pe")
    | _at("hotmail", "com.tr com.vn cz de dk es fi fr gr hu id ie in it jp kr lv my nl no ph pt sa se sg sk")
    | _at("live", "at be ca ch cl cn co.uk co.za com com.ar com.au com.mx com.my com.pt com.sg de dk fi fr hk ie in it")
    | _at("live", "jp nl no ru se")
    | {"msn.com", "passport.com", "windowslive.com"}
)
_YAHOO = (
    _at("yahoo", "at be bg ca ch cl cn co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com com.ar com.au com.br")
    | _at("yahoo", "com.cn com.co com.hk com.mx com.my com.pe com.ph com.sg com.tr com.tw com.ve com.vn cz de dk es fi")
    | _at("yahoo", "fr gr hu ie in it nl no pl pt ro ru se")
    | {"ymail.com", "rocketmail.com", "myyahoo.com"}
)
_YANDEX = _at("yandex", "ru com by kz ua uz az ee lt lv md tj tm com.am com.ge com.tr com.ua co.il fr") | {"ya.ru"}


def email_key(email: str) -> str:
    """One spelling per mailbox: two addresses with the same key reach the same person.

    Knows the rules of the large providers; at any other domain "+tag" may be a mailbox of its own and stays.
    Raises ValueError for what is no address: an empty key would make strangers equal.
    """
    local, domain = _parts(email)
    if domain in _GMAIL:
        return f"{_gmail_local(local)}@gmail.com"
    if domain in _YANDEX:
        # Yandex delivers a.b and a-b to the same login.
        return f"{_untagged(local, '+').replace('.', '-')}@yandex.ru"
    if domain in _YAHOO:
        return f"{local.rpartition('-')[0] or local}@{domain}"
    if domain in _OUTLOOK or domain in _ICLOUD:
        return f"{_untagged(local, '+')}@{domain}"
    return f"{local}@{domain}"


def email_without_tag(email: str) -> str:
    """The key with any "+tag" cut, at any domain: equal ones are suspicious, not proven to be one person."""
    local, domain = _parts(email_key(email))
    return f"{_untagged(local, '+')}@{domain}"


def _parts(email: str) -> tuple[str, str]:
    local, _, domain = email.strip().lower().rpartition("@")
    if not local or not domain:
        raise ValueError("An e-mail address needs a name, an @ and a domain.")
    return local, ".".join(_unicode_label(label) for label in domain.split("."))


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


def _untagged(local: str, mark: str) -> str:
    """Without the tag; a name that is nothing but a tag stays, because an empty one would fit everybody."""
    return local.partition(mark)[0] or local


def _gmail_local(local: str) -> str:
    # Single dots mean nothing at Gmail; doubled ones cannot occur in a real name and are kept as typed.
    name = _untagged(local, "+")
    return re.sub(r"\.+", lambda dots: dots[0] if len(dots[0]) > 1 else "", name) or name


def person_hash(text: str, *, salt: str) -> str:
    """Keyed SHA-256 in hex, to find a person again without keeping who it is. Pass the e-mail key or the like."""
    canonical = unicodedata.normalize("NFC", text.strip().casefold())
    return hmac.new(_bytes(salt), _bytes(canonical), hashlib.sha256).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def mask_email(email: str) -> str:
    """ "dana@example.com" is "d***@e***.com": enough to recognise one's own, too little to write to."""
    local, _, domain = email.rpartition("@")
    if not local or not domain:
        return "***"
    name, dot, ending = domain.rpartition(".")
    return f"{local[0]}***@{name[:1]}***{dot}{ending}" if name else f"{local[0]}***@***"
