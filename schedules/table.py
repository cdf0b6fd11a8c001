"""Every periodic job, a row each."""

from __future__ import annotations

from collections.abc import Callable

from bot.outbox import Outbox
from bot.retention import Retention
from schedules import Job, every, nightly


def jobs(outbox: Outbox, retention: Retention, refresh_official: Callable[[], object]) -> tuple[Job, ...]:
    """The table."""

    async def official() -> None:
        refresh_official()

    return (
        Job("send-outbox", None, outbox.send_due),
        Job("fold", None, retention.fold),
        Job("official-fiches", every(60), official),
        Job("forget", nightly(3, 30), retention.forget),
    )
