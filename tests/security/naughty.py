"""Text and bodies that break software: our own list, a few of every kind."""

from __future__ import annotations

import json
from typing import Any

from django.test.client import BOUNDARY, MULTIPART_CONTENT

STRINGS = (
    # nothing, blanks and what looks like it
    "", " ", "\t", "\r\n", "\u00a0", "\u200b\u200b", "\u2028\u2029", "\ufeff", "\u3164",
    # what other languages mean by nothing or everything
    "undefined", "null", "None", "NaN", "Infinity", "true", "[object Object]", "%", "*", "\\", "\\0",
    "../../etc/passwd",
    # what cannot be stored or printed
    "\x00", "a\x00b", "\x01\x02\x1b[31m", "\x7f\x85", "\ufffe\uffff", "\ud83d", "\udfff\ud800",
    # numbers that are none, or too many
    "-1", "0", "00", "1e400", "9e999999", "-9223372036854775809", "9" * 400, "0x7f",
    "1_000", "1.000,00", "\u0663", "\u00b2",
    "\u2460", "1/0", "-0.0", "\uff11\uff12",
    # dates that are none
    "0000-00-00", "0001-01-01", "9999-12-31", "2026-02-30", "2020-01-01T00:00:00+23:59",
    # markup, templates, formulas, queries, shells
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7*7 }}{% load i18n %}", "${7*7}",
    "%(name)s %s %n",
    "{0.__class__}", "=HYPERLINK(\"http://evil.example\")", "@SUM(1+1)", "' OR 1=1 --", "\"; DROP TABLE x; --",
    "$(touch x)",
    "javascript:alert(1)", "data:text/html,x", "//evil.example", "http://[::1", "http://\ud800.example",
    "a@b@c", "a@\u2488.com",
    "Bcc: eve@evil.example\r\nX: y", "%0d%0aSet-Cookie: a=b",
    # letters that are many, wide, right to left, stacked, astral, or grow when changed
    "\u202eevil\u202c", "Z\u0351\u036b\u0343\u036a\u0302a\u0334\u0315lgo", "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\ufdfd" * 20,
    "\u0130\u0131\u1e9e\ufb03", "\U00010ffff"[:1] * 3, "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "x" * 5_000,
)  # fmt: skip
#: For what is not kept in a short column: more than anybody types.
A_MILLION = "x" * 1_000_000

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
BEGIN = b"--" + BOUNDARY.encode() + b"\r\n"
BODIES: list[tuple[str, bytes]] = [
    (FORM, b""),
    (FORM, b"%ff%fe=%00&name=%ed%a0%80&email=%00"),
    (FORM, b"&".join(b"a%d=1" % n for n in range(1_500))),
    (FORM, b"name=" + A_MILLION.encode() + b"&email=" + A_MILLION.encode() + b"&reason=x&token=" + A_MILLION.encode()),
    (MULTIPART_CONTENT, BEGIN + b"Content-Disposition: form-data; name=\"file\"; filename=\"../x\"\r\n\r\n\xff\x00"),
    (MULTIPART_CONTENT, b"not at all"),
    ("multipart/form-data", b"--x"),
    ("text/plain; charset=utf-7", b"+ADw-script+AD4-"),
    ("application/x-www-form-urlencoded; charset=nonsense", b"name=x"),
    (JSON, b"[" * 100_000),
    (JSON, b'{"order_id": ' + b"9" * 5_000 + b"}"),
    (JSON, b'{"order_id": "\\ud800", "email": ["a"], "amount": {"x": 1}, "key": "\\u0000"}'),
    (JSON, b'"just text"'),
    (JSON, b"[1, 2, {}]"),
    (JSON, b"\xff\xfe{}"),
    (JSON, json.dumps({"order_id": A_MILLION}).encode()),
]  # fmt: skip
#: Where text belongs, everything that is none.
NO_TEXT: list[Any] = [
    [],
    ["a"],
    {},
    {"a": {"b": []}},
    1,
    -1,
    1.5,
    True,
    [[["x"]]],
    "",
    "\x00",
    "\ud800",
    A_MILLION[:70_000],
    10**300,
]
NO_AMOUNT: list[Any] = ["-1", -1, "1e400", "9" * 40, 10**30, -(10**30), 1.005, "NaN", "0x1", [], {}, True, "", "1,00"]
NO_TIME: list[Any] = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2020-01-01T00:00:00+23:59",
    "2020-02-30T00:00:00Z",
    "now",
    0,
    -1,
    [],
]
#: Those that take time to send go to a few addresses of every kind.
LARGE = [(kind, body) for kind, body in BODIES if len(body) > 10_000]
SMALL = [pair for pair in BODIES if pair not in LARGE]
