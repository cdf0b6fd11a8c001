"""One way out: every message that is not a direct reply is written with its cause, then sent until its end is known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.channels import Channel, Refused, Unavailable
from bot.clock import Clock
from bot.store import outbox as rows
from bot.store.database import Store
from bot.store.outbox import Waiting

log = logging.getLogger(__name__)

PAUSES = (5, 15, 60, 300, 900, 3600)
"""Seconds before the next try; the last one repeats."""
GIVE_UP_AFTER = 60
"""Tries: about two days of silence from the other side."""
BATCH = 100


class Outbox:
    """Enqueues inside the transaction of the cause; sends later, oldest first."""

    def __init__(self, store: Store, clock: Clock, channels: Mapping[str, Channel]) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._sending = asyncio.Lock()

    def enqueue(self, key: str, channel: str, recipient: str, payload: dict[str, Any]) -> bool:
        """Write a message down. `key` names the cause, the recipient and the kind: the same key is sent once."""
        return rows.add(self._store, key, channel, recipient, payload, self._clock.now())

    async def send_due(self) -> int:
        """Send everything that is due; how many went out."""
        sent = 0
        async with self._sending:
            while batch := rows.due(self._store, self._clock.now(), BATCH):
                for waiting in batch:
                    sent += await self._send(waiting)
        return sent

    async def _send(self, waiting: Waiting) -> bool:
        try:
            await self._channels[waiting.channel].send(waiting.recipient, waiting.payload)
        except Refused as refused:
            rows.end(
                self._store, waiting.id, "blocked" if refused.blocked else "refused", self._clock.now(), refused.reason
            )
            return False
        except Unavailable as unavailable:
            self._postpone(waiting, unavailable)
            return False
        except Exception as error:
            # A fault of ours in one message must not stand in front of all the others.
            log.error("message failed", extra={"row": waiting.id}, exc_info=error)
            self._postpone(waiting, Unavailable(type(error).__name__))
            return False
        rows.end(self._store, waiting.id, "sent", self._clock.now())
        return True

    def _postpone(self, waiting: Waiting, unavailable: Unavailable) -> None:
        if waiting.attempts + 1 >= GIVE_UP_AFTER:
            log.error("message given up", extra={"row": waiting.id, "reason": unavailable.reason})
            rows.end(self._store, waiting.id, "gave-up", self._clock.now(), unavailable.reason)
            return
        pause = unavailable.retry_after or PAUSES[min(waiting.attempts, len(PAUSES) - 1)]
        rows.postpone(self._store, waiting.id, self._clock.now() + timedelta(seconds=pause), unavailable.reason)
