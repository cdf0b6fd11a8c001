"""Answering: the few ways a handler speaks, with Telegram's harmless refusals taken as done."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import CallbackQuery, InlineKeyboardButton, Message, ReplyParameters, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest

from handlers.render import keyboard

Rows = Sequence[Sequence[InlineKeyboardButton]]
_HARMLESS = ("message is not modified", "query is too old", "message to edit not found", "message can't be edited")
_GONE = ("message to delete not found", "message can't be deleted")


async def answer(update: Update, texts: Sequence[str] | str, rows: Rows = (), quote: bool = False) -> None:
    """Write to the chat; the buttons stand below the last message. `quote` shows what is answered."""
    message = update.effective_message
    if message is None:
        return
    pieces = [texts] if isinstance(texts, str) else texts
    in_group = message.chat.type != ChatType.PRIVATE
    reply = ReplyParameters(message.message_id, allow_sending_without_reply=True) if quote or in_group else None
    for number, text in enumerate(pieces, start=1):
        last = number == len(pieces)
        await message.get_bot().send_message(
            message.chat.id,
            text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(rows) if last else None,
            reply_parameters=reply if number == 1 else None,
            message_thread_id=message.message_thread_id if message.is_topic_message else None,
            disable_web_page_preview=True,
        )


async def change(update: Update, text: str, rows: Rows = ()) -> None:
    """Show this in place of the message whose button was pressed; write it anew when that one is out of reach."""
    query = update.callback_query
    message = query.message if query else None
    if not isinstance(message, Message):
        await answer(update, text, rows)
        return
    try:
        await message.edit_text(
            text, parse_mode=ParseMode.HTML, reply_markup=keyboard(rows), disable_web_page_preview=True
        )
    except BadRequest as error:
        if "message is not modified" in error.message.lower():
            return
        if not _one_of(error, _HARMLESS):
            raise
        await answer(update, text, rows)


async def acknowledge(query: CallbackQuery, text: str | None = None) -> None:
    """Stop the button's waiting mark; a query too old to be answered is no error."""
    try:
        await query.answer(text)
    except BadRequest as error:
        if not _one_of(error, _HARMLESS):
            raise


async def erase(message: Message, message_id: int) -> None:
    """Delete a message of the chat, if it is still there."""
    try:
        await message.get_bot().delete_message(message.chat.id, message_id)
    except BadRequest as error:
        if not _one_of(error, _GONE):
            raise


def _one_of(error: BadRequest, known: Sequence[str]) -> bool:
    """Telegram changes the case of its sentences."""
    said = error.message.lower()
    return any(sentence in said for sentence in known)
