"""What the verbs of leads refuse."""

from __future__ import annotations


class Refused(ValueError):
    """Nothing changed: ``field`` says where, ``code`` why (leads.wording.refusal_text)."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code, self.field = code, field
