"""The periodic jobs: name, when, what. One heartbeat asks each row's trigger what is due; decisions are in bot/.

APScheduler's own clock cannot be moved and its memory ends with the process. So it only beats; whether a row is due
is asked of its trigger from the last run that is written down and the service's clock.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import PARIS, Clock
from bot.store import schedules as rows
from bot.store.database import Store

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 1


@dataclass(frozen=True)
class Job:
    """A periodic job; `run` must do no harm when it runs twice. Without a trigger it runs at every beat."""

    name: str
    trigger: BaseTrigger | None
    run: Callable[[], Awaitable[object]]


def nightly(hour: int, minute: int = 0) -> CronTrigger:
    """Every night at this time of Paris; give a time outside 2:00-3:00, which comes twice in autumn."""
    return CronTrigger(hour=hour, minute=minute, timezone=PARIS)


def every(seconds: int) -> IntervalTrigger:
    """Again and again."""
    return IntervalTrigger(seconds=seconds, timezone=PARIS)


class Schedule:
    """The jobs and their beat."""

    def __init__(self, store: Store, clock: Clock, jobs: tuple[Job, ...]) -> None:
        self._store = store
        self._clock = clock
        self._jobs = jobs
        self._scheduler = AsyncIOScheduler(timezone=PARIS)

    def start(self) -> None:
        """Begin to beat, in the running loop."""
        beat = IntervalTrigger(seconds=HEARTBEAT_SECONDS)
        self._scheduler.add_job(self.beat, beat, coalesce=True, max_instances=1, misfire_grace_time=None)
        self._scheduler.start()

    def stop(self) -> None:
        """Beat no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def beat(self) -> list[str]:
        """Run what is due; the names of what ran. A job that fails is told and runs again at its next time."""
        now = self._clock.now()
        ran = []
        for job in self._jobs:
            if not self._is_due(job, now):
                continue
            try:
                await job.run()
            except Exception as error:
                log.error("job failed", extra={"job": job.name}, exc_info=error)
            if job.trigger:
                rows.ran(self._store, job.name, now)
            ran.append(job.name)
        return ran

    def _is_due(self, job: Job, now: datetime) -> bool:
        if job.trigger is None:
            return True
        last = rows.last_run(self._store, job.name)
        if last is None:
            return True
        following = job.trigger.get_next_fire_time(last, last)
        return following is not None and following <= now
