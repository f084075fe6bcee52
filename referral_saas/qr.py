"""QR codes as drawings: for screens, and for paper."""

from __future__ import annotations

import io

import segno
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

#: A drawing can hold no script and load nothing, wherever it is opened.
DRAWING_POLICY = "default-src 'none'; frame-ancestors 'none'"


def qr_svg(url: str) -> bytes:
    """Read by phones from screen and paper: quiet zone included, medium error correction."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", scale=8, border=4, xmldecl=False, dark="#000", light="#fff"
    )
    return drawn.getvalue()


def qr_inline(text: str) -> SafeString:
    """The same, to stand in a page as a drawing of its own: nothing is asked for, so nothing of it is kept anywhere."""
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return SafeString(drawn)


def qr_response(request: HttpRequest, url: str, name: str) -> HttpResponse:
    """``?download`` saves it under the name of the code, which is letters and digits."""
    response = HttpResponse(qr_svg(url), content_type="image/svg+xml")
    response["Content-Security-Policy"] = DRAWING_POLICY
    response["Cache-Control"] = "no-store, private"
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="qr-{name.lower()}.svg"'
    return response
