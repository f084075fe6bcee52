"""What the verbs of leads refuse."""

from __future__ import annotations

from leads.models import Lead


class Refused(ValueError):
    """Nothing changed: ``field`` says where, ``code`` why (leads.wording.refusal_text)."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code, self.field = code, field


def refuse_erased(lead: Lead) -> None:
    """``lead`` is locked, so nobody erases the person meanwhile. Nobody is there any more to sell to, and whatever was
    written down of them would make them known again. Raises Refused."""
    if lead.customer.erased_at is not None:
        raise Refused("erased")
