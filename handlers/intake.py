"""From a raw update to the handlers, and their failures back to the inbox."""

from __future__ import annotations

from telegram import Update

from bot.inbox import Unreadable
from bot.store.inbox import Received
from handlers.context import App
from handlers.errors import failures, raise_noted


class Intake:
    """Handles one update that is written down."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def handle(self, received: Received) -> None:
        """Have it answered. Raises TryLater, Unreadable, or what went wrong."""
        update = self._read(received)
        noted: list[Exception] = []
        token = failures.set(noted)
        try:
            await self._app.process_update(update)
        finally:
            failures.reset(token)
        raise_noted(noted)

    def _read(self, received: Received) -> Update:
        try:
            update = Update.de_json(received.update, self._app.bot)
        except Exception as error:
            raise Unreadable from error
        if update is None:
            raise Unreadable
        return update
