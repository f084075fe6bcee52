"""A person's second factor: what is kept, what is used up, what is refused with nothing changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from kit.ids import hash_token
from kit.totp import code_at, new_secret, step_of
from merchants.actions.second_factor import FirstYourself, need_second_factor
from merchants.actions.team import NotAllowed
from merchants.models import Event, Membership, Merchant, RecoveryCode, Role, SecondFactor, Session, User
from merchants.sealing import unseal
from merchants.staff_selectors import lacks_second_factor, with_second_factor
from merchants.steps.second_factor import (
    AlreadyOn,
    NotOn,
    TooManyWrong,
    WrongCode,
    are_recovery_codes_of,
    prove,
    renew_codes,
    turn_off,
    turn_on,
)
from tests.cast import at_work, member, user, workspace_of
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)
HERE = step_of(NOW)
SECRET = new_secret()


def made() -> tuple[Merchant, Merchant, User]:
    """Alice owns two workspaces; Bob is admin of the first."""
    one = workspace_of("alice@nordlicht.example", "Nordlicht")
    other = workspace_of("alice@nordlicht.example", "Zweite")
    member(one, "bob@nordlicht.example", Role.ADMIN)
    return one, other, user("alice@nordlicht.example")


built, own = for_a_file(made)


def protect(person: User, secret: str = SECRET) -> list[str]:
    return turn_on(user=person, secret=secret, code=code_at(secret, HERE), keep_session="", now=NOW)


def told(merchant: Merchant) -> list[tuple[str, str, dict[str, Any]]]:
    with at_work(merchant):
        events = Event.objects.exclude(code="workspace.opened").order_by("seq")
        return [(event.code, event.by, event.data) for event in events]


def kept() -> list[Any]:
    codes = RecoveryCode.objects.order_by("pk").values_list("pk", "code_hash", "used_at")
    return [*SecondFactor.objects.values_list("user", "sealed", "last_step", "on_since"), *codes]


def test_turning_on_keeps_a_sealed_secret_and_hashes_and_tells_every_workspace(own: Any) -> None:
    one, other, alice = own
    codes = protect(alice)
    factor = SecondFactor.objects.get()
    assert (factor.user_id, factor.last_step, factor.on_since) == (alice.pk, HERE, NOW)
    assert SECRET not in factor.sealed
    assert unseal(factor.sealed) == {"secret": SECRET}
    hashes = set(RecoveryCode.objects.filter(user=alice, used_at=None).values_list("code_hash", flat=True))
    assert len(codes) == 10
    assert hashes == {hash_token(code.replace("-", "")) for code in codes}
    line = ("team.second_factor_on", f"user:{alice.pk}", {"user": str(alice.pk)})
    assert told(one) == told(other) == [line]
    assert with_second_factor([alice.pk, user("bob@nordlicht.example").pk]) == {alice.pk}


def test_a_wrong_code_or_a_second_time_changes_nothing(own: Any) -> None:
    one, _other, alice = own
    with pytest.raises(WrongCode):
        turn_on(user=alice, secret=SECRET, code=code_at(SECRET, HERE - 5), keep_session="", now=NOW)
    assert (kept(), told(one)) == ([], [])
    protect(alice)
    before = kept(), told(one)
    with pytest.raises(AlreadyOn):
        protect(alice, new_secret())
    assert (kept(), told(one)) == before


def test_a_code_counts_once_and_none_before_it(own: Any) -> None:
    one, _other, alice = own
    protect(alice)
    for step in (HERE, HERE - 1):  # the one that turned it on, and the one before
        before = kept()
        with pytest.raises(WrongCode):
            prove(user=alice, code=code_at(SECRET, step), now=NOW)
        assert kept() == before
    prove(user=alice, code=code_at(SECRET, HERE + 1), now=NOW)
    assert SecondFactor.objects.get().last_step == HERE + 1
    with pytest.raises(WrongCode):
        prove(user=alice, code=code_at(SECRET, HERE + 1), now=NOW + timedelta(seconds=30))
    assert len(told(one)) == 1, "codes of the app are no news"


def test_after_twenty_wrong_codes_in_a_day_only_a_recovery_code_counts(own: Any) -> None:
    one, other, alice = own
    codes = protect(alice)
    wrong = [_refused(alice, "000000", NOW + timedelta(hours=hour)) for hour in range(20)]
    assert [type(error) for error in wrong] == [WrongCode] * 19 + [TooManyWrong]
    assert wrong[-1].is_news
    late = NOW + timedelta(hours=23)
    again = _refused(alice, code_at(SECRET, step_of(late)), late)
    assert (type(again), again.is_news) == (TooManyWrong, False), "the right one too"
    line = ("team.wrong_codes", f"user:{alice.pk}", {"user": str(alice.pk), "codes": 20})
    assert told(one)[1:] == told(other)[1:] == [line], "told once"
    prove(user=alice, code=codes[0], now=late)
    prove(user=alice, code=code_at(SECRET, step_of(late)), now=late)


def test_wrong_codes_of_another_day_do_not_count(own: Any) -> None:
    _one, _other, alice = own
    protect(alice)
    SecondFactor.objects.update(wrong_codes=20, wrong_since=NOW)
    tomorrow = NOW + timedelta(days=1)
    assert type(_refused(alice, "000000", tomorrow)) is WrongCode
    assert list(SecondFactor.objects.values_list("wrong_codes", "wrong_since")) == [(1, tomorrow)]
    prove(user=alice, code=code_at(SECRET, step_of(tomorrow)), now=tomorrow)


def _refused(person: User, code: str, now: datetime) -> Any:
    with pytest.raises((WrongCode, TooManyWrong)) as caught:
        prove(user=person, code=code, now=now)
    return caught.value


def test_a_recovery_code_counts_once_however_it_is_written(own: Any) -> None:
    one, other, alice = own
    first, second, *_rest = protect(alice)
    prove(user=alice, code=f" {first.lower().replace('-', ' ')} ", now=NOW)
    assert RecoveryCode.objects.filter(used_at=NOW).count() == 1
    line = ("team.recovery_code_used", f"user:{alice.pk}", {"user": str(alice.pk), "left": 9})
    assert told(one)[1:] == told(other)[1:] == [line]
    before = kept(), told(one)
    with pytest.raises(WrongCode):
        prove(user=alice, code=first, now=NOW)
    assert (kept(), told(one)) == before
    assert are_recovery_codes_of(alice, [second])
    assert not are_recovery_codes_of(alice, [first, second])
    assert not are_recovery_codes_of(alice, [])


def test_nobody_gets_in_with_the_codes_of_another(own: Any) -> None:
    _one, _other, alice = own
    bob = user("bob@nordlicht.example")
    theirs = protect(alice)
    protect(bob, new_secret())
    before = kept()
    for code in (theirs[0], code_at(SECRET, HERE + 1)):
        with pytest.raises(WrongCode):
            prove(user=bob, code=code, now=NOW)
    assert kept() == before
    assert not are_recovery_codes_of(bob, theirs)


def test_new_recovery_codes_replace_all_earlier_ones(own: Any) -> None:
    one, _other, alice = own
    with pytest.raises(NotOn):
        renew_codes(user=alice)
    old = protect(alice)
    new = renew_codes(user=alice)
    assert not set(old) & set(new)
    assert RecoveryCode.objects.count() == 10
    with pytest.raises(WrongCode):
        prove(user=alice, code=old[0], now=NOW)
    prove(user=alice, code=new[0], now=NOW)
    assert [code for code, *_ in told(one)][1:] == ["team.recovery_codes_renewed", "team.recovery_code_used"]


def test_turning_off_leaves_nothing(own: Any) -> None:
    one, _other, alice = own
    codes = protect(alice)
    turn_off(user=alice)
    assert kept() == []
    assert told(one)[1] == ("team.second_factor_off", f"user:{alice.pk}", {"user": str(alice.pk)})
    before = told(one)
    with pytest.raises(NotOn):
        turn_off(user=alice)
    with pytest.raises(WrongCode):
        prove(user=alice, code=codes[0], now=NOW)
    assert told(one) == before


def test_a_secret_whose_key_is_gone_leaves_the_recovery_codes(own: Any, settings: Any) -> None:
    _one, _other, alice = own
    codes = protect(alice)
    settings.CREDENTIALS_KEYS = ["another key that is long enough for it"]
    with pytest.raises(WrongCode):
        prove(user=alice, code=code_at(SECRET, HERE + 1), now=NOW)
    prove(user=alice, code=codes[0], now=NOW)


# --- by an operator -----------------------------------------------------------------------------------------------


def test_an_operator_resets_it_and_the_person_is_signed_out(own: Any) -> None:
    one, other, alice = own
    protect(alice)
    bob = user("bob@nordlicht.example")
    for whose in (alice, bob):
        Session.objects.create(
            session_key=f"key-{whose.pk}", session_data="", expire_date=NOW, user=whose, began_at=NOW, seen_at=NOW
        )
    call_command("reset_second_factor", " Alice@nordlicht.example ")
    assert kept() == []
    assert [session.user_id for session in Session.objects.exclude(user=None)] == [bob.pk]
    line = ("team.second_factor_reset", "system", {"user": str(alice.pk)})
    assert told(one)[-1:] == told(other)[-1:] == [line]


def test_an_operator_is_told_of_nobody_and_of_nothing_to_reset(own: Any) -> None:
    one, _other, _alice = own
    for email, why in (("nobody@nordlicht.example", "Nobody"), ("bob@nordlicht.example", "no two-factor")):
        with pytest.raises(CommandError, match=why):
            call_command("reset_second_factor", email)
    assert told(one) == []


# --- of everybody ---------------------------------------------------------------------------------------------------


def seat(merchant: Merchant, person: User) -> Membership:
    return Membership.objects.select_related("user", "merchant").get(merchant=merchant, user=person)


def ask(merchant: Merchant, by: User, needed: bool = True) -> None:
    with at_work(merchant) as now:
        need_second_factor(needed=needed, by=seat(merchant, by), now=now)


def test_an_owner_who_has_it_asks_it_of_everybody(own: Any) -> None:
    one, other, alice = own
    protect(alice)
    bob = user("bob@nordlicht.example")
    ask(one, alice)
    ask(one, alice)  # once more changes nothing
    assert [lacks_second_factor(seat(one, who)) for who in (alice, bob)] == [False, True]
    assert not Merchant.objects.get(pk=other.pk).needs_second_factor
    assert told(one)[1:] == [("workspace.second_factor_needed", f"user:{alice.pk}", {})]
    ask(one, alice, needed=False)
    assert not lacks_second_factor(seat(one, bob))
    assert told(one)[2:] == [("workspace.second_factor_optional", f"user:{alice.pk}", {})]


@pytest.mark.parametrize(
    ("who", "has_it", "why"),
    [("alice", False, FirstYourself), ("bob", True, NotAllowed), ("bob", False, NotAllowed)],
)
def test_nobody_else_does(own: Any, who: str, has_it: bool, why: type[Exception]) -> None:
    one, _other, _alice = own
    person = user(f"{who}@nordlicht.example")
    if has_it:
        protect(person)
    before = told(one)
    with pytest.raises(why):
        ask(one, person)
    assert not Merchant.objects.get(pk=one.pk).needs_second_factor
    assert told(one) == before
