import pytest

from kit.crypto import CannotUnseal, new_sealing_key, seal, unseal


def test_sealed_data_comes_back_and_is_not_readable() -> None:
    key = new_sealing_key()
    text = seal({"token": "shpat_secret", "n": [1, None, "ü"]}, [key])
    assert "shpat" not in text
    assert unseal(text, [key]) == {"token": "shpat_secret", "n": [1, None, "ü"]}
    assert seal({"a": 1}, [key]) != seal({"a": 1}, [key])


def test_rotation_seals_with_the_first_key_and_opens_with_any() -> None:
    old, new = new_sealing_key(), new_sealing_key()
    before, after = seal({"a": 1}, [old]), seal({"a": 2}, [new, old])
    assert unseal(before, [new, old]) == {"a": 1}
    assert unseal(after, [new]) == {"a": 2}


@pytest.mark.parametrize("text", ["", "nonsense", "é\ud800"])
def test_unseal_of_anything_else_refused(text: str) -> None:
    with pytest.raises(CannotUnseal, match="key"):
        unseal(text, [new_sealing_key()])


def test_unseal_with_a_wrong_key_or_changed_text_refused() -> None:
    key = new_sealing_key()
    text = seal({"a": 1}, [key])
    with pytest.raises(CannotUnseal):
        unseal(text, [new_sealing_key()])
    changed = "A" if text[40] != "A" else "B"
    with pytest.raises(CannotUnseal):
        unseal(text[:40] + changed + text[41:], [key])


def test_sealing_without_a_key_refused() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        seal({}, [])
