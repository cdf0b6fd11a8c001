"""Every periodic job, a row each."""

from __future__ import annotations

from bot.outbox import Outbox
from bot.retention import Retention
from schedules import Job, nightly


def jobs(outbox: Outbox, retention: Retention) -> tuple[Job, ...]:
    """The table."""
    return (
        Job("send-outbox", None, outbox.send_due),
        Job("forget", nightly(3, 30), retention.forget),
    )
