"""Asking for a list as a file, having it written, and taking it along."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.test import Client

from exports.steps import sweep
from merchants.models import Merchant


def asked(client: Client, merchant: Merchant, name: str, query: str = "") -> str:
    """Presses the list's button; gives the address of the export's page."""
    answer = client.post(f"/w/{merchant.slug}/exports/of/{name}{query and f'?{query}'}")
    assert answer.status_code == 302, answer.status_code
    return str(answer["Location"])


def download(client: Client, page: str) -> Any:
    return client.get(f"{page}/file")


def text_of_file(client: Client, merchant: Merchant, name: str, query: str = "") -> str:
    page = asked(client, merchant, name, query)
    sweep(merchant.tenant_ref())
    answer = download(client, page)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def rows_of_file(client: Client, merchant: Merchant, name: str, query: str = "") -> list[dict[str, str]]:
    text = text_of_file(client, merchant, name, query).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))
