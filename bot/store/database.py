"""The SQLite file: opening it, its migrations, and the one way to write.

One connection, used by one thread. A transaction begins immediate, so that reading then writing never meets
"database is locked" half-way, and it must not contain `await`: another coroutine's write would join it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.store.migrations import MIGRATIONS

BUSY_MILLISECONDS = 5000
"""How long a write waits for another process (a backup, a command) before it fails."""


class StoreError(Exception):
    """The database cannot be used; the text says why and what to do, in French."""


class Store:
    """The open database. Statements outside `transaction()` commit by themselves."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._folded = -1
        self.database = Database(connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together or not at all. Never `await` inside."""
        if self._connection.in_transaction:
            raise RuntimeError("a transaction is already open: transactions do not nest")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def rows(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        cursor = self._connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def write(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> int:
        """Run one writing statement; how many rows it touched."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> int | None:
        """Run one INSERT; the new row's id, or None when a conflict was ignored."""
        cursor = self._connection.execute(sql, values)
        return cursor.lastrowid if cursor.rowcount > 0 else None

    def fold(self) -> bool:
        """Fold the write-ahead log into the file if anything was written: what was deleted stands there until then."""
        changes = self._connection.total_changes
        if changes == self._folded:
            return False
        # A reader (a backup) may stand in the way: it is tried again later, nobody waits for it.
        self._connection.execute("PRAGMA busy_timeout = 0")
        (busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        self._folded = self._folded if busy else changes
        return not busy

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


def open_store(path: Path) -> Store:
    """Open the database, making the folder, the file and the latest schema when needed.

    Raises StoreError when the folder or the file cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)
        _configure(connection)
        MIGRATIONS.apply(Database(connection))
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"La base {path} ne s'ouvre pas ({error}). Vérifiez le dossier, ses droits et la place sur le disque ; "
            "si le fichier est abîmé, reprenez la dernière sauvegarde."
        ) from error
    return Store(connection)


def _configure(connection: sqlite3.Connection) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
