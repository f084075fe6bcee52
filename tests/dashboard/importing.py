"""Bringing a file, having it checked as its page proposes, importing it."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.dashboard.desk import base


def brought(client: Client, world: Any, kind: str, data: bytes, *, path: str = "", **more: str) -> Any:
    """The answer to choosing a file."""
    file = SimpleUploadedFile("table.csv", data, "text/csv")
    return client.post(f"{base(world)}/{path or f'{kind}/import'}", {"file": file, **more})


def looked_at(client: Client, page: str) -> dict[str, Any]:
    """What the page with the columns proposes, as its form would send it."""
    form = client.get(page, {"columns": ""}).context["form"]
    values = {bound.name: bound.value() for bound in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


def checked(client: Client, world: Any, kind: str, data: bytes, *, path: str = "", **more: str) -> Any:
    """The page of a file that was checked as proposed."""
    answer = brought(client, world, kind, data, path=path, **more)
    if answer.status_code != 302:
        return answer
    page = answer["Location"]
    told = client.post(f"{page}/check", looked_at(client, page))
    return told if told.status_code != 302 else client.get(page)


def imported(client: Client, found: Any) -> Any:
    """Press the button of a file that was found right."""
    return client.post(f"{found.request['PATH_INFO']}/start")


def would(found: Any) -> tuple[int, int, int]:
    one = found.context["one"]
    assert one.state == "CHECKED", (one.state, [fault.message for fault in found.context["faults"]])
    return one.added, one.updated, one.unchanged


def faults(found: Any) -> list[tuple[str, str, str, str]]:
    assert found.context["one"].state == "FAULTY"
    return [(told.row, told.column, told.value, told.message) for told in found.context["faults"]]
