"""Asking for a list as a file, having it written, and taking it along."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from django.test import Client

from advocates.models import Customer
from exports.steps import sweep
from kit.ids import uuid7
from kit.many import insert_many
from kit.text import email_key
from merchants.models import Merchant
from referral_saas.dashboard.paths import public
from tests.cast import World, at_work


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


def many_customers(world: World, count: int) -> None:
    """So many that they need more than one page, and more than one part of a file."""
    emails = [f"c{number:05}@many.example" for number in range(count)]
    with at_work(world.merchant) as now:
        each = {
            "id": [uuid7() for _ in emails],
            "email": emails,
            "email_key": [email_key(email) for email in emails],
            "created_at": [now - timedelta(seconds=number // 3) for number in range(count)],
        }
        insert_many(Customer, same={"source": "IMPORT"}, each=each)


def shown_ids(client: Any, address: str) -> list[str]:
    """Every row that the list shows, page by page."""
    found = []
    while address:
        page = client.get(address).context["page"]
        found += [public(row) for row in page.rows]
        address = page.next_url
    return found
