"""Ask for everything of the workspace as one archive."""

from __future__ import annotations

from datetime import datetime

from exports.actions import ask_for_export
from exports.models import Export
from kit.tenancy import transaction_required
from merchants.models import Membership

NAME = "everything"


@transaction_required
def ask_for_everything(*, seat: Membership, language: str, now: datetime) -> Export:
    """The one that is under way already, where there is one. Raises TooManyExports."""
    return ask_for_export(list=NAME, query="", seat=seat, language=language, now=now)
