"""What the desk's own records (notes, tags, tasks) refuse."""

from __future__ import annotations


class Refused(ValueError):
    """Nothing changed: ``field`` says where, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
