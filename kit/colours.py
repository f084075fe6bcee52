"""A merchant's colour made readable: pure functions on "#rrggbb", contrast as WCAG 2 measures it."""

from __future__ import annotations

import re

ENOUGH = 4.5
LIGHT_GROUND, DARK_GROUND = "#f4f4f6", "#1d1e24"
WHITE, INK = "#ffffff", "#000000"  # with anything lighter than black some greens could carry neither
_HEX = re.compile(r"#[0-9a-fA-F]{6}")

Rgb = tuple[int, int, int]


class ColourError(ValueError):
    """Not a colour we can use; the message says how to write one."""


def parse(colour: str) -> Rgb:
    if not _HEX.fullmatch(colour):
        raise ColourError(f"{colour!r} is not a colour: write # and six hexadecimal digits.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in parse(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(colour: str) -> str:
    """White where it can be read, for it looks calmer on a colour; else black. One of the two always reaches 4.5."""
    return WHITE if contrast(colour, WHITE) >= ENOUGH else INK


def mixed(colour: str, other: str, share: float) -> str:
    """`share` 0 is the colour, 1 the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(parse(colour), parse(other), strict=True))
    return written((red, green, blue))


def as_text_on(colour: str, ground: str, towards: str) -> str:
    """The colour itself if it can be read on the ground, else moved towards black or white just as far as needed."""
    steps = (mixed(colour, towards, step / 20) for step in range(21))
    return next(candidate for candidate in steps if contrast(candidate, ground) >= ENOUGH)


def brand_css(colour: str) -> str:
    """What /brand/<merchant-slug>.css serves: the colour, what reads on it, itself under a pointer (where that reads
    still better), and it as text and as a soft ground."""
    colour = written(parse(colour))
    hover = mixed(colour, INK if readable_on(colour) == WHITE else WHITE, 0.1)
    soft_light, soft_dark = mixed(colour, WHITE, 0.9), mixed(colour, DARK_GROUND, 0.8)
    text_light = as_text_on(colour, min(soft_light, LIGHT_GROUND, key=luminance), INK)
    text_dark = as_text_on(colour, max(soft_dark, DARK_GROUND, key=luminance), WHITE)
    return (
        f":root{{--brand:{colour};--brand-contrast:{readable_on(colour)};--brand-hover:{hover};"
        f"--brand-text:light-dark({text_light},{text_dark});--brand-soft:light-dark({soft_light},{soft_dark})}}\n"
    )


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
