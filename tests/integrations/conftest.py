from __future__ import annotations

import pytest

from tests.cast import workspace_of
from tests.integrations.shop import Shop, connected


@pytest.fixture
def shop(db: None) -> Shop:
    return connected(workspace_of("alice@nordlicht.example", "Nordlicht Kaffee"))
