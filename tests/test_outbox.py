"""One way out: each message is sent once, and tried until its end is known."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels import Refused, Unavailable
from bot.clock import FixedClock
from bot.outbox import BATCH, GIVE_UP_AFTER, PAUSES, Outbox
from bot.store.database import Store, open_store

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Line:
    """A channel that fails as told."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.tries = 0
        self.trouble: list[Exception] = []

    async def send(self, recipient: str, payload: dict[str, Any]) -> None:
        self.tries += 1
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble.pop(0)
        self.sent.append((recipient, payload))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "passerelle.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def outbox(store: Store, clock: FixedClock, line: Line) -> Outbox:
    return Outbox(store, clock, {"telegram": line})


def row(store: Store) -> dict[str, Any]:
    return store.rows("SELECT * FROM outbox")[0]


async def test_a_message_is_sent_once_and_its_words_forgotten(outbox: Outbox, line: Line, store: Store) -> None:
    assert outbox.enqueue("k", "telegram", "101", {"text": "un mot"})
    assert await outbox.send_due() == 1
    assert await outbox.send_due() == 0
    assert line.sent == [("101", {"text": "un mot"})]
    assert (row(store)["outcome"], row(store)["payload"]) == ("sent", None)


async def test_the_same_cause_sends_once_even_after_it_was_sent(outbox: Outbox, line: Line) -> None:
    outbox.enqueue("k", "telegram", "101", {"text": "a"})
    assert not outbox.enqueue("k", "telegram", "101", {"text": "b"})
    await outbox.send_due()
    assert not outbox.enqueue("k", "telegram", "101", {"text": "c"})
    await outbox.send_due()
    assert line.sent == [("101", {"text": "a"})]


async def test_two_beats_at_once_send_once(outbox: Outbox, line: Line) -> None:
    outbox.enqueue("k", "telegram", "101", {"text": "a"})
    assert sorted(await asyncio.gather(outbox.send_due(), outbox.send_due())) == [0, 1]
    assert line.tries == 1


async def test_more_than_a_batch_goes_out_at_once_in_order(outbox: Outbox, line: Line) -> None:
    for n in range(BATCH * 2 + 1):
        outbox.enqueue(f"k{n}", "telegram", str(n), {})
    assert await outbox.send_due() == BATCH * 2 + 1
    assert [recipient for recipient, _ in line.sent] == [str(n) for n in range(BATCH * 2 + 1)]


async def test_a_message_whose_cause_is_undone_is_never_sent(outbox: Outbox, line: Line, store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            outbox.enqueue("k", "telegram", "101", {"text": "a"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert await outbox.send_due() == 0
    assert line.tries == 0


@pytest.mark.parametrize(("blocked", "outcome"), [(False, "refused"), (True, "blocked")])
async def test_what_is_refused_is_never_tried_again(
    outbox: Outbox, line: Line, store: Store, clock: FixedClock, blocked: bool, outcome: str
) -> None:
    line.trouble = [Refused("Bad Request", blocked)]
    outbox.enqueue("k", "telegram", "101", {"text": "a"})
    assert await outbox.send_due() == 0
    clock.at += timedelta(days=30)
    await outbox.send_due()
    assert line.tries == 1
    assert (row(store)["outcome"], row(store)["error"], row(store)["payload"]) == (outcome, "Bad Request", None)


async def test_a_refusal_harms_no_other_message(outbox: Outbox, line: Line) -> None:
    line.trouble = [Refused("blocked", blocked=True), Unavailable("500")]
    for n in range(3):
        outbox.enqueue(f"k{n}", "telegram", str(n), {})
    assert await outbox.send_due() == 1
    assert line.sent == [("2", {})]


async def test_trouble_is_tried_again_after_growing_pauses_and_never_sooner(
    outbox: Outbox, line: Line, clock: FixedClock
) -> None:
    line.trouble = [Unavailable("500") for _ in range(len(PAUSES) + 2)]
    outbox.enqueue("k", "telegram", "101", {"text": "a"})
    await outbox.send_due()
    for tries, pause in enumerate([*PAUSES, PAUSES[-1]], start=1):
        clock.at += timedelta(seconds=pause - 1)
        await outbox.send_due()
        assert line.tries == tries
        clock.at += timedelta(seconds=1)
        await outbox.send_due()
        assert line.tries == tries + 1
    assert list(PAUSES) == sorted(PAUSES)
    clock.at += timedelta(seconds=PAUSES[-1])
    assert await outbox.send_due() == 1
    assert line.sent == [("101", {"text": "a"})]


async def test_the_pause_telegram_asks_for_is_the_one_taken(outbox: Outbox, line: Line, clock: FixedClock) -> None:
    line.trouble = [Unavailable("429", 42)]
    outbox.enqueue("k", "telegram", "101", {})
    await outbox.send_due()
    clock.at += timedelta(seconds=41)
    assert await outbox.send_due() == 0
    clock.at += timedelta(seconds=1)
    assert await outbox.send_due() == 1


async def test_after_two_days_of_silence_a_message_is_given_up_and_shown(
    outbox: Outbox, line: Line, store: Store, clock: FixedClock
) -> None:
    line.trouble = [Unavailable("TimedOut") for _ in range(GIVE_UP_AFTER * 2)]
    outbox.enqueue("k", "telegram", "101", {"text": "a"})
    for _ in range(GIVE_UP_AFTER * 2):
        await outbox.send_due()
        clock.at += timedelta(seconds=PAUSES[-1])
    assert line.tries == GIVE_UP_AFTER
    assert (row(store)["outcome"], row(store)["error"], row(store)["payload"]) == ("gave-up", "TimedOut", None)
    assert clock.at - START > timedelta(days=2)


async def test_a_message_waiting_is_sent_by_the_process_that_starts_next(
    outbox: Outbox, store: Store, clock: FixedClock, line: Line
) -> None:
    outbox.enqueue("k", "telegram", "101", {"text": "é"})
    again = Outbox(store, clock, {"telegram": line})
    assert await again.send_due() == 1
    assert line.sent == [("101", {"text": "é"})]


async def test_a_fault_of_ours_in_a_channel_does_not_stop_the_others_for_ever(
    outbox: Outbox, line: Line, store: Store
) -> None:
    """A row no channel can send must not stand in front of all the others."""
    outbox.enqueue("k1", "pigeon", "101", {})
    line.trouble = [KeyError("text")]
    outbox.enqueue("k2", "telegram", "102", {})
    outbox.enqueue("k3", "telegram", "103", {"text": "a"})
    assert await outbox.send_due() == 1
    assert line.sent == [("103", {"text": "a"})]
    assert [r["outcome"] for r in store.rows("SELECT outcome FROM outbox ORDER BY id")] == [None, None, "sent"]
