"""Check the books of every merchant, each in a transaction of their own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit.tenancy import in_tenant_transaction
from merchants.models import Merchant
from rewards.actions.audit import Report, look_at_books
from rewards.ledger_words import difference_text


class Command(BaseCommand):
    help = "Recomputes every total of the ledger and says what differs. Writes nothing; ends with 1 if anything does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", default="", help="the slug of one workspace; without it, all")

    def handle(self, **options: Any) -> None:
        merchants = Merchant.objects.order_by("slug")
        if options["merchant"]:
            merchants = merchants.filter(slug=options["merchant"])
            if not merchants.exists():
                raise CommandError(f"There is no workspace {options['merchant']}.")
        found = sum(self._told(merchant) for merchant in merchants)
        if found:
            raise CommandError(f"{found} differences.")
        self.stdout.write("The books are right.")

    def _told(self, merchant: Merchant) -> int:
        report: Report = in_tenant_transaction(merchant.tenant_ref(), look_at_books)
        counts = f"{report.postings} postings, {report.rewards} rewards, {report.orders} orders with offers"
        self.stdout.write(f"{merchant.slug}: {counts}, {len(report.differences)} differences")
        for difference in report.differences:
            self.stdout.write(f"  {difference_text(asdict(difference))}")
        return len(report.differences)
