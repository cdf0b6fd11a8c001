"""Politenesses are said back; nobody should read « Je ne sais pas » after « merci »."""

from __future__ import annotations

from telegram import Update
from telegram.constants import ChatType

from bot.texts import say
from handlers.render import menu_button, menu_rows
from handlers.sending import answer


async def polite(update: Update, key: str) -> None:
    """Say it back; the five choices only to who arrives, and never to a group."""
    private = update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
    rows = menu_rows() if key == "greeting" else [menu_button()]
    await answer(update, say(key), rows if private else ())
