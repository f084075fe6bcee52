"""What the shop knows of Referral SaaS, entered on /admin/connection: addresses, keys and the lead of its clock."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from .orders import Refused

SHOP_ZONE = ZoneInfo("Europe/Berlin")
FIELDS = (
    "hook_url",
    "hook_secret",
    "publishable_key",
    "sdk_url",
    "who_url",
    "shop_domain",
    "clock_offset_seconds",
    "hold_hooks",
)
FURTHEST_OFFSET = 50 * 366 * 86400  # seconds


@dataclass(frozen=True)
class Connection:
    hook_url: str = ""
    hook_secret: str = ""
    publishable_key: str = ""
    sdk_url: str = ""
    who_url: str = ""  # where "Who sent you?" begins; order and signature follow
    shop_domain: str = "nordlicht-kaffee.myshopify.com"
    clock_offset_seconds: int = 0
    hold_hooks: bool = False  # hooks wait until somebody flushes them, so that a test decides when and in which order

    @property
    def sends_hooks(self) -> bool:
        return bool(self.hook_url and self.hook_secret)

    @property
    def sdk_origin(self) -> str:
        parts = urlsplit(self.sdk_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    def who_link(self, order_id: int) -> str:
        """For the thank-you page: where buyers say who sent them. Signed, or anybody could answer for anybody."""
        if not (self.who_url and self.hook_secret):
            return ""
        signed = hmac.new(self.hook_secret.encode(), f"who|{order_id}".encode(), "sha256").hexdigest()
        return f"{self.who_url.rstrip('/')}/{order_id}/{signed}"

    def instant(self) -> datetime:
        """The shop's time: real time moved by the offset, in the shop's zone."""
        return (datetime.now(UTC) + timedelta(seconds=self.clock_offset_seconds)).astimezone(SHOP_ZONE)


def connection_from(settings: Mapping[str, str]) -> Connection:
    known = {name: settings[name] for name in FIELDS if settings.get(name)}
    return Connection(
        **{name: value for name, value in known.items() if name not in ("clock_offset_seconds", "hold_hooks")},
        clock_offset_seconds=int(known.get("clock_offset_seconds", 0)),
        hold_hooks=known.get("hold_hooks") == "1",
    )


def checked(values: Mapping[str, object]) -> dict[str, str]:
    """The given fields as they are stored; Refused for what could not work. Fields not given stay as they are."""
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise Refused(_("Unknown field: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    return {name: checked_field(name, value) for name, value in values.items()}


def checked_field(name: str, value: object) -> str:
    if name == "clock_offset_seconds":
        return checked_offset(value)
    if name == "hold_hooks":
        return "1" if value in (True, 1, "1", "on", "true") else "0"
    text = str(value or "").strip()
    if name in ("hook_url", "sdk_url", "who_url") and text:
        refuse_unless_web_address(text)
    return text


def checked_offset(value: object) -> str:
    try:
        seconds = int(str(value).strip() or 0)
    except ValueError:
        raise Refused(_("The clock offset is a whole number of seconds.")) from None
    if abs(seconds) > FURTHEST_OFFSET:
        raise Refused(_("The clock cannot be moved by more than 50 years."))
    return str(seconds)


def refuse_unless_web_address(text: str) -> None:
    # Quotes, commas and spaces would also end up in the page's security policy.
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or any(char in text for char in " ;,'\"\r\n"):
        raise Refused(_("Give a full address that begins with http:// or https://."))
