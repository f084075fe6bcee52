"""Everything of a workspace in one archive: every table, every row, whole, and nothing that opens a door."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from zipfile import ZipFile

import pytest
from django.apps import apps

from advocates.models import Customer
from exports import steps
from exports.archive import archive_of, rows_in
from exports.models import PART, Export, ExportPart
from kit.csvio import write_table
from merchants.models import Event, Role, TenantModel
from privacy.takeout import BUNDLES, LEFT_OUT, SECRET, fields_of
from referral_saas.dashboard.paths import public
from tests.cast import at_work, member
from tests.dashboard.desk import base, owner, signed_in
from tests.once import for_a_file
from tests.rewards.cash import Till, a_till
from tests.rows import rows_of

pytestmark = pytest.mark.django_db


@dataclass
class Taken:
    """A workspace, how many rows it had, and its archive."""

    till: Till
    before: dict[str, int]
    export: Export
    bytes: bytes
    left_over: int

    @property
    def archive(self) -> ZipFile:
        return ZipFile(io.BytesIO(self.bytes))


def a_taken() -> Taken:
    till = a_till()
    till.earn(2000)
    till.make()
    with at_work(till.world.merchant) as now:
        names = ['Zoë, "Z"', *["=1+1"] * (PART + 4)]
        told = {"source": "IMPORT", "created_at": now}
        people = [{"email": f"c{n}@shop.example", "name": name} for n, name in enumerate(names)]
        Customer.objects.bulk_create(Customer(**told, **one, email_key=one["email"]) for one in people)
    before = rows_of(till.world.merchant)
    client = owner(till.world)
    client.post(f"{base(till.world)}/exports/everything")
    for _ in range(4):  # and then whoever did it dies
        steps.go_on(till.world.merchant.tenant_ref(), till.world.merchant)
    with at_work(till.world.merchant):
        left_over = ExportPart.objects.filter(body=None).count()
    steps.sweep(till.world.merchant.tenant_ref())
    with at_work(till.world.merchant):
        export = Export.objects.get()
    file = client.get(f"{base(till.world)}/exports/{public(export)}/file")
    assert file.headers["Content-Type"] == "application/zip"
    return Taken(till, before, export, b"".join(file.streaming_content), left_over)


built, taken = for_a_file(a_taken)


def test_every_row_of_every_table_is_in_it_and_the_manifest_says_so(taken):
    before, export, archive = taken.before, taken.export, taken.archive
    assert archive.testzip() is None
    assert taken.left_over > 10
    manifest = json.loads(archive.read("manifest.json"))
    told = {one["name"]: one["rows"] for one in manifest["files"]}
    here = {
        f"{model._meta.app_label}_{model._meta.model_name}.csv": before[model._meta.label]
        for model in apps.get_models()
        if issubclass(model, TenantModel) and model._meta.label not in LEFT_OUT
    }
    here["merchants_event.csv"] += 1  # that it was asked for
    assert {name: rows for name, rows in told.items() if name in here} == here
    assert told["merchants_membership.csv"] == 1
    assert told["advocates_customer.csv"] > PART
    assert export.lines == manifest["rows"] == sum(told.values())
    for one in manifest["files"]:
        body = archive.read(one["name"])
        assert (len(body), hashlib.sha256(body).hexdigest()) == (one["bytes"], one["sha256"])
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
        assert len(rows) == one["rows"] + 1
        assert {len(row) for row in rows} == {len(rows[0])}
    assert "rewards_ledgerentry.csv" in archive.read("README.txt").decode()


def test_what_people_typed_comes_back_as_typed_and_runs_nothing(taken):
    archive = taken.archive
    rows = csv.DictReader(io.StringIO(archive.read("advocates_customer.csv").decode("utf-8-sig"), newline=""))
    names = {row["name"] for row in rows}
    assert {'Zoë, "Z"', "'=1+1"} <= names


def test_nothing_in_it_opens_a_door(taken):
    archive = taken.archive
    for model in apps.get_models():
        for name in SECRET.get(model._meta.label, ()):
            assert name in {field.name for field in model._meta.concrete_fields}
            assert name not in fields_of(model)
    columns = {
        column
        for name in archive.namelist()
        if name.endswith(".csv")
        for column in archive.read(name).decode("utf-8-sig").partition("\r\n")[0].split(",")
    }
    suspicious = {"sealed", "secret", "password", "key_hash", "hook_token", "credentials", "fingerprint", "digest"}
    assert columns & suspicious == {"digest"}  # of what the shop told of an order


def test_every_table_that_is_left_out_is_there_and_says_why():
    known = {model._meta.label for model in apps.get_models()}
    assert set(LEFT_OUT) | set(SECRET) <= known
    assert all(LEFT_OUT.values())


def test_only_an_owner_asks_and_the_log_says_so(taken):
    till = taken.till
    admin = signed_in(member(till.world.merchant, "adam@nordlicht.example", Role.ADMIN))
    assert admin.post(f"{base(till.world)}/exports/everything").status_code == 404
    with at_work(till.world.merchant):
        asked = Event.objects.filter(code__startswith="export.").order_by("seq").values_list("code", "data__list")
        assert list(asked) == [("export.asked", "everything"), ("export.ready", "everything")]


def test_the_file_is_never_whole_in_memory(taken):
    ref = taken.till.world.merchant.tenant_ref()
    pieces = archive_of(ref, taken.export, readme=BUNDLES["everything"].readme())
    sizes = [len(piece) for piece in pieces]
    assert len(sizes) > len(taken.archive.namelist())
    assert max(sizes) < sum(sizes) // 2


def test_a_long_cell_keeps_nobody_from_their_archive():
    rows = [["a" * 200_000, 'said "no"\r\n"'], ["\r\n", '"'], ["", ""]]
    assert rows_in(write_table(["x", "y"], rows).encode()) == 1 + 3
