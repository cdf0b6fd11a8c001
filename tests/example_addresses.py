"""The example's address files as the store hands them back."""

import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import KNOWLEDGE
from bot.store import addresses
from bot.store.database import open_store
from knowledge.address_records import Records

FILES = KNOWLEDGE / "exemple" / "patrimoine"


def example_records() -> Records:
    """Imported through a database of its own; contacts left out, so that only the open files speak."""
    with tempfile.TemporaryDirectory() as folder, closing(open_store(Path(folder) / "p.db")) as store:
        names = ["locaux-57-exemple.txt", "ban-57-exemple.csv", "bailleurs.csv", "qpv.geojson"]
        addresses.replace(store, [FILES / n for n in names], datetime(2026, 1, 1, tzinfo=UTC), lambda done: None)
        found = addresses.records(store)
        return Records(
            tuple(found.homes), tuple(found.points), found.bailleurs, (), found.perimeters, tuple(found.social)
        )
