"""After the database was restored from a backup: nothing is given twice because the backup had not heard of it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit.clock import database_now, now_for
from kit.tenancy import in_tenant_transaction
from merchants.models import Merchant
from rewards.actions.restored import Doubts, doubt_what_is_open


class Command(BaseCommand):
    help = (
        "Run it after a restore and before any web, worker or beat: rewards that may have been given since the backup "
        "are looked up, or wait for people. Running it again for the same backup changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--backup-at", required=True, help="when the backup was made: 2026-11-22T03:00+00:00")
        parser.add_argument(
            "--codes",
            type=int,
            default=None,
            help="how many codes of each pool may have been given since, at most; without it every free code is set "
            "aside, and merchants must upload new ones",
        )

    def handle(self, **options: Any) -> None:
        backup_at, codes = _time(options["backup_at"]), options["codes"]
        if codes is not None and codes < 0:
            raise CommandError("--codes is a number of codes, 0 or more.")
        for merchant in Merchant.objects.order_by("slug"):
            work = partial(_doubt, merchant, backup_at, codes)
            self._tell(merchant, in_tenant_transaction(merchant.tenant_ref(), work))

    def _tell(self, merchant: Merchant, doubts: Doubts | None) -> None:
        if doubts is None:
            self.stdout.write(f"{merchant.slug}: done already for this backup")
            return
        self.stdout.write(
            f"{merchant.slug}: {doubts.to_look_up} rewards are looked up before they are given, "
            f"{doubts.to_review} wait for a person, {doubts.codes} codes set aside"
        )
        for number in doubts.payouts:
            self.stdout.write(f"  payout {number}: ask the bank which of its transfers were made before anybody pays")


def _doubt(merchant: Merchant, backup_at: datetime, codes: int | None) -> Doubts | None:
    told = {"now": now_for(merchant), "real_now": database_now()}
    return doubt_what_is_open(backup_at=backup_at, most_codes=codes, **told)


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise CommandError("--backup-at is a time with its zone, for example 2026-11-22T03:00+00:00.")
    if at > database_now():
        raise CommandError("--backup-at lies ahead. When was the backup made?")
    return at.astimezone(UTC)
