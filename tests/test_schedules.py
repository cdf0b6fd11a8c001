"""The beat: each job runs at its time, once, whatever the clock does."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from bot.clock import PARIS, FixedClock
from bot.store import schedules as rows
from bot.store.database import Store, open_store
from schedules import Job, Schedule, every, nightly
from schedules.table import jobs

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "passerelle.db")
    yield opened
    opened.close()


class House:
    """A schedule of one job, and the moments in Paris at which it ran."""

    def __init__(self, store: Store, job: Job | None = None, at: datetime = NOON) -> None:
        self.clock = FixedClock(at)
        self.ran: list[datetime] = []
        trigger = job.trigger if job else nightly(3, 30)
        self.job = Job("forget", trigger, self._run)
        self.schedule = Schedule(store, self.clock, (self.job,))

    async def _run(self) -> None:
        self.ran.append(self.clock.now().astimezone(PARIS))

    async def live(self, hours: float, step_minutes: int = 10) -> None:
        """Beat as time goes by."""
        for _ in range(int(hours * 60 / step_minutes)):
            self.clock.at += timedelta(minutes=step_minutes)
            await self.schedule.beat()


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS)  # type: ignore[misc,arg-type]


async def test_a_job_that_never_ran_runs_at_the_first_beat_and_not_at_the_next(store: Store) -> None:
    house = House(store)
    assert await house.schedule.beat() == ["forget"]
    assert await house.schedule.beat() == []
    assert rows.last_run(store, "forget") == NOON


async def test_a_nightly_job_runs_every_night_at_its_time_in_paris(store: Store) -> None:
    rows.ran(store, "forget", NOON)
    house = House(store)
    await house.live(24 * 5)
    assert [(m.day, m.hour, m.minute) for m in house.ran] == [(d, 3, 30) for d in (2, 3, 4, 5, 6)]


@pytest.mark.parametrize("start", [datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC)])
@pytest.mark.parametrize("minute", [0, 30])
async def test_when_the_clocks_change_a_nightly_job_still_runs_once_a_night(
    store: Store, start: datetime, minute: int
) -> None:
    """29 March 2026 has 23 hours, 25 October 2026 has 25."""
    rows.ran(store, "forget", start)
    house = House(store, Job("forget", nightly(3, minute), lambda: None), start)  # type: ignore[arg-type,return-value]
    await house.live(24 * 4)
    days = [m.date() for m in house.ran]
    assert len(days) == len(set(days)) == 4
    assert {(m.hour, m.minute) for m in house.ran} == {(3, minute)}


async def test_the_last_run_outlives_a_restart(store: Store) -> None:
    await House(store).schedule.beat()
    again = House(store, at=NOON + timedelta(hours=3))
    assert await again.schedule.beat() == []


async def test_after_a_week_of_sleep_a_job_runs_once_and_not_seven_times(store: Store) -> None:
    rows.ran(store, "forget", NOON)
    house = House(store, at=NOON + timedelta(days=7))
    assert await house.schedule.beat() == ["forget"]
    assert await house.schedule.beat() == []


async def test_a_clock_moved_forward_makes_due_what_lies_between(store: Store) -> None:
    """The sandbox's clock jumps from one minute before to one minute after."""
    rows.ran(store, "forget", NOON)
    house = House(store, at=paris(2026, 3, 2, 3, 29))
    assert await house.schedule.beat() == []
    house.clock.at = paris(2026, 3, 2, 3, 31).astimezone(UTC)
    assert await house.schedule.beat() == ["forget"]


async def test_a_clock_moved_back_does_not_run_a_job_twice(store: Store) -> None:
    house = House(store)
    await house.schedule.beat()
    house.clock.at -= timedelta(days=2)
    assert await house.schedule.beat() == []
    house.clock.at = NOON + timedelta(days=1)
    assert await house.schedule.beat() == ["forget"]


async def test_a_job_that_fails_is_told_lets_the_others_run_and_waits_for_its_next_time(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    ran = []

    async def fail() -> None:
        ran.append("bad")
        raise ValueError("un secret")

    async def work() -> None:
        ran.append("good")

    clock = FixedClock(NOON)
    schedule = Schedule(store, clock, (Job("bad", nightly(3), fail), Job("good", nightly(3), work)))
    with caplog.at_level(logging.ERROR, logger="schedules"):
        assert await schedule.beat() == ["bad", "good"]
        assert await schedule.beat() == []
    assert [(r.message, r.job) for r in caplog.records] == [("job failed", "bad")]  # type: ignore[attr-defined]
    clock.at += timedelta(days=1)
    await schedule.beat()
    assert ran == ["bad", "good"] * 2


async def test_a_job_without_a_time_runs_at_every_beat(store: Store) -> None:
    house = House(store, Job("x", None, lambda: None))  # type: ignore[arg-type,return-value]
    for _ in range(3):
        assert await house.schedule.beat() == ["forget"]
    assert len(house.ran) == 3


async def test_an_interval_is_counted_from_the_last_run(store: Store) -> None:
    rows.ran(store, "forget", NOON)
    house = House(store, Job("x", every(3600), lambda: None), NOON)  # type: ignore[arg-type,return-value]
    await house.live(5.2)
    assert len(house.ran) == 5


async def test_it_starts_and_stops_and_stopping_twice_does_no_harm(store: Store) -> None:
    schedule = House(store).schedule
    schedule.start()
    schedule.stop()
    schedule.stop()


def test_every_job_of_the_table_has_a_name_of_its_own_outside_the_hour_that_comes_twice() -> None:
    table = jobs(MagicMock(), MagicMock(), MagicMock())
    assert len({job.name for job in table}) == len(table)
    autumn = datetime(2026, 10, 25, 0, 0, tzinfo=PARIS)
    for job in table:
        following = job.trigger and job.trigger.get_next_fire_time(autumn, autumn)
        assert following is None or following.astimezone(PARIS).hour != 2, job.name
