"""One way in: order within a chat, chats side by side, nothing lost, nothing kept of what people wrote."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import inbox as module
from bot.clock import FixedClock
from bot.inbox import FAILURES, LONGEST_PAUSE_SECONDS, SLOTS, Inbox, TryLater, Unreadable, lane_of, shape_of
from bot.store import inbox as rows
from bot.store.database import Store, open_store
from bot.store.inbox import RawUpdate, Received

CLOCK = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


def message(number: int, chat: int = 1, text: str = "bonjour") -> RawUpdate:
    return {"update_id": number, "message": {"chat": {"id": chat}, "from": {"id": chat}, "text": text}}


class Bot:
    """Handles updates as told, and remembers them."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.set_aside: list[tuple[int, str]] = []
        self.trouble: dict[int, list[Exception]] = {}
        self.gates: dict[int, asyncio.Event] = {}
        self.at_once = self.most_at_once = 0

    async def handle(self, received: Received) -> None:
        number = received.update["update_id"]
        self.begun.append(number)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            if number in self.gates:
                await self.gates[number].wait()
            if self.trouble.get(number):
                raise self.trouble[number].pop(0)
            self.ended.append(number)
        finally:
            self.at_once -= 1

    def note(self, received: Received, error: Exception) -> None:
        self.set_aside.append((received.update["update_id"], type(error).__name__))

    def hold(self, *numbers: int) -> None:
        self.gates |= {number: asyncio.Event() for number in numbers}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "passerelle.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(path)
    yield opened
    opened.close()


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def inbox(store: Store, bot: Bot) -> AsyncIterator[Inbox]:
    made = Inbox(store, CLOCK, bot.handle, bot.note)
    yield made
    await made.stop(0)


class Pauses:
    """Pauses asked for during a test; none is waited for."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.asked += [seconds] if seconds else []
        await _yield()


_yield_for = asyncio.sleep


async def _yield() -> None:
    await _yield_for(0)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    made = Pauses()
    monkeypatch.setattr(module.asyncio, "sleep", made.sleep)
    return made


async def until(true: Callable[[], bool]) -> None:
    """Let the others run until it is so; a test that never gets there fails by its own assertion after."""
    for _ in range(2000):
        if true():
            return
        await _yield()


async def test_what_is_received_is_written_down_before_it_is_handled(inbox: Inbox, bot: Bot, store: Store) -> None:
    inbox.receive([message(1), message(2)])
    assert bot.begun == []
    assert [received.update["update_id"] for received in rows.waiting(store)] == [1, 2]


async def test_a_handled_update_is_no_longer_waiting_and_its_words_are_gone(
    inbox: Inbox, bot: Bot, store: Store
) -> None:
    inbox.receive([message(1, text="un-mot-a-oublier")])
    await inbox.idle()
    assert bot.ended == [1]
    assert rows.waiting(store) == []
    assert store.rows("SELECT payload FROM inbox") == [{"payload": None}]


async def test_updates_of_one_chat_are_handled_one_after_the_other_in_order(inbox: Inbox, bot: Bot) -> None:
    inbox.receive([message(n) for n in range(1, 21)])
    await inbox.idle()
    assert bot.ended == list(range(1, 21))
    assert bot.most_at_once == 1


async def test_chats_are_handled_side_by_side(inbox: Inbox, bot: Bot) -> None:
    bot.hold(1, 2, 3)
    inbox.receive([message(n, chat=n) for n in (1, 2, 3)])
    await until(lambda: len(bot.begun) == 3)
    assert bot.at_once == 3
    for gate in bot.gates.values():
        gate.set()
    await inbox.idle()
    assert sorted(bot.ended) == [1, 2, 3]


async def test_no_more_chats_than_there_are_slots_are_handled_at_once(inbox: Inbox, bot: Bot) -> None:
    inbox.receive([message(n, chat=n) for n in range(SLOTS * 3)])
    await inbox.idle()
    assert len(bot.ended) == SLOTS * 3
    assert 1 < bot.most_at_once <= SLOTS


async def test_a_busy_chat_delays_nobody_else(inbox: Inbox, bot: Bot) -> None:
    """A hundred messages wait in one chat whose first answer hangs; another chat is answered all the same."""
    bot.hold(1)
    inbox.receive([message(n) for n in range(1, 101)])
    inbox.receive([message(500, chat=2)])
    await until(lambda: bool(bot.ended))
    assert bot.ended == [500]
    bot.gates[1].set()
    await inbox.idle()
    assert bot.ended == [500, *range(1, 101)]


async def test_slow_chats_give_their_slots_back(inbox: Inbox, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many chats as there are slots hang; the next one is answered once they have proved slow."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    bot.hold(*range(SLOTS))
    inbox.receive([message(n, chat=n) for n in range(SLOTS)])
    inbox.receive([message(900, chat=900)])
    await until(lambda: 900 in bot.ended)
    assert bot.ended == [900]
    for gate in bot.gates.values():
        gate.set()
    await inbox.idle()
    assert len(bot.ended) == SLOTS + 1


async def test_a_slot_given_back_early_is_not_given_back_twice(
    inbox: Inbox, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    bot.hold(*range(SLOTS))
    inbox.receive([message(n, chat=n) for n in range(SLOTS)])
    await until(lambda: len(bot.begun) == SLOTS)
    await until(lambda: False)
    for gate in bot.gates.values():
        gate.set()
    await inbox.idle()
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 60.0)
    bot.most_at_once = 0
    inbox.receive([message(1000 + n, chat=n) for n in range(SLOTS * 2)])
    await inbox.idle()
    assert bot.most_at_once <= SLOTS


async def test_a_repeated_update_is_handled_once(inbox: Inbox, bot: Bot) -> None:
    inbox.receive([message(1), message(1)])
    inbox.receive([message(1)])
    await inbox.idle()
    inbox.receive([message(1)])
    await inbox.idle()
    assert bot.begun == [1]


async def test_a_late_delivery_takes_its_place_in_the_order_of_its_chat(inbox: Inbox, bot: Bot) -> None:
    """Webhooks may come out of order: what waits is sorted, what is being handled is left alone."""
    bot.hold(5)
    inbox.receive([message(5)])
    await until(lambda: bot.begun == [5])
    for number in (9, 7, 8, 6):
        inbox.receive([message(number)])
    bot.gates[5].set()
    await inbox.idle()
    assert bot.ended == [5, 6, 7, 8, 9]


async def test_telegram_s_trouble_is_tried_again_after_the_pause_asked_and_never_set_aside(
    inbox: Inbox, bot: Bot, pauses: Pauses, store: Store
) -> None:
    bot.trouble[1] = [TryLater(7.5), *(TryLater() for _ in range(10)), TryLater(3.0)]
    inbox.receive([message(1), message(2)])
    await inbox.idle()
    assert bot.ended == [1, 2]
    assert bot.set_aside == []
    assert pauses.asked[0] == 7.5
    assert pauses.asked[-1] == 3.0
    assert store.rows("SELECT attempts FROM inbox") == [{"attempts": 0}, {"attempts": 0}]


async def test_pauses_grow_to_a_limit(inbox: Inbox, bot: Bot, pauses: Pauses) -> None:
    bot.trouble[1] = [TryLater() for _ in range(12)]
    inbox.receive([message(1)])
    await inbox.idle()
    assert pauses.asked == sorted(pauses.asked)
    assert pauses.asked[0] < pauses.asked[1] < pauses.asked[2]
    assert pauses.asked[-1] == LONGEST_PAUSE_SECONDS


async def test_a_pause_asked_for_does_not_make_later_pauses_longer(inbox: Inbox, bot: Bot, pauses: Pauses) -> None:
    """Telegram asks a minute once; the trouble after that begins small again, not at two minutes."""
    bot.trouble[1] = [TryLater(40.0), TryLater()]
    inbox.receive([message(1)])
    await inbox.idle()
    assert pauses.asked == [40.0, 2.0]


async def test_a_chat_that_waits_for_telegram_holds_no_slot(inbox: Inbox, bot: Bot) -> None:
    for n in range(SLOTS):
        bot.trouble[n] = [TryLater(3600)]
    inbox.receive([message(n, chat=n) for n in range(SLOTS)])
    inbox.receive([message(900, chat=900)])
    await until(lambda: 900 in bot.ended)
    assert bot.ended == [900]


async def test_an_update_that_fails_now_and_then_is_answered(
    inbox: Inbox, bot: Bot, pauses: Pauses, store: Store
) -> None:
    bot.trouble[1] = [KeyError("x")] * (FAILURES - 1)
    inbox.receive([message(1)])
    await inbox.idle()
    assert bot.begun == [1] * FAILURES
    assert bot.ended == [1]
    assert rows.waiting(store) == []


async def test_what_fails_three_times_is_set_aside_and_the_chat_goes_on(inbox: Inbox, bot: Bot, pauses: Pauses) -> None:
    bot.trouble[1] = [KeyError("x")] * 9
    inbox.receive([message(1), message(2)])
    await inbox.idle()
    assert bot.begun == [1, 1, 1, 2]
    assert bot.ended == [2]
    assert bot.set_aside == [(1, "KeyError")]


async def test_what_has_no_sense_is_set_aside_at_once(inbox: Inbox, bot: Bot, pauses: Pauses) -> None:
    bot.trouble[1] = [Unreadable()]
    inbox.receive([message(1), message(2)])
    await inbox.idle()
    assert bot.begun == [1, 2]
    assert bot.set_aside == [(1, "Unreadable")]


SECRET = "mon-mari-me-frappe"


async def test_nothing_a_person_wrote_stays_in_the_file_of_what_was_handled_or_set_aside(
    bot: Bot, pauses: Pauses, path: Path
) -> None:
    store = open_store(path)
    inbox = Inbox(store, CLOCK, bot.handle, bot.note)
    bot.trouble[2] = [ValueError(SECRET)] * 9
    inbox.receive([message(1, text=SECRET), message(2, text=SECRET)])
    assert SECRET in str(rows.waiting(store)), "the test would prove nothing"
    await inbox.idle()
    await inbox.stop(0)
    store.close()
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert SECRET.encode() not in kept
    assert b"18 caract" in kept


async def test_what_set_aside_writes_is_undone_with_it_when_it_fails(store: Store, bot: Bot, pauses: Pauses) -> None:
    """The word to the person and the setting aside are one transaction."""

    def note(received: Received, error: Exception) -> None:
        bot.note(received, error)
        store.write("INSERT INTO schedule_runs VALUES ('x', 'y')")
        raise OSError

    inbox = Inbox(store, CLOCK, bot.handle, note)
    bot.trouble[1] = [KeyError("x")] * FAILURES
    inbox.receive([message(1)])
    with pytest.raises(BaseException) as caught:
        await asyncio.gather(*inbox._tasks)
    assert isinstance(caught.value, OSError)
    assert store.rows("SELECT * FROM schedule_runs") == []
    assert len(rows.waiting(store)) == 1


async def test_a_restart_takes_up_what_a_crash_left_in_order(store: Store, bot: Bot) -> None:
    """The first inbox writes down and dies before it handles anything."""
    Inbox(store, CLOCK, bot.handle, bot.note).receive([])
    rows.add(store, [message(3), message(1, chat=2), message(4), message(2, chat=2)], CLOCK.now())
    inbox = Inbox(store, CLOCK, bot.handle, bot.note)
    assert inbox.recover() == 4
    assert len(inbox) == 4
    await inbox.idle()
    assert [n for n in bot.ended if n > 2] == [3, 4]
    assert [n for n in bot.ended if n <= 2] == [1, 2]
    assert rows.waiting(store) == []


async def test_failures_before_a_crash_count_after_it(store: Store, bot: Bot, pauses: Pauses) -> None:
    """What kills the process each time cannot do so for ever."""
    row = rows.add(store, [message(1)], CLOCK.now())[0].id
    for _ in range(FAILURES - 1):
        rows.fail(store, row, "KeyError")
    bot.trouble[1] = [KeyError("x")] * 9
    inbox = Inbox(store, CLOCK, bot.handle, bot.note)
    inbox.recover()
    await inbox.idle()
    assert bot.begun == [1]
    assert bot.set_aside == [(1, "KeyError")]


async def test_a_stop_lets_what_is_being_handled_finish_and_keeps_the_rest(
    inbox: Inbox, bot: Bot, store: Store
) -> None:
    bot.hold(1, 2)
    inbox.receive([message(1), message(2), message(3, chat=3)])
    await until(lambda: 3 in bot.ended and 1 in bot.begun)
    stop = asyncio.create_task(inbox.stop(60))
    await _yield()
    bot.gates[1].set()
    await stop
    assert bot.ended == [3, 1]
    assert [received.update["update_id"] for received in rows.waiting(store)] == [2]


async def test_a_stop_gives_up_what_does_not_finish_and_loses_nothing(inbox: Inbox, bot: Bot, store: Store) -> None:
    bot.hold(1)
    inbox.receive([message(1), message(2)])
    await until(lambda: bot.begun == [1])
    await inbox.stop(0)
    assert bot.ended == []
    assert [received.update["update_id"] for received in rows.waiting(store)] == [1, 2]
    assert store.rows("SELECT attempts FROM inbox WHERE update_id = 1") == [{"attempts": 0}]


async def test_a_stop_during_a_pause_does_not_wait_for_it(inbox: Inbox, bot: Bot, store: Store) -> None:
    bot.trouble[1] = [TryLater(3600)]
    inbox.receive([message(1)])
    await until(lambda: bot.trouble[1] == [])
    await inbox.stop(0)
    assert len(rows.waiting(store)) == 1


async def test_what_comes_while_it_stops_is_written_down_for_the_next_start(
    inbox: Inbox, bot: Bot, store: Store
) -> None:
    await inbox.stop(0)
    inbox.receive([message(1)])
    await until(lambda: bool(bot.begun))
    assert bot.begun == []
    assert len(rows.waiting(store)) == 1


async def test_it_says_how_much_waits(inbox: Inbox, bot: Bot) -> None:
    bot.hold(1)
    inbox.receive([message(1), message(2), message(3, chat=3)])
    await until(lambda: 3 in bot.ended)
    assert len(inbox) == 2
    bot.gates[1].set()
    await inbox.idle()
    assert len(inbox) == 0


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        (message(1, chat=-100), "chat:-100"),
        ({"update_id": 1, "edited_message": {"chat": {"id": 5}}}, "chat:5"),
        ({"update_id": 1, "callback_query": {"from": {"id": 9}, "message": {"chat": {"id": 5}}}}, "chat:5"),
        ({"update_id": 1, "callback_query": {"from": {"id": 9}, "inline_message_id": "x"}}, "callback_query:9"),
        ({"update_id": 1, "inline_query": {"from": {"id": 9}, "query": "q"}}, "inline_query:9"),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": 5}, "from": {"id": 9}}}, "chat:5"),
        ({"update_id": 1, "poll": {"id": "x"}}, "update:1"),
        ({"update_id": 1, "message": "x"}, "update:1"),
        ({"update_id": 1, "message": {"chat": []}}, "update:1"),
        ({}, "update:None"),
    ],
)
def test_each_update_goes_to_the_lane_of_its_chat(update: RawUpdate, lane: str) -> None:
    assert lane_of(update) == lane


def test_the_shape_of_an_update_says_nothing_of_what_was_written() -> None:
    update: dict[str, Any] = {
        "update_id": 7,
        "message": {"text": "été", "n": 1.5, "ok": True, "l": ["a", None, {"b": ""}]},
    }
    assert shape_of(update) == {
        "update_id": 7,
        "message": {
            "text": "<3 caractères>",
            "n": 1.5,
            "ok": True,
            "l": ["<1 caractères>", None, {"b": "<0 caractères>"}],
        },
    }
    assert json.loads(json.dumps(shape_of(update))) == shape_of(update)
