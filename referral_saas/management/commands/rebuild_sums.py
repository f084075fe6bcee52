"""Make the sums that pages show of rewards and people anew from their rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from advocates.actions.sums import rebuild_people_sums
from kit.tenancy import in_tenant_transaction
from merchants.models import Merchant
from rewards.actions.sums import rebuild_sums


class Command(BaseCommand):
    help = (
        "Adds up the rewards of each workspace and puts right what the kept sums (held, due and paid, by program) say "
        "otherwise, and so for its customers and advocates. Work goes on meanwhile. check_ledger tells whether the "
        "sums of rewards need it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", default="", help="the slug of one workspace; without it, all")

    def handle(self, **options: Any) -> None:
        merchants = Merchant.objects.order_by("slug")
        if options["merchant"]:
            merchants = merchants.filter(slug=options["merchant"])
            if not merchants.exists():
                raise CommandError(f"There is no workspace {options['merchant']}.")
        for merchant in merchants:
            rows = in_tenant_transaction(merchant.tenant_ref(), lambda: rebuild_sums() + rebuild_people_sums())
            self.stdout.write(f"{merchant.slug}: {rows} sums put right")
