"""Clicks of the stream that could not be recorded: how many, why, and back into the stream."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from merchants.models import Merchant
from tracking.steps.aside import aside_by_reason, strays_by_reason, try_again, try_strays_again


class Command(BaseCommand):
    help = (
        "Counts the entries of the click stream that were set aside, by workspace and reason; those that belong to no "
        "workspace stand behind (none). They are kept for 30 days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--retry", action="store_true", help="put them back into the stream: the cause is gone")

    def handle(self, **options: Any) -> None:
        found = self._tell("(none)", strays_by_reason())
        for merchant in Merchant.objects.order_by("slug"):
            found += self._tell(merchant.slug, aside_by_reason(merchant.tenant_ref()))
        if not found:
            self.stdout.write("Nothing was set aside.")
        elif options["retry"]:
            put = try_strays_again() + sum(try_again(merchant.tenant_ref()) for merchant in Merchant.objects.all())
            self.stdout.write(f"{put} entries are in the stream again.")

    def _tell(self, whose: str, reasons: Counter[str]) -> int:
        for reason, count in sorted(reasons.items()):
            self.stdout.write(f"{whose}: {count} {reason}")
        return reasons.total()
