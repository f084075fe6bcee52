"""A person's second factor: turned on and off, asked for when signing in, and reset by an operator.

It belongs to the person and to no merchant, and every workspace of the person tells of it in its log: both are one
transaction. ``now`` is real time, which apps count with; lines of the log carry each merchant's own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from kit.clock import now_for
from kit.crypto import CannotUnseal
from kit.ids import hash_token, new_code
from kit.tenancy import TenantRef, tenant_batch, transaction_forbidden
from kit.totp import matching_step
from merchants.events import SYSTEM, by_user, record
from merchants.locks import user_for_update, workspace_for_update
from merchants.models import RecoveryCode, SecondFactor, User
from merchants.sealing import seal, unseal
from merchants.selectors import memberships_of
from merchants.staff_selectors import recovery_codes_left, second_factor_of
from merchants.steps.sessions import end_sessions

logger = logging.getLogger(__name__)

#: Each is 78 random bits, so that its plain hash tells nothing.
RECOVERY_CODES, RECOVERY_LENGTH = 10, 16
#: Wrong codes within a day of the first of them. After that codes of the app are not looked at until the day is over:
#: one in 333,333 guesses is right, and five in five minutes would be 1,440 a day.
MOST_WRONG, WRONG_DAY = 20, timedelta(days=1)

Whose = Callable[[TenantRef], AbstractContextManager[None]]


class SecondFactorError(Exception):
    """Refused, nothing changed. The message is for the person who tried."""


class WrongCode(SecondFactorError):
    """Neither what the app shows nor a recovery code that was not used yet."""


class TooManyWrong(SecondFactorError):
    """Codes of the app do not count today; recovery codes do. ``is_news``: this was the code that made it too many."""

    def __init__(self, message: str, *, is_news: bool) -> None:
        super().__init__(message)
        self.is_news = is_news


class AlreadyOn(SecondFactorError):
    """There is one, and only turning it off makes room for another."""


class NotOn(SecondFactorError):
    """There is none."""


@transaction_forbidden
def turn_on(*, user: User, secret: str, code: str, keep_session: str, now: datetime) -> list[str]:
    """Ask for a code whenever this person signs in from now on. Their other sessions end: no code was asked there.

    ``code`` shows that the app counts with ``secret``; it is used up by that. Returns the recovery codes, which cannot
    be shown again. Raises WrongCode and AlreadyOn.
    """
    step = matching_step(secret, code, now=now, after=0)
    if step is None:
        raise WrongCode(_("This is not the code that the app shows now. Wait for the next one and write that."))
    with _of_the_person(user) as whose:
        if second_factor_of(user):
            raise AlreadyOn(_("Two-factor is on already."))
        sealed = seal({"secret": secret})
        SecondFactor.objects.create(user=user, sealed=sealed, last_step=step, on_since=now)
        codes = _new_codes(user)
        end_sessions(user, keep=keep_session)
        _tell("team.second_factor_on", whose, user)
    return codes


@transaction_forbidden
def prove(*, user: User, code: str, now: datetime) -> int | None:
    """Take the code that the app shows, or a recovery code, and use it up. Raises WrongCode or TooManyWrong; then none
    was used, and it is counted.

    Whoever asks has shown the password before, so nobody else can use up a person's tries. Returns how many recovery
    codes are left when one of them was used, else None.
    """
    with _of_the_person(user) as whose:
        factor = second_factor_of(user)
        if factor and not _is_over(factor, now) and (step := _matching(factor, code, now)) is not None:
            factor.last_step = step
            factor.save(update_fields=["last_step"])
            return None
        if factor and _use_recovery_code(user, code, now):
            left = recovery_codes_left(user)
            _count_wrong(factor, 0, None)
            _tell("team.recovery_code_used", whose, user, left=left)
            return left
        refusal = _refusal(factor, now)
        if isinstance(refusal, TooManyWrong) and refusal.is_news:
            _tell("team.wrong_codes", whose, user, codes=MOST_WRONG)
    raise refusal  # after the commit: the count stays


@transaction_forbidden
def renew_codes(*, user: User) -> list[str]:
    """New recovery codes in place of all there were. Raises NotOn."""
    with _of_the_person(user) as whose:
        if second_factor_of(user) is None:
            raise NotOn(_("Two-factor is off: there are no recovery codes."))
        codes = _new_codes(user)
        _tell("team.recovery_codes_renewed", whose, user)
    return codes


@transaction_forbidden
def turn_off(*, user: User) -> None:
    """The password alone is enough from now on. Raises NotOn."""
    with _of_the_person(user) as whose:
        _forget(user)
        _tell("team.second_factor_off", whose, user)


@transaction_forbidden
def reset_by_operator(*, user: User) -> None:
    """For somebody who has lost phone and recovery codes: as turned off, and signed out everywhere. Raises NotOn."""
    with _of_the_person(user) as whose:
        _forget(user)
        end_sessions(user)
        _tell("team.second_factor_reset", whose, user, by=SYSTEM)


@contextmanager
def _of_the_person(user: User) -> Iterator[Whose]:
    """One transaction for the person, who is locked, and for the log of each of their workspaces."""
    with tenant_batch() as whose:
        user_for_update(user)
        yield whose


def _tell(code: str, whose: Whose, user: User, *, by: str = "", **data: object) -> None:
    """A line in every workspace of the person; always in the order of their keys, as each is locked for it."""
    for seat in sorted(memberships_of(user), key=lambda seat: seat.merchant_id):
        with whose(seat.tenant_ref()):
            workspace = workspace_for_update()
            told = {"user": str(user.pk), **data}
            record(code, subject=workspace, by=by or by_user(user.pk), now=now_for(seat.merchant), data=told)


def _matching(factor: SecondFactor, code: str, now: datetime) -> int | None:
    try:
        secret = str(unseal(factor.sealed)["secret"])
    except CannotUnseal:
        logger.error("A second factor was sealed with a key that is gone: CREDENTIALS_KEYS needs it back.")
        return None
    return matching_step(secret, code, now=now, after=factor.last_step)


def _is_over(factor: SecondFactor, now: datetime) -> bool:
    """Whether there were as many wrong codes as a day has tries."""
    return factor.wrong_codes >= MOST_WRONG and _is_today(factor, now)


def _is_today(factor: SecondFactor, now: datetime) -> bool:
    return factor.wrong_since is not None and now < factor.wrong_since + WRONG_DAY


def _refusal(factor: SecondFactor | None, now: datetime) -> SecondFactorError:
    """What to say of a code that does not count, once it is counted."""
    was_over = factor is not None and _is_over(factor, now)
    if factor and not was_over:
        is_today = _is_today(factor, now)
        _count_wrong(factor, factor.wrong_codes + 1 if is_today else 1, factor.wrong_since if is_today else now)
    if factor is None or not _is_over(factor, now):
        return WrongCode(_("This code does not count, or was used already. Write the one the app shows now."))
    said = _(
        "There were too many wrong codes. Codes of the app count again within 24 hours; a recovery code counts now. "
        "Without one, whoever runs this installation can reset two-factor for you."
    )
    return TooManyWrong(said, is_news=not was_over)


def _count_wrong(factor: SecondFactor, codes: int, since: datetime | None) -> None:
    factor.wrong_codes, factor.wrong_since = codes, since
    factor.save(update_fields=["wrong_codes", "wrong_since"])


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [new_code(RECOVERY_LENGTH) for _each in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=hash_token(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_LENGTH, 4)) for code in codes]


def _use_recovery_code(user: User, typed: str, now: datetime) -> bool:
    return bool(RecoveryCode.objects.filter(user=user, code_hash=_hash_of(typed), used_at=None).update(used_at=now))


def are_recovery_codes_of(user: User, typed: list[str]) -> bool:
    """Whether every one of them is this person's and not used yet."""
    hashes = {_hash_of(code) for code in typed}
    found = RecoveryCode.objects.filter(user=user, code_hash__in=hashes, used_at=None).count()
    return bool(hashes) and found == len(hashes)


def is_like_recovery_code(typed: str) -> bool:
    """Long enough that nobody guesses it."""
    return len(_plain(typed)) == RECOVERY_LENGTH


def _hash_of(typed: str) -> str:
    return hash_token(_plain(typed))


def _plain(typed: str) -> str:
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def _forget(user: User) -> None:
    RecoveryCode.objects.filter(user=user).delete()
    gone, _each = SecondFactor.objects.filter(user=user).delete()
    if not gone:
        raise NotOn(_("Two-factor is off already."))
