"""The fraud rules, pure: what each signal sees, with its exact points; the score; the merchant's lists."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.rules.fraud import (
    RULES,
    WEIGHTS,
    Assessment,
    BadPattern,
    Cause,
    Entry,
    Evidence,
    Level,
    Place,
    Policy,
    Rule,
    Signal,
    Subject,
    assess,
    clean_pattern,
    fits,
    fits_address,
    fitting,
    is_sampled,
)
from tracking.rules.fraud.likeness import distance, email_likeness, name_likeness
from tracking.rules.fraud.signals import busiest_hour

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def place(address: str = "home", network: str = "street", agent: str = "firefox/linux", at: datetime = AT) -> Place:
    return Place(at, frozenset({(7, address)}), frozenset({(7, f"n{network}")}), agent)


#: An honest friend, about whom everything is known.
HONEST = Evidence(
    ordered_at=AT,
    advocate_email="dana.muster@advocate.example",
    friend_email="eve.freund@friend.example",
    advocate_name="Dana Muster",
    friend_name="Eve Freund",
    order_place=place("far away", "elsewhere"),
    advocate_places=(place(at=AT - 24 * HOUR),),
    clicked_at=AT - HOUR,
    referrers=(),
    leaked=False,
    clicks_in_minute=1,
)
HOME = {"order_place": place(at=AT), "advocate_places": (place(at=AT - 24 * HOUR),)}
OTHER_BROWSER = {**HOME, "order_place": place(agent="safari/ios")}
NEIGHBOUR = {"order_place": place("next door"), "advocate_places": (place(agent="safari/ios", at=AT - 24 * HOUR),)}

CASES: list[tuple[str, dict[str, Any], dict[str, int], Level]] = [
    ("an honest friend", {}, {}, Level.PASS),
    ("a tag at a provider that may have none", {"friend_email": "dana.muster+shop@advocate.example"},
     {"SIMILAR_EMAIL": 50}, Level.MEDIUM),  # hostile 56
    ("the same name at another provider", {"friend_email": "dana.muster@other.example"}, {"SIMILAR_EMAIL": 25},
     Level.PASS),
    ("a letter more at the same provider", {"friend_email": "dana.muster1@advocate.example"}, {"SIMILAR_EMAIL": 30},
     Level.PASS),
    ("what every company has", {"advocate_email": "info@a.example", "friend_email": "info@b.example"}, {}, Level.PASS),
    ("the same full name, other way round", {"friend_name": "MUSTER, Dana"}, {"SIMILAR_NAME": 30}, Level.PASS),
    ("a family", {"friend_name": "Peter Muster"}, {}, Level.PASS),
    ("a slip in the name", {"friend_name": "Dana Mustre"}, {"SIMILAR_NAME": 18}, Level.PASS),
    ("name and address alike", {"friend_name": "Dana Müster", "friend_email": "dana.muster@other.example"},
     {"SIMILAR_EMAIL": 25, "SIMILAR_NAME": 30}, Level.MEDIUM),
    ("one dormitory", OTHER_BROWSER, {"SAME_ADDRESS": 15}, Level.PASS),  # hostile 59
    ("one dormitory, the same browser", HOME, {"SAME_ADDRESS": 15, "SAME_BROWSER": 5}, Level.PASS),
    ("one dormitory, a relay, in seconds, by another browser",
     {**OTHER_BROWSER, "friend_email": "abc@privaterelay.appleid.com", "clicked_at": AT - 10 * timedelta(seconds=1)},
     {"SAME_ADDRESS": 15, "RELAY_MAIL": 5, "TOO_FAST": 10}, Level.PASS),
    ("the neighbourhood", NEIGHBOUR, {"SAME_ADDRESS": 5}, Level.PASS),
    ("the advocate's place and browser, nine minutes after the link", {**HOME, "clicked_at": AT - 9 * MINUTE},
     {"SAME_ADDRESS": 15, "SAME_BROWSER": 5, "ADDRESS_AND_HASTE": 40}, Level.MEDIUM),  # hostile 60
    ("the same after ten minutes", {**HOME, "clicked_at": AT - 10 * MINUTE},
     {"SAME_ADDRESS": 15, "SAME_BROWSER": 5}, Level.PASS),
    ("minutes after the advocate's own sign-in", {**HOME, "advocate_places": (place(at=AT - 3 * MINUTE),)},
     {"SAME_ADDRESS": 15, "SAME_BROWSER": 5, "ADDRESS_AND_HASTE": 40}, Level.MEDIUM),
    ("haste at home under the advocate's own name",
     {**HOME, "clicked_at": AT - MINUTE, "friend_name": "Dana Muster"},
     {"SAME_ADDRESS": 15, "SAME_BROWSER": 5, "ADDRESS_AND_HASTE": 40, "SIMILAR_NAME": 30}, Level.HIGH),
    ("a mailbox for minutes", {"friend_email": "x@mailinator.com"}, {"DISPOSABLE_MAIL": 45}, Level.MEDIUM),  # 57
    ("a relay", {"friend_email": "abc@privaterelay.appleid.com"}, {"RELAY_MAIL": 5}, Level.PASS),
    ("the fifth in the hour", {"other_orders_at": tuple(AT - n * MINUTE for n in range(4))}, {}, Level.PASS),
    ("the sixth in the hour", {"other_orders_at": tuple(AT - n * MINUTE for n in range(5))},
     {"VELOCITY": 45}, Level.MEDIUM),  # hostile 62
    ("six over two hours", {"other_orders_at": tuple(AT - n * 24 * MINUTE for n in range(1, 6))}, {}, Level.PASS),
    ("a ring", {"ring": 3}, {"RING": 50}, Level.MEDIUM),  # hostile 61
    ("a coupon site", {"referrers": ("www.retailmenot.com",)}, {"COUPON_SITE": 45}, Level.MEDIUM),  # hostile 65
    ("a link that got out", {"leaked": True}, {"LEAKED_CODE": 45}, Level.MEDIUM),  # hostile 65
    ("a leaked link from a coupon site", {"leaked": True, "referrers": ("retailmenot.com",)},
     {"LEAKED_CODE": 45, "COUPON_SITE": 45}, Level.HIGH),
    ("29 seconds", {"clicked_at": AT - timedelta(seconds=29)}, {"TOO_FAST": 10}, Level.PASS),
    ("30 seconds", {"clicked_at": AT - timedelta(seconds=30)}, {}, Level.PASS),
    ("a shop's clock behind ours", {"clicked_at": AT + MINUTE}, {}, Level.PASS),
    ("a hammered link", {"clicks_in_minute": 30}, {"HAMMERED_LINK": 40}, Level.MEDIUM),  # hostile 48
    ("a double click", {"clicks_in_minute": 29}, {}, Level.PASS),
]  # fmt: skip


@pytest.mark.parametrize(("change", "points", "level"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_seen_has_these_points(change, points, level):
    found = assess(replace(HONEST, **change), Policy())
    assert {sign.code: sign.points for sign in found.signals} == points
    assert (found.score, found.level, found.cause, found.missing) == (sum(points.values()), level, Cause.SCORE, ())


def test_what_is_not_told_scores_nothing_and_is_listed():
    found = assess(Evidence(ordered_at=AT), Policy())
    assert (found.score, found.level, found.signals) == (0, Level.PASS, ())
    asked = {str(rule.signal) for rule in RULES if rule.needs}
    assert set(found.missing) == asked == set(map(str, WEIGHTS)) - {"VELOCITY", "RING"}


def test_no_signal_alone_holds_until_decided_and_an_honest_life_passes():
    assert max(WEIGHTS.values()) < Policy().high_at
    weak = ("SAME_ADDRESS", "SAME_BROWSER", "RELAY_MAIL", "TOO_FAST")
    assert sum(WEIGHTS[code] for code in weak) < Policy().medium_at


@pytest.mark.parametrize(("trust", "level"), [(0, Level.MEDIUM), (1, Level.PASS), (2, Level.PASS)])
def test_trust_spares_a_look_at_what_is_just_enough(trust, level):
    found = assess(replace(HONEST, friend_email="x@mailinator.com"), Policy(), trust=trust)
    assert (found.score, found.level) == (45, level)


def test_trust_never_moves_the_line_that_holds():
    cheat = replace(HONEST, friend_email="x@mailinator.com", ring=3)
    assert assess(cheat, Policy(), trust=2).level == Level.HIGH


def test_a_program_has_its_own_lines_and_points():
    policy = Policy(medium_at=10, high_at=20, weights={"RELAY_MAIL": 20, "TOO_FAST": -5, "RING": "many"})
    change = {"friend_email": "abc@privaterelay.appleid.com", "clicked_at": AT - timedelta(seconds=1), "ring": 2}
    found = assess(replace(HONEST, **change), policy)
    assert {sign.code: sign.points for sign in found.signals} == {"RELAY_MAIL": 20, "RING": 50, "TOO_FAST": 0}
    assert found.level == Level.HIGH


def test_the_breaker_holds_what_would_pass_and_nothing_less():
    found = assess(HONEST, Policy(), stopped={"per_hour": 201})
    assert (found.level, found.cause, found.score) == (Level.MEDIUM, Cause.BREAKER, 0)
    assert [(sign.code, dict(sign.seen)) for sign in found.signals] == [("BREAKER", {"per_hour": 201})]


def _raises(_evidence: Evidence) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("index", range(len(RULES)))
def test_whichever_rule_raises_a_person_looks(index):  # hostile 66
    rules = [Rule(rule.signal, (), _raises) if n == index else rule for n, rule in enumerate(RULES)]
    found = assess(HONEST, Policy(), rules=rules, trust=2)
    assert (found.level, found.cause) == (Level.HIGH, Cause.ERROR)
    assert [(s.code, dict(s.seen)) for s in found.signals] == [
        (Signal.EVALUATION_FAILED, {"rules": [str(RULES[index].signal)]})
    ]


def test_what_could_not_be_asked_means_a_person_looks():  # hostile 66
    found = assess(replace(HONEST, broken=("address",)), Policy())
    assert (found.level, found.cause, found.signals[-1].seen) == (Level.HIGH, Cause.ERROR, {"rules": ["address"]})


# --- properties ---------------------------------------------------------------------------------------------------

PLACES = st.builds(place, st.sampled_from("abc"), st.sampled_from("de"), st.sampled_from(["x/y", "z/y"]),
                   st.integers(0, 3000).map(lambda n: AT - n * MINUTE))  # fmt: skip
BOXES = st.sampled_from(["dana.muster", "danamuster1", "eve+x", "eve", "info", "zoe.frost"])
PROVIDERS = st.sampled_from(["a.example", "mailinator.com", "gmail.com", "privaterelay.appleid.com"])
MAILS = st.builds("{}@{}".format, BOXES, PROVIDERS)
EVIDENCE = st.builds(
    Evidence,
    ordered_at=st.just(AT),
    advocate_email=st.none() | MAILS,
    friend_email=st.none() | MAILS,
    advocate_name=st.none() | st.sampled_from(["Dana Muster", "Eve Freund", "Zoe"]),
    friend_name=st.none() | st.sampled_from(["Dana Muster", "Dana Mustr", "Muster Dana", "X"]),
    order_place=st.none() | PLACES,
    advocate_places=st.lists(PLACES, max_size=3).map(tuple),
    clicked_at=st.none() | st.integers(-100, 5000).map(lambda n: AT - timedelta(seconds=n)),
    other_orders_at=st.lists(st.integers(-90, 90).map(lambda n: AT + n * MINUTE), max_size=9).map(tuple),
    ring=st.integers(0, 5),
    referrers=st.none() | st.lists(st.sampled_from(["retailmenot.com", "blog.example"]), max_size=2).map(tuple),
    leaked=st.none() | st.booleans(),
    clicks_in_minute=st.none() | st.integers(0, 60),
)
TOLD = sorted({name for rule in RULES for name in rule.needs})


@given(EVIDENCE, st.sampled_from(TOLD))
def test_what_is_missing_never_raises_the_score(evidence, name):
    less = assess(replace(evidence, **{name: None}), Policy())
    full = assess(evidence, Policy())
    assert less.score <= full.score
    assert set(full.missing) <= set(less.missing)


@given(EVIDENCE, st.data())
def test_more_evidence_never_lowers_the_score(evidence, data):
    more = data.draw(
        st.sampled_from(
            [
                {"advocate_places": (*evidence.advocate_places, place("a", "d", "x/y"))},
                {"other_orders_at": (*evidence.other_orders_at, AT)},
                {"ring": max(evidence.ring, 3)},
                {"referrers": (*(evidence.referrers or ()), "retailmenot.com")},
                {"leaked": True},
                {"clicks_in_minute": (evidence.clicks_in_minute or 0) + 30},
            ]
        )
    )
    assert assess(replace(evidence, **more), Policy()).score >= assess(evidence, Policy()).score


@given(EVIDENCE, st.integers(0, 2))
def test_what_is_written_down_is_read_as_it_was(evidence, trust):
    found = assess(evidence, Policy(), trust=trust)
    assert Assessment.from_json(found.to_json()) == found
    assert found.score == sum(sign.points for sign in found.signals)


def test_evidence_that_was_never_judged_has_passed():
    assert Assessment.from_json({}) == Assessment()
    assert {field.name for field in fields(Assessment)} == set(Assessment().to_json())


@given(st.text("abcdef", max_size=12), st.text("abcdef", max_size=12), st.integers(0, 4))
def test_the_distance_is_the_same_both_ways_and_bounded(one, other, most):
    found = distance(one, other, most=most)
    assert found == distance(other, one, most=most) <= most + 1
    assert (found == 0) == (one == other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("dana", "dana", 0), ("dana", "dnaa", 1), ("dana", "danah", 1), ("dana", "dora", 2), ("kitten", "sitting", 3)],
)
def test_slips_are_counted(one, other, expected):
    assert distance(one, other, most=3) == expected


def test_likeness_is_symmetric():
    assert email_likeness("john+x@unknown.org", "john@unknown.org") == email_likeness(
        "john@unknown.org", "john+x@unknown.org"
    ) == 100  # fmt: skip
    assert name_likeness("José Núñez", "Jose Nunez") == 100
    assert name_likeness("Cher", "Cher") == 0


def test_the_busiest_hour_counts_whichever_way_orders_came():
    times = [AT + n * 10 * MINUTE for n in range(20)]
    assert [busiest_hour([t for t in times if t != at], at) for at in times[:2]] == [5, 5]
    assert busiest_hour([], AT) == 0


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*@spam.example", "eve@spam.example", True),
        ("*@spam.example", "eve@spam.example.org", False),
        ("eve*@*.example", "eve.x@shop.example", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*", "", True),
        ("ab*ba", "aba", False),
        ("a*b*c", "axxbxxc", True),
        ("a*b*c", "axxcxxb", False),
        ("eve", "Eve", False),
    ],
)
def test_a_star_stands_for_any_characters(pattern, text, expected):
    assert fits(pattern, text) is expected


@given(st.text("ab*", max_size=12), st.text("ab", max_size=20))
def test_stars_fit_as_the_shell_s_do(pattern, text):
    from fnmatch import fnmatchcase

    assert fits(pattern, text) == fnmatchcase(text, pattern)


def test_no_pattern_is_slow_to_fit_and_regular_expressions_are_not_taken():  # hostile 68
    for bad in ("^(a+)+$", "(a|a)*b", "[a-z]+@x.example", "a{1,9}"):
        with pytest.raises(BadPattern, match="characters"):
            clean_pattern("EMAIL", bad)
    evil = clean_pattern("EMAIL", "*a*a*a*a*a*a*a*a*b")
    assert not fits(evil, "a" * 254)
    with pytest.raises(BadPattern, match="too_long"):
        clean_pattern("EMAIL", "*a" * 11)


@pytest.mark.parametrize(
    ("field", "pattern", "code"),
    [
        ("EMAIL", " ", "empty"), ("EMAIL", "*", "too_wide"), ("EMAIL", "*@*", "too_wide"),
        ("DOMAIN", "*.*", "too_wide"), ("DOMAIN", "spam example", "characters"), ("COUNTRY", "DEU", "characters"),
        ("COUNTRY", "*", "characters"), ("NETWORK", "999.1.1.1", "network"), ("NETWORK", "home", "characters"),
        ("REFERRER", "a/b", "characters"), ("EMAIL", "a" * 201, "too_long"),
    ],
)  # fmt: skip
def test_a_pattern_that_fits_nothing_or_everybody_is_refused(field, pattern, code):
    with pytest.raises(BadPattern, match=code):
        clean_pattern(field, pattern)


def test_patterns_are_kept_in_one_spelling():
    assert clean_pattern("EMAIL", "  **@Spam.Example ") == "*@spam.example"
    assert clean_pattern("DOMAIN", "@spam.example") == "spam.example"
    assert clean_pattern("COUNTRY", "de") == "de"


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7", True), ("203.0.113.0/24", "203.0.113.9", True),
        ("203.0.113.*", "203.0.113.9", True), ("203.0.113.0/24", "203.0.114.9", False),
        ("2001:db8::/32", "2001:db8::5", True), ("203.0.113.0/24", "nonsense", False),
    ],
)  # fmt: skip
def test_networks_are_written_in_three_ways(pattern, address, expected):
    assert fits_address(pattern, address) is expected


def entry(kind: str, field: str, pattern: str) -> Entry:
    return Entry(f"{kind}-{pattern}", kind, field, pattern)


def test_what_is_blocked_is_blocked_whatever_is_trusted_besides():
    subject = Subject({"EMAIL": ("eve@good.example",), "DOMAIN": ("mail.good.example",)})
    trust, block = entry("TRUST", "EMAIL", "eve@*"), entry("BLOCK", "DOMAIN", "good.example")
    assert fitting([trust, block], subject) == block
    assert fitting([trust], subject) == trust
    assert fitting([entry("BLOCK", "DOMAIN", "d.example")], subject) is None
    assert fitting([entry("BLOCK", "COUNTRY", "de")], subject) is None


# --- the sample ---------------------------------------------------------------------------------------------------


def test_the_sample_is_about_as_large_as_asked_for_and_always_the_same():
    ids = [f"api|{n}" for n in range(10_000)]
    taken = [pk for pk in ids if is_sampled(pk, 2, key=b"ours")]
    assert 150 <= len(taken) <= 250
    assert taken == [pk for pk in ids if is_sampled(pk, 2, key=b"ours")]
    assert taken != [pk for pk in ids if is_sampled(pk, 2, key=b"guessed")]
    assert not any(is_sampled(pk, 0, key=b"ours") for pk in ids)
    assert all(is_sampled(pk, 100, key=b"ours") for pk in ids)
    assert not assess(replace(HONEST, ring=3), Policy(), is_sample=True).is_sample


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        ("über.example", "xn--ber-goa.example", True), ("xn--ber-goa.example", "über.example", True),
        ("ÜBER.example", "shop.xn--ber-goa.example", True), ("über.example", "uber.example", False),
        ("*ber.example", "xn--ber-goa.example", True), ("über.*", "xn--ber-goa.example", True),
        ("über.example", "u\u0308ber.example", True), ("xn--\u00ff.example", "plain.example", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["DOMAIN", "REFERRER"])
def test_a_host_fits_in_either_of_its_spellings(field, pattern, host, expected):
    stored = clean_pattern(field, pattern)
    for kept in {stored, pattern.lower()}:  # from before there was one spelling, too
        entry = Entry("1", "BLOCK", field, kept)
        assert (fitting([entry], Subject({field: (host,)})) is not None) == expected


def test_where_somebody_came_from_is_never_a_reason_to_trust():
    subject = Subject({"REFERRER": ("forum.example",)})
    assert fitting([Entry("1", "TRUST", "REFERRER", "forum.example")], subject) is None
    assert fitting([Entry("1", "BLOCK", "REFERRER", "forum.example")], subject) is not None
