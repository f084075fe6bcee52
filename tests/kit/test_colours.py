from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.colours import ColourError, brand_css, contrast, parse, readable_on

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_text_on_any_brand_colour_can_be_read(colour: str) -> None:
    assert contrast(colour, readable_on(colour)) >= 4.5


@given(COLOURS)
def test_brand_text_can_be_read_on_its_soft_ground_in_both_themes(colour: str) -> None:
    _hover, text_light, text_dark, soft_light, soft_dark = re.findall(r"#[0-9a-f]{6}", brand_css(colour))[2:]
    assert contrast(text_light, soft_light) >= 4.5
    assert contrast(text_light, "#f4f4f6") >= 4.5
    assert contrast(text_dark, soft_dark) >= 4.5


@given(COLOURS)
def test_what_stands_on_a_button_reads_no_worse_under_a_pointer(colour: str) -> None:
    brand, text, hover, *_others = re.findall(r"#[0-9a-f]{6}", brand_css(colour))
    assert contrast(text, hover) >= min(contrast(text, brand), 20.5)


def test_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g", "#123456;}", "", "#1234567"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ColourError):
        parse(text)
