from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.days import local_date
from merchants.models import Event, Merchant, WakeUp
from programs.actions.edit import create_program, save_draft
from programs.actions.lifecycle import (
    NotPossible,
    archive_program,
    end_program,
    pause_program,
    publish_program,
    resume_program,
)
from programs.actions.stock import upload_codes
from programs.models import Program, TermsVersion
from programs.problems import field_name, problem_text
from programs.rules import CodeSource, Fulfilment, Offer, Problem, RewardRule, Transition, allowed_transitions
from programs.selectors import closed_because, is_open, live_programs, programs
from tests.cast import at_work, live_program, workspace_of

pytestmark = pytest.mark.django_db

VERBS: dict[Transition, Callable[..., Program]] = {
    Transition.PUBLISH: publish_program,
    Transition.PAUSE: pause_program,
    Transition.RESUME: resume_program,
    Transition.END: end_program,
    Transition.ARCHIVE: archive_program,
}
SHOP_CODE = Offer(source=CodeSource.SHOP_CODE, shop_code="FREUNDE10")


class NeverReady:
    """A source of the tests that knows it is not set up."""

    def is_ready(self, program_id: UUID) -> bool:
        return False


class AlwaysReady(NeverReady):
    def is_ready(self, program_id: UUID) -> bool:
        return True


@pytest.fixture
def merchant() -> Merchant:
    return workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")


def draft(merchant: Merchant, **changes: Any) -> Program:
    with at_work(merchant) as now:
        program = create_program(name="Freunde", template="shop", by="system", now=now)
        return change(program, now, **{"offer": SHOP_CODE, **changes})


def change(program: Program, now: Any, **changes: Any) -> Program:
    terms = replace(program.draft_terms, **changes)
    return save_draft(
        program=program, terms=terms, name=program.name, auto_enrol="OFF", self_sign_up=True, by="system", now=now
    )


def refusal(merchant: Merchant, program: Program) -> list[tuple[str, str]]:
    """The problems publishing meets; asserts that they change nothing."""
    with at_work(merchant) as now:
        before, events = Program.objects.values().get(pk=program.pk), Event.objects.count()
        with pytest.raises(NotPossible) as refused:
            publish_program(program=program, by="system", now=now)
        assert Program.objects.values().get(pk=program.pk) == before
        assert Event.objects.count() == events
        assert not TermsVersion.objects.exists()
    for problem in refused.value.problems:
        assert problem_text(problem) not in ("", "Check this setting.")
        assert field_name(problem.field) != problem.field
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_publish_freezes_the_first_version_and_opens(merchant):
    program = draft(merchant)
    with at_work(merchant) as now:
        published = publish_program(program=program, by="user:1", now=now)
        version = TermsVersion.objects.get()
        event = Event.objects.get(code="program.published")
        assert is_open(published, now, "Europe/Berlin")
    assert (published.state, published.published_at, published.terms_id) == ("ACTIVE", now, version.pk)
    assert (version.number, version.published_at, version.published_by) == (1, now, "user:1")
    assert version.as_terms() == program.draft_terms
    assert event.data == {"terms": str(version.pk), "number": 1}


def test_publish_again_makes_a_version_only_for_new_terms(merchant):
    program = draft(merchant)
    with at_work(merchant) as now:
        publish_program(program=program, by="system", now=now)
        publish_program(program=program, by="system", now=now)
        assert TermsVersion.objects.count() == 1
        change(program, now, return_window_days=14)
        later = now + timedelta(days=1)
        again = publish_program(program=program, by="system", now=later)
        versions = list(TermsVersion.objects.order_by("number"))
    assert [version.as_terms().return_window_days for version in versions] == [30, 14]
    assert again.terms_id == versions[1].pk
    assert again.published_at == now


def test_publishing_a_paused_program_keeps_it_paused(merchant):
    program = draft(merchant)
    with at_work(merchant) as now:
        publish_program(program=program, by="system", now=now)
        pause_program(program=program, by="system", now=now)
        change(program, now, return_window_days=14)
        assert publish_program(program=program, by="system", now=now).state == "PAUSED"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"offer": Offer()}, ("offer_source", "no_codes")),
        ({"offer": replace(SHOP_CODE, shop_code="")}, ("offer_shop_code", "required")),
        ({"offer": replace(SHOP_CODE, valid_days=0)}, ("offer_valid_days", "days_1_to_365")),
        ({"offer": None}, ("friend_side", "friend_gets_nothing")),
        ({"currency": "USD"}, ("currency", "not_workspace_currency")),
        ({"return_window_days": 366}, ("return_window_days", "days_0_to_365")),
        ({"attribution_window_days": 0}, ("attribution_window_days", "days_1_to_365")),
        ({"ends_on": "2020-01-01"}, ("ends_on", "already_over")),
        ({"starts_on": "2999-02-01", "ends_on": "2999-01-01"}, ("ends_on", "end_before_start")),
        ({"ends_on": "soon"}, ("ends_on", "no_date")),
        ({"starts_on": "2026-02-30"}, ("starts_on", "no_date")),
        ({"min_order_minor": -1}, ("min_order_minor", "must_not_be_negative")),
        ({"advocate_min_orders": -1}, ("advocate_min_orders", "must_not_be_negative")),
        ({"advocate_cap": 0}, ("advocate_cap", "must_be_positive")),
        ({"advocate_reward": RewardRule(value=0)}, ("advocate_reward_value", "must_be_positive")),
        ({"advocate_reward": RewardRule(value=10_001)}, ("advocate_reward_value", "over_100_percent")),
        ({"advocate_reward": RewardRule(cap_minor=0)}, ("advocate_reward_cap", "must_be_positive")),
        (
            {"advocate_reward": RewardRule(fulfilment=Fulfilment.COUPON_POOL)},
            ("advocate_reward_fulfilment", "no_codes"),
        ),
        ({"friend_reward": RewardRule(fulfilment=Fulfilment.COUPON_POOL)}, ("friend_reward_fulfilment", "no_codes")),
    ],
)
def test_publish_refuses_with_the_field_and_the_reason(merchant, changes, problem):
    assert refusal(merchant, draft(merchant, **changes)) == [problem]


def test_publish_asks_sources_whether_they_are_ready(merchant, settings):
    program = draft(
        merchant,
        offer=Offer(source=CodeSource.WEBHOOK),
        advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_WEBHOOK),
    )
    here = "tests.programs.test_lifecycle"
    settings.CODE_SOURCES = {"WEBHOOK": f"{here}.NeverReady"}
    settings.REWARD_FULFILLERS = {"COUPON_WEBHOOK": f"{here}.NeverReady"}
    assert refusal(merchant, program) == [
        ("offer_source", "not_connected"),
        ("advocate_reward_fulfilment", "not_connected"),
    ]
    settings.CODE_SOURCES = {"WEBHOOK": f"{here}.AlwaysReady"}
    settings.REWARD_FULFILLERS = {"COUPON_WEBHOOK": f"{here}.AlwaysReady"}
    with at_work(merchant) as now:
        assert publish_program(program=program, by="system", now=now).state == "ACTIVE"


def test_a_filled_pool_lets_publish(merchant):
    program = draft(merchant, offer=Offer())
    with at_work(merchant) as now:
        upload_codes(program=program, purpose="OFFER", codes=["ONE"], by="system", now=now)
        assert publish_program(program=program, by="system", now=now).state == "ACTIVE"


def state_of(program: Program) -> tuple[str, bool]:
    return program.state, program.archived_at is not None


def test_every_transition_is_allowed_or_refused_as_written(merchant):
    """All reachable states times all verbs."""
    paths: dict[tuple[str, bool], list[Transition]] = {("DRAFT", False): []}
    waiting = [("DRAFT", False)]
    while waiting:
        start = waiting.pop()
        for verb in Transition:
            program = draft(merchant)
            with at_work(merchant) as now:
                for step in paths[start]:
                    program = VERBS[step](program=program, by="system", now=now)
                assert state_of(program) == start
                if verb not in allowed_transitions(program.state, archived=start[1]):
                    before = Program.objects.values().get(pk=program.pk)
                    with pytest.raises(NotPossible) as refused:
                        VERBS[verb](program=program, by="system", now=now)
                    assert refused.value.problems == [Problem("state", f"cannot_{verb.value}")]
                    assert Program.objects.values().get(pk=program.pk) == before
                    continue
                end = state_of(VERBS[verb](program=program, by="system", now=now))
            if end not in paths:
                paths[end] = [*paths[start], verb]
                waiting.append(end)
    assert set(paths) == {
        ("DRAFT", False), ("DRAFT", True), ("ACTIVE", False), ("PAUSED", False), ("ENDED", False), ("ENDED", True),
    }  # fmt: skip


def test_events_tell_each_step(merchant):
    program = draft(merchant)
    with at_work(merchant) as now:
        for verb in ("publish", "pause", "resume", "end", "archive"):
            program = VERBS[Transition(verb)](program=program, by="system", now=now)
        codes = list(Event.objects.filter(subject_id=program.pk).order_by("seq").values_list("code", flat=True))
    assert codes == [f"program.{verb}" for verb in
                     ("created", "edited", "published", "paused", "resumed", "ended", "archived")]  # fmt: skip
    assert (program.paused_at, program.ended_at, program.archived_at) == (None, now, now)


def test_resume_refuses_after_the_last_day(merchant):
    with at_work(merchant) as now:
        today = local_date(now, "Europe/Berlin").isoformat()
    program = draft(merchant, ends_on=today)
    with at_work(merchant) as now:
        publish_program(program=program, by="system", now=now)
        pause_program(program=program, by="system", now=now)
        with pytest.raises(NotPossible) as refused:
            resume_program(program=program, by="system", now=now + timedelta(days=2))
        assert Program.objects.get().state == "PAUSED"
    assert refused.value.problems == [Problem("ends_on", "already_over")]


def test_publish_wakes_at_the_end_of_the_last_day(merchant):
    program = draft(merchant, ends_on="2999-06-30")
    with at_work(merchant) as now:
        publish_program(program=program, by="system", now=now)
        assert WakeUp.objects.get(kind="programs").due_at.isoformat() == "2999-06-30T22:00:00+00:00"


def test_lists_leave_archived_programs_out(merchant):
    first, second = live_program(merchant, name="A"), live_program(merchant, name="B")
    with at_work(merchant) as now:
        assert list(programs()) == [second, first]
        assert list(live_programs()) == [first, second]
        end_program(program=first, by="system", now=now)
        assert list(live_programs()) == [second]
        archive_program(program=first, by="system", now=now)
        assert list(programs()) == [second]


def test_closed_because_follows_days_of_the_zone(merchant):
    program = draft(merchant, starts_on="2999-01-02", ends_on="2999-01-03")
    with at_work(merchant) as now:
        assert closed_because(program, now, "Europe/Berlin") == "draft"
        program = publish_program(program=program, by="system", now=now)
    said = []
    for moment in ("2999-01-01T22:59:59", "2999-01-01T23:00:00", "2999-01-03T22:59:59", "2999-01-03T23:00:00"):
        at = now.replace().fromisoformat(f"{moment}+00:00")
        said.append(closed_because(program, at, "Europe/Berlin"))
    assert said == ["not_started", None, None, "ended"]
