"""When each periodic job last ran."""

from __future__ import annotations

from datetime import datetime

from bot.store.database import Store


def last_run(store: Store, job: str) -> datetime | None:
    """The moment it last ran (UTC), or None."""
    rows = store.rows("SELECT last_run_at FROM schedule_runs WHERE job = ?", (job,))
    return datetime.fromisoformat(rows[0]["last_run_at"]) if rows else None


def ran(store: Store, job: str, at: datetime) -> None:
    """Write down that it ran."""
    store.write("INSERT OR REPLACE INTO schedule_runs (job, last_run_at) VALUES (?, ?)", (job, at.isoformat()))
