"""What time it is. Nothing else in the service reads the system's clock, so that tests and the sandbox can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
"""The zone in which people read times; times are stored in UTC."""


class Clock(Protocol):
    """Tells the time, aware, in UTC."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """The machine's clock moved by an offset that may grow: the sandbox's."""

    def __init__(self, offset: Callable[[], timedelta]) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """The present moment of the sandbox in UTC."""
        return datetime.now(UTC) + self._offset()


class FixedClock:
    """Always the same moment, until told otherwise: `tick --at` and the tests."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was given, in UTC."""
        return self.at


def paris_day(moment: datetime) -> str:
    """The day a person in Metz reads, ISO 8601."""
    return moment.astimezone(PARIS).date().isoformat()
