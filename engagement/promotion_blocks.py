"""HTML that merchants paste into their own pages and newsletters: escaped, without scripts, styles on each element.

Styles stand on the elements because the block must look right wherever it is pasted. Our own pages carry none: for them
``as_page`` moves every style into one sheet whose hash the policy names.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

from django.utils.html import format_html
from django.utils.safestring import SafeString

from engagement.promotion import Block
from engagement.rules.coverage import ON_PAGES, Place
from kit import colours
from merchants.models import Workspace

_INK = "#1b1b1f"
_BUTTON = "display:inline-block;padding:10px 20px;border-radius:6px;font-weight:600;text-decoration:none"
_CARD = "box-sizing:border-box;max-width:640px;margin:16px auto;padding:20px;border-radius:10px;line-height:1.5"

# Every value is a colour, an address or a text that format_html escapes; quotes in it can end no attribute.
_BANNER = """<div{mark} lang="{lang}" style="box-sizing:border-box;display:flex;flex-wrap:wrap;gap:12px 24px;\
align-items:center;justify-content:center;padding:14px 20px;background:{brand};color:{on_brand};line-height:1.5">
  <p style="margin:0;max-width:640px"><strong>{title}</strong><br>{text}</p>
  <a href="{url}" style="{button_style};background:{on_brand};color:{brand}">{button}</a>
</div>"""
_PANEL = """<div{mark} lang="{lang}" style="{card};background:{soft};color:{ink};text-align:center">
  <p style="margin:0 0 4px;font-size:18px;font-weight:600">{title}</p>
  <p style="margin:0 0 16px">{text}</p>
  <a href="{url}" style="{button_style};background:{brand};color:{on_brand}">{button}</a>
</div>"""
_MAIL = """<table role="presentation" lang="{lang}" width="100%" cellpadding="0" cellspacing="0" border="0">
  <tr>
    <td align="center" style="padding:24px 20px;background:{soft};color:{ink};font-family:Arial,sans-serif;\
font-size:16px;line-height:1.5">
      <p style="margin:0 0 4px;font-size:18px;font-weight:bold">{title}</p>
      <p style="margin:0 0 16px">{text}</p>
      <a href="{url}" style="{button_style};background:{brand};color:{on_brand}">{button}</a>
    </td>
  </tr>
</table>"""


def html_of(place: Place, block: Block, workspace: Workspace) -> SafeString:
    brand = brand_of(workspace)
    return format_html(
        {Place.HOMEPAGE: _BANNER, Place.NEWSLETTER: _MAIL}.get(place, _PANEL),
        mark=_mark_of(place),
        lang=workspace.language,
        title=block.title,
        text=block.text,
        button=block.button,
        url=block.address,
        brand=brand,
        on_brand=colours.readable_on(brand),
        soft=colours.mixed(brand, colours.WHITE, 0.9),
        ink=_INK,
        card=_CARD,
        button_style=_BUTTON,
    )


def _mark_of(place: Place) -> SafeString | str:
    """The snippet reports what it finds under this attribute; a newsletter has no snippet."""
    return format_html(' data-referral-placement="{}"', place) if place in ON_PAGES else ""


def brand_of(workspace: Workspace) -> str:
    """Only six hexadecimal digits reach a style."""
    try:
        return colours.written(colours.parse(workspace.brand_colour))
    except colours.ColourError:
        return str(Workspace._meta.get_field("brand_colour").default)


_STYLE = re.compile(r' style="([^"]*)"')


def as_page(block: SafeString, *, title: str, language: str) -> tuple[str, str]:
    """The block alone on a page, looking as it will in the shop, and the policy source of its one sheet.

    Text holds no bare quotes, since every value was escaped: what looks like a style here is one of ours.
    """
    rules = [f"body{{margin:0;padding:12px;background:#fff;color:{_INK};font:16px system-ui,sans-serif}}"]

    def moved(found: re.Match[str]) -> str:
        rules.append(f".s{len(rules)}{{{found[1]}}}")
        return f' class="s{len(rules) - 1}"'

    drawn = _STYLE.sub(moved, block)
    sheet = "".join(rules)
    page = format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><title>{}</title><style>{}</style></head><body>{}</body></html>',
        language,
        title,
        SafeString(sheet),
        SafeString(drawn),
    )
    hashed = b64encode(sha256(sheet.encode()).digest()).decode("ascii")
    return str(page), f"'sha256-{hashed}'"
