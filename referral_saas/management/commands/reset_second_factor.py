"""For somebody who can no longer get in: phone and recovery codes are lost."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from merchants.models import User
from merchants.steps.second_factor import NotOn, reset_by_operator
from referral_saas.security_mail import News, tell_person


class Command(BaseCommand):
    help = (
        "Turn off the two-factor of one person and sign them out everywhere. Make sure first that it is really them "
        "who ask: from now on their password alone is enough. Each of their workspaces has a line of it in its audit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address they log in with")

    def handle(self, **options: Any) -> None:
        email = options["email"].strip().lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"Nobody logs in as {email}.")
        try:
            reset_by_operator(user=user)
        except NotOn as error:
            raise CommandError(f"{email} has no two-factor.") from error
        tell_person(user, News.RESET)
        self.stdout.write(f"{email}: two-factor is off, and they are signed out everywhere.")
