"""Rows of the inbox."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.store.database import Store

RawUpdate = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """An update that is written down and waits to be handled."""

    id: int
    update: RawUpdate
    attempts: int = 0


def add(store: Store, updates: Sequence[RawUpdate], now: datetime) -> list[Received]:
    """Write the new ones down in one transaction; those already known are left out."""
    added = []
    with store.transaction():
        for update in updates:
            # Plain ASCII: half an emoji (a lone surrogate) cannot be written as UTF-8, and must not stop its batch.
            payload = json.dumps(update, separators=(",", ":"))
            row = store.insert(
                "INSERT OR IGNORE INTO inbox (update_id, digest, payload, received_at) VALUES (?, ?, ?, ?)",
                (
                    _update_id(update),
                    hashlib.blake2b(payload.encode(), digest_size=8).hexdigest(),
                    payload,
                    now.isoformat(),
                ),
            )
            if row is not None:
                added.append(Received(row, update))
    return added


def waiting(store: Store) -> list[Received]:
    """What was received and not handled, in order: what a restart takes up again."""
    rows = store.rows(
        "SELECT id, payload, attempts FROM inbox WHERE done_at IS NULL AND set_aside_at IS NULL ORDER BY id"
    )
    return [Received(row["id"], json.loads(row["payload"]), row["attempts"]) for row in rows]


def finish(store: Store, ids: Sequence[int], now: datetime) -> None:
    """Forget what these said; remember that they came."""
    with store.transaction():
        for row_id in ids:
            store.write("UPDATE inbox SET payload = NULL, done_at = ? WHERE id = ?", (now.isoformat(), row_id))


def fail(store: Store, row_id: int, error: str) -> int:
    """Count a failure; how many there were."""
    with store.transaction():
        store.write("UPDATE inbox SET attempts = attempts + 1, error = ? WHERE id = ?", (error, row_id))
        return int(store.rows("SELECT attempts FROM inbox WHERE id = ?", (row_id,))[0]["attempts"])


def set_aside(store: Store, row_id: int, shape: RawUpdate, now: datetime) -> None:
    """Stop trying; keep only the shape of the update, without what the person wrote."""
    store.write(
        "UPDATE inbox SET payload = ?, set_aside_at = ? WHERE id = ?", (json.dumps(shape), now.isoformat(), row_id)
    )


def purge(store: Store, done_before: datetime, set_aside_before: datetime) -> int:
    """Delete what is no longer needed; how many rows."""
    return store.write(
        "DELETE FROM inbox WHERE done_at < ? OR set_aside_at < ?",
        (done_before.isoformat(), set_aside_before.isoformat()),
    )


def _update_id(update: RawUpdate) -> int:
    """Telegram's number, or -1 for a malformed update: its digest then tells it from others."""
    number = update.get("update_id")
    return number if isinstance(number, int) and abs(number) < 2**63 else -1
