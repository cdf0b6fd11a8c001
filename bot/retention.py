"""How long things are kept, and the nightly forgetting."""

from __future__ import annotations

from datetime import timedelta

from bot.clock import Clock, paris_day
from bot.store import inbox, opinions, outbox, questions
from bot.store.database import Store

HANDLED_UPDATES = timedelta(days=2)
"""Only the number of an update, so that a repeat is known: Telegram repeats within a day."""
SET_ASIDE = timedelta(days=30)
"""As long as logs: the operator needs time to look."""
ENDED_MESSAGES = timedelta(days=30)
WITHOUT_IDENTITY = timedelta(days=365)
"""Handed questions and opinions, which name nobody."""


class Retention:
    """Forgets what is past its time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def forget(self) -> int:
        """Delete what is past its time; how many rows went."""
        now = self._clock.now()
        return (
            inbox.purge(self._store, now - HANDLED_UPDATES, now - SET_ASIDE)
            + outbox.purge(self._store, now - ENDED_MESSAGES)
            + questions.purge(self._store, now, now - WITHOUT_IDENTITY)
            + opinions.purge(self._store, paris_day(now - WITHOUT_IDENTITY))
        )

    async def fold(self) -> bool:
        """Let nothing that was deleted stand in the write-ahead log; True when there was something to fold."""
        return self._store.fold()
