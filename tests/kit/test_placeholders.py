import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.placeholders import BadSubject, check_subject, render, render_subject, unknown_names

ALLOWED = ["first_name", "shop", "amount"]
VALUES = {"first_name": "Dana", "shop": "Tea & Co", "secret": "s3cret", "amount": None}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Hello {first_name} of {shop}!", "Hello Dana of Tea & Co!"),
        ("{first_name}{first_name}", "DanaDana"),
        ("[{amount}]", "[]"),
        ("{secret}", "{secret}"),
        (
            "{First_name} { shop } {shop.upper} {shop!r} {shop:>9}",
            "{First_name} { shop } {shop.upper} {shop!r} {shop:>9}",
        ),
        ("{{first_name}}", "{{first_name}}"),
        ("{{ m.delete }} {% load x %} {{7*7}} ${7*7}", "{{ m.delete }} {% load x %} {{7*7}} ${7*7}"),
        ("{", "{"),
        ("{}", "{}"),
        ("\\1 \\g<0> %s %(shop)s", "\\1 \\g<0> %s %(shop)s"),
    ],
)
def test_render(text: str, rendered: str) -> None:
    assert render(text, VALUES, ALLOWED) == rendered


def test_values_are_not_read_again() -> None:
    assert render("{shop}", {"shop": "{first_name} \\1", "first_name": "Dana"}, ALLOWED) == "{first_name} \\1"


def test_unknown_names_in_order_each_once() -> None:
    text = "{shop} {secret} {{ m.delete }} {secret} {Shop} {} {first_name}"
    assert unknown_names(text, ALLOWED) == ["secret", " m.delete ", "Shop", ""]
    assert unknown_names("{shop} and {first_name}", ALLOWED) == []


@pytest.mark.parametrize(
    "text", ["Hi\r\nBcc: eve@example.com", "Hi\nthere", "Hi\rthere", "Hi\u2028there", "Hi\x85there"]
)
def test_subject_with_a_line_break_refused(text: str) -> None:
    with pytest.raises(BadSubject, match="one line"):
        render_subject(text, VALUES, ALLOWED)
    with pytest.raises(BadSubject, match="one line"):
        check_subject(text)


def test_subject_value_with_a_line_break_stays_one_line() -> None:
    subject = render_subject("For {first_name}", {"first_name": "Dana\r\nBcc: eve@example.com"}, ALLOWED)
    assert subject == "For Dana  Bcc: eve@example.com"


@given(st.text(), st.text(), st.text())
def test_subject_is_always_one_line(text: str, name: str, shop: str) -> None:
    try:
        subject = render_subject(text + "{first_name}{shop}", {"first_name": name, "shop": shop}, ALLOWED)
    except BadSubject:
        return
    assert len(subject.splitlines()) <= 1
