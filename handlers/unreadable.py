"""Messages without words: a kind sentence, never silence."""

from __future__ import annotations

from telegram import Message, Update

from bot.texts import say
from handlers.context import Context
from handlers.render import menu_button
from handlers.sending import answer


async def unreadable(update: Update, context: Context) -> None:
    """A sticker, a voice, a place…: say what cannot be read and what to do instead."""
    message = update.effective_message
    if message is not None:
        await answer(update, say("unreadable", kind=_kind(message)), [menu_button()])


def _kind(message: Message) -> str:
    if message.voice or message.audio or message.video_note:
        return "voice"
    if message.sticker or message.animation:
        return "sticker"
    if message.photo or message.video:
        return "photo"
    if message.location or message.venue:
        return "location"
    return "document" if message.document else "other"
