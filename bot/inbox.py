"""One way in: every update is written down before it is handled, and handled until it is answered.

Updates of one chat are handled in order, chats side by side. A restart takes up what was left. What fails
because Telegram does is tried again with growing pauses; what fails by itself three times is set aside.
"""

from __future__ import annotations

import asyncio
import bisect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.clock import Clock
from bot.store import inbox as rows
from bot.store.database import Store
from bot.store.inbox import RawUpdate, Received

log = logging.getLogger(__name__)

SLOTS = 32
"""Chats handled side by side: measured best with replies of 50 ms (design, decision 2)."""
PATIENCE_SECONDS = 1.0
"""A chat slower than this no longer counts among the slots, so that a slow send delays nobody else."""
FAILURES = 3
"""After so many failures of its own an update is set aside."""
LONGEST_PAUSE_SECONDS = 60.0
FLUSH_SECONDS = 0.02
FLUSH_ROWS = 64
"""Handled updates are marked in batches: a crash before the batch only makes a reply come twice."""


class TryLater(Exception):
    """The outside world failed, not the update: it is tried again and never set aside."""

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        """Seconds asked for by Telegram, if it said."""


class Unreadable(Exception):
    """The update has no sense, today or tomorrow: it is set aside at once."""


Handle = Callable[[Received], Awaitable[None]]
SetAside = Callable[[Received, Exception], None]
"""Called in the transaction that sets an update aside: what it writes to the outbox is as sure as the rest."""


class Inbox:
    """Receives updates, writes them down, hands each to `handle` in the order of its chat."""

    def __init__(self, store: Store, clock: Clock, handle: Handle, on_set_aside: SetAside) -> None:
        self._store = store
        self._clock = clock
        self._handle = handle
        self._on_set_aside = on_set_aside
        self._lanes: dict[str, list[Received]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(SLOTS)
        self._done: list[int] = []
        self._flush: asyncio.TimerHandle | None = None
        self._stopping = False

    def __len__(self) -> int:
        """How many updates wait or are being handled."""
        return sum(len(lane) for lane in self._lanes.values())

    def receive(self, updates: Sequence[RawUpdate]) -> None:
        """Write updates down, then have them handled. Once this returns nothing of them can be lost."""
        for received in rows.add(self._store, updates, self._clock.now()):
            self._enqueue(received)

    def recover(self) -> int:
        """Take up what a stop or a crash left; how many."""
        left = rows.waiting(self._store)
        for received in left:
            self._enqueue(received)
        return len(left)

    async def stop(self, grace_seconds: float) -> None:
        """Let what is being handled finish within the grace; the rest stays written down for the next start."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._write_done()

    async def idle(self) -> None:
        """Return when nothing waits; for tests and orderly ends."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        self._write_done()

    def _enqueue(self, received: Received) -> None:
        name = lane_of(received.update)
        lane = self._lanes.get(name)
        if lane is None:
            self._lanes[name] = [received]
            task = asyncio.create_task(self._run_lane(name))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            # A webhook may deliver one chat's updates out of order; the first is already being handled.
            bisect.insort(lane, received, lo=1, key=_order)

    async def _run_lane(self, name: str) -> None:
        lane = self._lanes[name]
        try:
            while lane and not self._stopping:
                await self._handle_in_slot(lane[0])
                lane.pop(0)
        finally:
            del self._lanes[name]

    async def _handle_in_slot(self, received: Received) -> None:
        growing = 0.5
        while True:
            pause = growing
            slot = await _Slot.taken_from(self._slots)
            try:
                await self._handle(received)
            except TryLater as later:
                growing = min(growing * 2, LONGEST_PAUSE_SECONDS)
                pause = later.retry_after or growing
            except Exception as error:
                if self._count_failure(received, error):
                    return
            else:
                self._finish(received)
                return
            finally:
                slot.free()
            await asyncio.sleep(pause)

    def _count_failure(self, received: Received, error: Exception) -> bool:
        """True when the update is set aside."""
        failures = rows.fail(self._store, received.id, type(error).__name__)
        if failures < FAILURES and not isinstance(error, Unreadable):
            log.warning("update failed", extra={"row": received.id, "failures": failures}, exc_info=error)
            return False
        with self._store.transaction():
            rows.set_aside(self._store, received.id, shape_of(received.update), self._clock.now())
            self._on_set_aside(received, error)
        return True

    def _finish(self, received: Received) -> None:
        self._done.append(received.id)
        if len(self._done) >= FLUSH_ROWS:
            self._write_done()
        elif self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._write_done)

    def _write_done(self) -> None:
        if self._flush:
            self._flush.cancel()
            self._flush = None
        if self._done:
            ids, self._done = self._done, []
            rows.finish(self._store, ids, self._clock.now())


class _Slot:
    """A place among the chats handled side by side, given back at the end or when the chat proves slow."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots: asyncio.Semaphore | None = slots
        self._timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self.free)

    @classmethod
    async def taken_from(cls, slots: asyncio.Semaphore) -> _Slot:
        await slots.acquire()
        return cls(slots)

    def free(self) -> None:
        if self._slots is not None:
            self._timer.cancel()
            self._slots.release()
            self._slots = None


def _order(received: Received) -> int:
    number = received.update.get("update_id")
    return number if isinstance(number, int) else received.id


def lane_of(update: RawUpdate) -> str:
    """What must stay in order: the chat; for inline queries the person; for anything else the update itself."""
    for kind, body in update.items():
        if kind == "update_id" or not isinstance(body, dict):
            continue
        message = body.get("message") if kind == "callback_query" else body
        chat = message.get("chat") if isinstance(message, dict) else None
        if isinstance(chat, dict) and "id" in chat:
            return f"chat:{chat['id']}"
        person = body.get("from")
        if isinstance(person, dict) and "id" in person:
            return f"{kind}:{person['id']}"
    return f"update:{update.get('update_id')}"


def shape_of(value: Any) -> Any:
    """An update with every text replaced by its length: enough to understand a failure, nothing a person wrote."""
    if isinstance(value, dict):
        return {key: shape_of(child) for key, child in value.items()}
    if isinstance(value, list):
        return [shape_of(child) for child in value]
    return f"<{len(value)} caractères>" if isinstance(value, str) else value
