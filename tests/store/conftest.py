"""An empty database for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.database import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "passerelle.db")
    yield opened
    opened.close()
