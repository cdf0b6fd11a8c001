"""Telegram: the bot object, messages from the outbox, and long polling that confirms only what is written down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.channels import Refused, Unavailable
from bot.store.inbox import RawUpdate

log = logging.getLogger(__name__)

CONNECTIONS = 256
"""Open connections to Telegram at most; slow chats hold theirs without taking a slot (bot/inbox.py)."""
POLL_SECONDS = 25
BATCH = 100
"""Updates a getUpdates gives at most (Telegram's limit)."""
BACKLOG = 5_000
"""Above so many updates waiting, polling pauses: Telegram keeps the rest."""
ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "channel_post",
    "callback_query",
    "inline_query",
    "my_chat_member",
)


class PasserelleBot(ExtBot[None]):
    """PTB's bot, which also gives updates as Telegram sent them: written down before they are understood."""

    async def raw_updates(self, offset: int | None) -> list[RawUpdate]:
        """The next updates as plain JSON; `offset` confirms all before it. Raises TelegramError."""
        parameters = {
            "offset": offset,
            "timeout": POLL_SECONDS,
            "limit": BATCH,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        result: Any = await self._post("getUpdates", parameters, read_timeout=POLL_SECONDS + 10)
        return [update for update in result if isinstance(update, dict)] if isinstance(result, list) else []


def make_bot(token: str, api_url: str) -> PasserelleBot:
    """The bot object, with pools sized for chats side by side."""
    request = HTTPXRequest(connection_pool_size=CONNECTIONS, pool_timeout=30, read_timeout=15, connect_timeout=10)
    return PasserelleBot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=request,
        get_updates_request=HTTPXRequest(connection_pool_size=4, read_timeout=15),
    )


class TelegramChannel:
    """Sends the outbox's messages. Payload: `text` (HTML), optional `buttons` (rows of label and data)."""

    def __init__(self, bot: ExtBot[None]) -> None:
        self._bot = bot

    async def send(self, recipient: str, payload: dict[str, Any]) -> None:
        """Send one message. Raises Refused when the chat will never take it, Unavailable when Telegram fails."""
        try:
            await self._bot.send_message(
                int(recipient), payload["text"], parse_mode="HTML", reply_markup=_keyboard(payload)
            )
        except RetryAfter as error:
            raise Unavailable("429", _seconds(error)) from None
        except Forbidden as error:
            raise Refused(error.message, blocked=True) from None
        except BadRequest as error:
            raise Refused(error.message) from None
        except TelegramError as error:
            raise Unavailable(type(error).__name__) from None


def _keyboard(payload: dict[str, Any]) -> InlineKeyboardMarkup | None:
    rows = [
        [InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in payload.get("buttons", ())
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after) if isinstance(after, (int, float)) else after.total_seconds()


class Poller:
    """Long polling. The next request confirms a batch to Telegram only after `receive` has written it down."""

    def __init__(
        self, bot: PasserelleBot, receive: Callable[[Sequence[RawUpdate]], None], backlog: Callable[[], int]
    ) -> None:
        self._bot = bot
        self._receive = receive
        self._backlog = backlog
        self._offset: int | None = None

    async def run(self) -> None:
        """Poll until cancelled; trouble only makes it wait and try again."""
        pause = 1.0
        while True:
            try:
                await self._poll()
                pause = 1.0
            except asyncio.CancelledError:
                raise
            except RetryAfter as error:
                await asyncio.sleep(_seconds(error))
            except InvalidToken:
                log.error("Telegram refuses the token: check PASSERELLE_TOKEN")
                await asyncio.sleep(60)
            except (TelegramError, OSError) as error:
                log.warning("polling failed", extra={"error": type(error).__name__, "pause": pause})
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)
            except Exception as error:
                # What was not written down (a full disk, say) is not confirmed: Telegram gives it again.
                log.error("updates not received", extra={"pause": pause}, exc_info=error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)

    async def _poll(self) -> None:
        while self._backlog() > BACKLOG:
            await asyncio.sleep(0.1)
        batch = await self._bot.raw_updates(self._offset)
        if not batch:
            return
        self._receive(batch)
        numbers = [u["update_id"] for u in batch if isinstance(u.get("update_id"), int)]
        self._offset = max(numbers, default=self._offset or 0) + 1
