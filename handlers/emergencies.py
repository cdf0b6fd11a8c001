"""Danger: whom to call, before anything else."""

from __future__ import annotations

from contextlib import suppress

from telegram import InlineKeyboardButton, Message, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, Forbidden

from bot.texts import Html, plain, say
from handlers.callbacks import Pressed
from handlers.context import Context
from handlers.library import stale
from handlers.render import emergency_card, emergency_list, emergency_rows
from handlers.sending import answer, change, erase
from knowledge.territory import Emergency


async def show_emergency(update: Update, context: Context, emergency: Emergency) -> None:
    """The card. When somebody nearby may read the screen it quotes what was written only to be able to erase it."""
    card = emergency_card(context.services.understanding, emergency)
    in_group = update.effective_chat is not None and update.effective_chat.type != ChatType.PRIVATE
    if emergency.discreet and in_group:
        await _show_apart(update, context, card)
        return
    await answer(update, card, emergency_rows(emergency), quote=emergency.discreet)


async def _show_apart(update: Update, context: Context, card: Html) -> None:
    """A card that others must not read goes to the person alone; the group sees only the number for any danger."""
    person = update.effective_user
    with suppress(Forbidden, BadRequest):
        if person is not None:
            await context.bot.send_message(person.id, card, parse_mode=ParseMode.HTML)
    private = InlineKeyboardButton(plain("button-private"), url=f"https://t.me/{context.bot.username}")
    await answer(update, f"{say('danger-line')}\n\n{say('group-private')}", [[private]])


async def urgent_command(update: Update, context: Context) -> None:
    """/urgence: every kind of danger."""
    await answer(update, say("emergency-list"), emergency_list(context.services.understanding))


async def emergencies_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Every kind of danger."""
    await change(update, say("emergency-list"), emergency_list(context.services.understanding))


async def emergency_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """One kind of danger was chosen."""
    emergency = context.services.understanding.emergency(pressed.argument(0))
    await (show_emergency(update, context, emergency) if emergency else stale(update))


async def erase_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Erase the card and the message it answers; no word after it."""
    query = update.callback_query
    message = query.message if query else None
    if not isinstance(message, Message):
        return
    if message.reply_to_message:
        await erase(message, message.reply_to_message.message_id)
    await erase(message, message.message_id)
