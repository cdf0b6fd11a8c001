"""Telegram as a way in and a way out: nothing confirmed that is not written down, and every refusal understood."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels import Refused, Unavailable
from bot.channels import telegram as module
from bot.channels.telegram import Poller, TelegramChannel


class Bot:
    """Gives batches of updates, or trouble, in turn; then waits for ever. Fails to send as told."""

    def __init__(self, *turns: Any) -> None:
        self.turns = list(turns)
        self.offsets: list[int | None] = []
        self.sent: list[tuple[Any, ...]] = []
        self.trouble: Exception | None = None

    async def raw_updates(self, offset: int | None) -> Any:
        self.offsets.append(offset)
        if not self.turns:
            await asyncio.Event().wait()
        turn = self.turns.pop(0)
        if isinstance(turn, BaseException):
            raise turn
        return turn

    async def send_message(self, *given: Any, **named: Any) -> None:
        if self.trouble:
            raise self.trouble
        self.sent.append((*given, named))


class Pauses:
    def __init__(self) -> None:
        self.asked: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.wait([asyncio.ensure_future(_nothing())])


async def _nothing() -> None:
    return None


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    made = Pauses()
    monkeypatch.setattr(module.asyncio, "sleep", made.sleep)
    return made


async def poll(bot: Bot, receive: Any, backlog: Any = lambda: 0) -> None:
    """Poll until the bot has nothing left to give."""
    task = asyncio.create_task(Poller(bot, receive, backlog).run())  # type: ignore[arg-type]
    for _ in range(500):
        await asyncio.wait([asyncio.ensure_future(_nothing())])
        if not bot.turns and bot.offsets and bot.turns == [] and task.done():
            break
    assert not task.done(), "polling ended by itself"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_batch_is_confirmed_by_the_request_after_it_was_received(pauses: Pauses) -> None:
    bot, received = Bot([{"update_id": 4}, {"update_id": 7}], [], [{"update_id": 8}]), []
    await poll(bot, received.extend)
    assert received == [{"update_id": 4}, {"update_id": 7}, {"update_id": 8}]
    assert bot.offsets == [None, 8, 8, 9]


async def test_what_could_not_be_written_down_is_asked_for_again(pauses: Pauses) -> None:
    """A full disk: the batch is not confirmed and the polling goes on."""
    bot, received, disk = Bot([{"update_id": 4}], [{"update_id": 4}]), [], [OSError("full")]

    def receive(batch: Sequence[Any]) -> None:
        if disk:
            raise disk.pop()
        received.extend(batch)

    await poll(bot, receive)
    assert received == [{"update_id": 4}]
    assert bot.offsets == [None, None, 5]


async def test_a_fault_of_ours_does_not_stop_the_polling(pauses: Pauses) -> None:
    bot, received, faults = Bot([{"update_id": 4}], [{"update_id": 5}]), [], [UnicodeError("x"), ZeroDivisionError()]

    def receive(batch: Sequence[Any]) -> None:
        if faults:
            raise faults.pop()
        received.extend(batch)

    bot.turns.append([{"update_id": 6}])
    await poll(bot, receive)
    assert received == [{"update_id": 6}]


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (NetworkError("x"), 1.0),
        (TimedOut(), 1.0),
        (TelegramError("x"), 1.0),
        (RetryAfter(9), 9.0),
        (InvalidToken(), 60.0),
        (OSError(), 1.0),
    ],
)
async def test_trouble_makes_the_polling_wait_and_go_on(pauses: Pauses, error: Exception, pause: float) -> None:
    bot, received = Bot(error, [{"update_id": 1}]), []
    await poll(bot, received.extend)
    assert pauses.asked == [pause]
    assert received == [{"update_id": 1}]


async def test_pauses_grow_while_the_trouble_lasts_and_begin_anew_after_it(pauses: Pauses) -> None:
    bot = Bot(*[NetworkError("x")] * 7, [], NetworkError("x"))
    await poll(bot, lambda batch: None)
    assert pauses.asked == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 1.0]


async def test_malformed_updates_without_a_number_do_not_stop_the_polling(pauses: Pauses) -> None:
    bot, received = Bot([{"message": {}}, {"update_id": "x"}], [{"update_id": 3}]), []
    await poll(bot, received.extend)
    assert len(received) == 3
    assert bot.offsets[-1] == 4


async def test_too_long_a_backlog_leaves_the_rest_with_telegram(pauses: Pauses) -> None:
    waiting = [module.BACKLOG + 1, module.BACKLOG + 1, module.BACKLOG]
    bot = Bot([{"update_id": 1}])
    await poll(bot, lambda batch: None, lambda: waiting.pop(0) if waiting else 0)
    assert pauses.asked == [0.1, 0.1]
    assert bot.offsets == [None, 2]


async def test_a_message_goes_out_as_html_with_its_buttons() -> None:
    bot = Bot()
    await TelegramChannel(bot).send("101", {"text": "<b>a</b>", "buttons": [[["Menu", "M"]]]})  # type: ignore[arg-type]
    chat, text, named = bot.sent[0]
    assert (chat, text, named["parse_mode"]) == (101, "<b>a</b>", "HTML")
    assert named["reply_markup"].to_dict() == {"inline_keyboard": [[{"text": "Menu", "callback_data": "M"}]]}


async def test_a_message_without_buttons_has_no_keyboard() -> None:
    bot = Bot()
    await TelegramChannel(bot).send("101", {"text": "a"})  # type: ignore[arg-type]
    assert bot.sent[0][2]["reply_markup"] is None


@pytest.mark.parametrize(
    ("error", "blocked"), [(Forbidden("bot was blocked by the user"), True), (BadRequest("Chat not found"), False)]
)
async def test_a_refusal_is_final(error: Exception, blocked: bool) -> None:
    bot = Bot()
    bot.trouble = error
    with pytest.raises(Refused) as caught:
        await TelegramChannel(bot).send("101", {"text": "a"})  # type: ignore[arg-type]
    assert caught.value.blocked is blocked


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(RetryAfter(42), 42.0), (TimedOut(), None), (NetworkError("x"), None), (ChatMigrated(5), None)],
)
async def test_trouble_means_later(error: Exception, seconds: float | None) -> None:
    bot = Bot()
    bot.trouble = error
    with pytest.raises(Unavailable) as caught:
        await TelegramChannel(bot).send("101", {"text": "a"})  # type: ignore[arg-type]
    assert caught.value.retry_after == seconds
