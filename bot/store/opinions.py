"""👍 and 👎 on fiches, without who gave them."""

from __future__ import annotations

from bot.store.database import Store


def add(store: Store, cause: str, fiche: str, useful: bool, reason: str | None, day: str) -> bool:
    """Count an opinion once per cause; False when it was already counted."""
    added = store.insert(
        "INSERT OR IGNORE INTO opinions (cause, fiche, useful, reason, day) VALUES (?, ?, ?, ?, ?)",
        (cause, fiche, int(useful), reason, day),
    )
    return added is not None


def purge(store: Store, before_day: str) -> int:
    """Delete the opinions of days before this one; how many."""
    return store.write("DELETE FROM opinions WHERE day < ?", (before_day,))
