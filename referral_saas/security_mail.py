"""A person is told by mail when the way into their account changes or the account ends, whoever did it."""

from __future__ import annotations

import logging
from enum import StrEnum

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from merchants.models import User
from referral_saas.languages import language_read_by

logger = logging.getLogger(__name__)


class News(StrEnum):
    ON = "on"
    OFF = "off"
    RECOVERY_CODE = "recovery_code"
    NEW_CODES = "new_codes"
    RESET = "reset"
    WRONG_CODES = "wrong_codes"


def tell_person(user: User, news: News, *, left: int = 0) -> None:
    """What was changed stands even where the mail cannot be sent; the log of the server says so then."""
    home = settings.PUBLIC_URL + reverse("second-factor")
    try:
        with translation.override(language_read_by(user)):
            values = {"news": news.value, "left": left, "link": home}
            get_adapter().render_mail("account/email/second_factor", user.email, values).send()
    except OSError:
        logger.exception("Nobody was told by mail that the second factor of an account changed.")


def tell_deleted(address: str) -> None:
    """In the language of the page that it was done on: nobody's other is known any more."""
    try:
        get_adapter().render_mail("account/email/account_deleted", address, {}).send()
    except OSError:
        logger.exception("Nobody was told by mail that an account was deleted.")
