"""The official fiches in force, replaced as one by each import."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Store, StoreError
from knowledge.official import OfficialFiche, Reading, Refusal

REFUSALS_KEPT = 20
"""Refusals told one by one; the others are only counted."""
_COLUMNS = "id, title, summary, url, date, theme, keywords"


@dataclass(frozen=True)
class Import:
    """The last import that went through."""

    source: str
    imported_at: datetime
    rows: int
    refused: int


@dataclass(frozen=True)
class Replaced:
    """What came of reading a set: rows in force (0: nothing was replaced), how many refused, the first of them."""

    rows: int
    refused: int
    refusals: tuple[Refusal, ...]


class Staging:
    """A set being gathered. It lives in a temporary table of this connection: the database is not locked meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rows = 0

    def add(self, fiche: OfficialFiche, name: str) -> Refusal | None:
        """Keep a fiche; of two with the same id the newest stays and the other is refused."""
        known = self._store.rows("SELECT name, date FROM temp.official_staging WHERE id = ?", (fiche.id,))
        if known and known[0]["date"] >= fiche.date:
            return _duplicate(fiche.id, name, known[0]["name"])
        self._store.write(
            f"INSERT OR REPLACE INTO temp.official_staging ({_COLUMNS}, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (fiche.id, fiche.title, fiche.summary, fiche.url, fiche.date, fiche.theme, "\n".join(fiche.keywords), name),
        )
        self.rows += not known
        return _duplicate(fiche.id, known[0]["name"], name) if known else None

    def put_in_force(self, source: str, refused: int, now: datetime) -> None:
        """Replace the set in force by this one, in one transaction."""
        with self._store.transaction():
            self._store.write("DELETE FROM official_fiches")
            self._store.write(
                f"INSERT INTO official_fiches ({_COLUMNS}) SELECT {_COLUMNS} FROM temp.official_staging"  # noqa: S608
            )
            self._store.write(
                "INSERT INTO official_imports (source, imported_at, rows, refused) VALUES (?, ?, ?, ?)",
                (source, now.isoformat(), self.rows, refused),
            )


@contextmanager
def staging(store: Store) -> Iterator[Staging]:
    """Room to gather a set; what is not put in force is dropped.

    Raises StoreError when the database or the disk refuses.
    """
    try:
        store.write("DROP TABLE IF EXISTS temp.official_staging")
        store.write(f"CREATE TEMP TABLE official_staging ({_COLUMNS}, name, PRIMARY KEY (id))")
        try:
            yield Staging(store)
        finally:
            store.write("DROP TABLE IF EXISTS temp.official_staging")
    except sqlite3.Error as error:
        raise StoreError(
            f"La base refuse les fiches ({error}). Vérifiez la place sur le disque puis recommencez ; "
            "les fiches d'avant restent en service."
        ) from error


def replace(
    store: Store, readings: Iterable[Reading], source: str, now: datetime, advance: Callable[[float], None]
) -> Replaced:
    """Put a set in force once all of it was read; when reading it raises, or it is empty, the one before stays.

    `advance` is told how much was read, 0 to 1. Raises StoreError, and whatever reading raises.
    """
    refusals: list[Refusal] = []
    refused = 0
    with staging(store) as room:
        for reading in readings:
            refusal = room.add(reading.fiche, reading.name) if reading.fiche else reading.refusal
            refused += refusal is not None
            if refusal and len(refusals) < REFUSALS_KEPT:
                refusals.append(refusal)
            advance(reading.done)
        if room.rows:
            room.put_in_force(source, refused, now)
        return Replaced(room.rows, refused, tuple(refusals))


def all(store: Store) -> list[OfficialFiche]:
    """Every fiche in force."""
    rows = store.rows(f"SELECT {_COLUMNS} FROM official_fiches ORDER BY id")  # noqa: S608
    return [OfficialFiche(**{**row, "keywords": tuple(filter(None, row["keywords"].split("\n")))}) for row in rows]


def last_import(store: Store) -> Import | None:
    """When the set in force came, and from where; None before the first import."""
    rows = store.rows("SELECT source, imported_at, rows, refused FROM official_imports ORDER BY id DESC LIMIT 1")
    if not rows:
        return None
    row = rows[0]
    return Import(row["source"], datetime.fromisoformat(row["imported_at"]), row["rows"], row["refused"])


def _duplicate(fiche_id: str, left_out: str, kept: str) -> Refusal:
    return Refusal(left_out, f"la fiche {fiche_id} est aussi dans {kept}, gardée car plus récente ou lue d'abord")
