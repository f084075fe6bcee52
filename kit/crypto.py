"""Secrets at rest: credentials of connections, sealed with Fernet (AES-128-CBC and HMAC-SHA256)."""

import json
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class CannotUnseal(ValueError):
    """None of the keys opens this text: it was sealed with a key that is gone, or changed since."""


def new_sealing_key() -> str:
    return Fernet.generate_key().decode("ascii")


def seal(data: dict[str, Any], keys: Sequence[str | bytes]) -> str:
    """`data` (JSON) encrypted with the first key. Further keys only open what was sealed before a rotation."""
    plain = json.dumps(data, allow_nan=False, separators=(",", ":")).encode("ascii")
    return _box(keys).encrypt(plain).decode("ascii")


def unseal(text: str, keys: Sequence[str | bytes]) -> dict[str, Any]:
    """The data behind `text`. Raises CannotUnseal when no key fits or the text was touched."""
    try:
        plain = _box(keys).decrypt(text.encode("utf-8", "replace"))
    except InvalidToken as error:
        raise CannotUnseal("The sealed text fits none of the keys: put the key it was sealed with back.") from error
    data: dict[str, Any] = json.loads(plain)
    return data


def _box(keys: Sequence[str | bytes]) -> MultiFernet:
    if not keys:
        raise ValueError("Sealing needs at least one key, best from new_sealing_key().")
    return MultiFernet([Fernet(key) for key in keys])
