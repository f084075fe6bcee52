"""Marks of people who were erased: whether an address was somebody's here before, without keeping whose."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from advocates.models import ErasedMark
from kit.tenancy import current_merchant_id


def marks_of(email_key: str) -> list[str]:
    """Keyed with each key of the platform, the newest first, and with the merchant: two shops' marks never compare."""
    told = f"erased:{current_merchant_id()}:{email_key}".encode()
    return [hmac.new(key.encode(), told, hashlib.sha256).hexdigest() for key in settings.CREDENTIALS_KEYS]


def was_here(email_key: str, *, at: datetime) -> bool:
    """Whether somebody of this address, since erased, had bought here or been referred."""
    rows = ErasedMark.objects.filter(digest__in=marks_of(email_key), ends_at__gt=at)
    return bool(rows.exists())
