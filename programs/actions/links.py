"""What a program's links answer with and where they lead. None of it is part of the terms: it counts at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kit.tenancy import transaction_required
from merchants import events
from merchants.selectors import workspace
from programs.destinations import BadWay, clean_destination, clean_utm
from programs.locks import program_for_update
from programs.models import Program
from programs.rules.landing import needs_page


@transaction_required
def change_links(
    *,
    program: Program,
    landing: str,
    destination: str,
    utm: Mapping[str, object],
    own_codes: bool,
    by: str,
    now: datetime,
    takes_leads: bool | None = None,
) -> Program:
    """Raises BadWay; then nothing was changed. ``takes_leads`` stays as it is where it is not given."""
    found = program_for_update(program.pk)
    wanted: dict[str, Any] = {
        "landing": _landing(found, landing),
        "destination": clean_destination(destination, workspace()),
        "utm": clean_utm(utm),
        "own_codes": own_codes,
        "takes_leads": found.takes_leads if takes_leads is None else takes_leads,
    }
    changed = [field for field, value in wanted.items() if getattr(found, field) != value]
    for field, value in wanted.items():
        setattr(found, field, value)
    if changed:
        found.save(update_fields=list(wanted))
        events.record("program.links_changed", subject=found, by=by, now=now, data={"fields": changed})
    return found


def _landing(program: Program, landing: str) -> str:
    if landing not in Program.Landing.values:
        raise BadWay("landing", _("Choose one of the ways on the list."))
    if landing == Program.Landing.REDIRECT and any(map(needs_page, (program.live_terms, program.draft_terms))):
        raise BadWay(
            "landing",
            _(
                "Friends get a code of their own, so there must be a page that shows it. Give one code for the whole"
                " shop, or no code, and links can lead straight to it."
            ),
        )
    return landing
