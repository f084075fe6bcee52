"""Make the daily figures of clicks anew from the clicks, for days whose clicks are still kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from merchants.models import Merchant
from tracking.steps.figures import rebuild


class Command(BaseCommand):
    help = (
        "Counts the clicks of each day again and puts right what the daily figures (per day and per link) say "
        "otherwise. Clicks may come in meanwhile. Days whose clicks were deleted keep their figures."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", default="", help="the slug of one workspace; without it, all")
        parser.add_argument("--from", dest="first", default="", help="the first day: 2026-11-01")
        parser.add_argument("--to", dest="last", default="", help="the last day: 2026-11-30")

    def handle(self, **options: Any) -> None:
        merchants = Merchant.objects.order_by("slug")
        if options["merchant"]:
            merchants = merchants.filter(slug=options["merchant"])
            if not merchants.exists():
                raise CommandError(f"There is no workspace {options['merchant']}.")
        first, last = _day(options["first"], "--from"), _day(options["last"], "--to")
        for merchant in merchants:
            told = rebuild(merchant.tenant_ref(), first=first, last=last)
            kept = f"; clicks before {told.kept_from} have been deleted" if told.kept_from else ""
            self.stdout.write(f"{merchant.slug}: {told.days} days, {told.rows} figures put right{kept}")


def _day(text: str, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CommandError(f"{option} is a day like 2026-11-30.") from error
