"""Drop whole months of clicks, as the owner of the tables. Their daily figures stay."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from kit.clock import database_now
from tracking.partitions import Partition, drop_partition, partitions


class Command(BaseCommand):
    help = (
        "Drops the months of clicks that ended before a day; without --before, those that ended CLICK_RETENTION_DAYS "
        "ago. Writes down for each workspace from which day on its clicks are complete."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--before", default="", help="a day: 2026-01-01")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be dropped")

    def handle(self, **options: Any) -> None:
        before = _before(options["before"])
        due = [partition for partition in partitions() if partition.until <= before]
        for partition in due:
            if not options["dry_run"]:
                with transaction.atomic():
                    drop_partition(partition)
            self._tell(partition, options["dry_run"])
        if not due:
            self.stdout.write(f"No month of clicks ended before {before.isoformat()}.")

    def _tell(self, partition: Partition, is_dry: bool) -> None:
        self.stdout.write(f"{partition.table}: {'would be dropped' if is_dry else 'dropped'}")


def _before(text: str) -> date:
    today = database_now().date()
    try:
        day = date.fromisoformat(text) if text else today - timedelta(days=settings.CLICK_RETENTION_DAYS)
    except ValueError as error:
        raise CommandError("--before is a day like 2026-01-01.") from error
    if day > today:
        raise CommandError("--before lies ahead.")
    return day
