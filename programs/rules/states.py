"""The states of a program and the steps between them. Pure."""

from __future__ import annotations

from enum import StrEnum


class Transition(StrEnum):
    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    ARCHIVE = "archive"


#: (state, transition) -> next state. Whatever is not here is refused. Nothing is ever deleted.
TRANSITIONS: dict[tuple[str, Transition], str] = {
    ("DRAFT", Transition.PUBLISH): "ACTIVE",
    ("ACTIVE", Transition.PUBLISH): "ACTIVE",
    ("PAUSED", Transition.PUBLISH): "PAUSED",
    ("ACTIVE", Transition.PAUSE): "PAUSED",
    ("PAUSED", Transition.RESUME): "ACTIVE",
    ("ACTIVE", Transition.END): "ENDED",
    ("PAUSED", Transition.END): "ENDED",
    ("DRAFT", Transition.ARCHIVE): "DRAFT",
    ("ENDED", Transition.ARCHIVE): "ENDED",
}


def allowed_transitions(state: str, *, archived: bool) -> list[Transition]:
    return [] if archived else [step for (start, step) in TRANSITIONS if start == state]
