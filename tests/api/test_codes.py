"""Codes that friends type: which spellings are the code, and whose codes count no longer."""

from __future__ import annotations

import pytest

from advocates.actions.standing import pause_advocate
from programs.actions.lifecycle import end_program
from rewards.models import Reward
from tests.api.conftest import Shop, an_order
from tests.cast import World, at_work


def test_code_of_an_ended_program_earns_nothing(shop: Shop, world: World) -> None:  # hostile 40
    with at_work(world.merchant) as now:
        end_program(program=world.program, by="system", now=now)
    told = shop.post("orders", an_order(code=world.link.code)).json()
    assert (told["outcome"], told["decision"]["reason"], told["rewards"]) == (
        "NOT_REFERRED",
        "program_closed_at_touch",
        [],
    )


def test_code_of_a_paused_advocate_earns_nothing(shop: Shop, world: World) -> None:  # hostile 40
    with at_work(world.merchant) as now:
        pause_advocate(advocate=world.advocate, by="system", now=now)
    told = shop.post("orders", an_order(code=world.link.code)).json()
    assert (told["outcome"], told["decision"]["reason"], told["rewards"]) == ("NOT_REFERRED", "advocate_not_active", [])


def test_code_in_small_letters_is_the_code(shop: Shop, world: World) -> None:  # hostile 41
    told = shop.post("orders", an_order(code=world.link.code.lower())).json()
    assert (told["outcome"], len(told["rewards"])) == ("ATTRIBUTED", 1)


def _fullwidth(code: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in code)


@pytest.mark.parametrize(
    "disguise",
    [
        _fullwidth,
        lambda code: code[0] + "\N{ZERO WIDTH SPACE}" + code[1:],
        lambda code: code[:-1] + "\N{CYRILLIC CAPITAL LETTER A}",
        lambda code: code + "\N{COMBINING ACUTE ACCENT}",
    ],
    ids=["full width", "zero width", "cyrillic", "combining"],
)
def test_code_that_only_looks_alike_is_another(disguise, shop: Shop, world: World) -> None:  # hostile 41
    answer = shop.post("orders", an_order(code=disguise(world.link.code)))
    assert answer.status_code in {201, 400}
    with at_work(world.merchant):
        assert not Reward.objects.exists()
