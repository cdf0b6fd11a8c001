"""Rows of the outbox."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.store.database import Store


@dataclass(frozen=True)
class Waiting:
    """A message that is due."""

    id: int
    channel: str
    recipient: str
    payload: dict[str, Any]
    attempts: int


def add(store: Store, key: str, channel: str, recipient: str, payload: dict[str, Any], now: datetime) -> bool:
    """Write a message down, inside the transaction of its cause; False when this key is already there."""
    added = store.insert(
        "INSERT OR IGNORE INTO outbox (key, channel, recipient, payload, created_at, next_try_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (key, channel, recipient, json.dumps(payload, ensure_ascii=False), now.isoformat(), now.isoformat()),
    )
    return added is not None


def due(store: Store, now: datetime, limit: int) -> list[Waiting]:
    """What may be sent now, oldest first."""
    rows = store.rows(
        "SELECT id, channel, recipient, payload, attempts FROM outbox "
        "WHERE outcome IS NULL AND next_try_at <= ? ORDER BY id LIMIT ?",
        (now.isoformat(), limit),
    )
    return [Waiting(r["id"], r["channel"], r["recipient"], json.loads(r["payload"]), r["attempts"]) for r in rows]


def end(store: Store, row_id: int, outcome: str, now: datetime, error: str | None = None) -> None:
    """Say how it ended (sent, refused, gave-up) and forget the words."""
    store.write(
        "UPDATE outbox SET outcome = ?, error = ?, ended_at = ?, payload = NULL, attempts = attempts + 1 WHERE id = ?",
        (outcome, error, now.isoformat(), row_id),
    )


def postpone(store: Store, row_id: int, next_try: datetime, error: str) -> None:
    """Try again later."""
    store.write(
        "UPDATE outbox SET attempts = attempts + 1, next_try_at = ?, error = ? WHERE id = ?",
        (next_try.isoformat(), error, row_id),
    )


def purge(store: Store, ended_before: datetime) -> int:
    """Delete what ended long ago; how many rows."""
    return store.write("DELETE FROM outbox WHERE ended_at < ?", (ended_before.isoformat(),))
