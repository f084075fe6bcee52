"""What somebody of a team decides about themselves. It belongs to no merchant, so no tenant is needed."""

from __future__ import annotations

from merchants.models import User


def choose_language(user: User, language: str) -> None:
    """Of pages and mails, everywhere. ``language`` is one of settings.LANGUAGES."""
    User.objects.filter(pk=user.pk).update(language=language)
