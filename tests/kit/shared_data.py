"""Published lists and vectors by others, used where a folder with them is named; without it these checks skip."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("SHARED_DATA_DIR") or Path(__file__).parents[3] / "shared" / "data")


def shared_file(name: str) -> Path:
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{name} is not there: name a folder that has it in SHARED_DATA_DIR")
    return path


def shared_json(name: str) -> Any:
    return json.loads(shared_file(name).read_text(encoding="utf-8"))


def rows_of_csv(name: str) -> list[dict[str, str]]:
    with shared_file(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
