"""Danger: whom to call, before anything else."""

from __future__ import annotations

from telegram import Message, Update

from bot.texts import say
from handlers.callbacks import Pressed
from handlers.context import Context
from handlers.library import stale
from handlers.render import emergency_card, emergency_list, emergency_rows
from handlers.sending import answer, change, erase
from knowledge.territory import Emergency


async def show_emergency(update: Update, context: Context, emergency: Emergency) -> None:
    """The card. When somebody nearby may read the screen it quotes what was written only to be able to erase it."""
    card = emergency_card(context.services.understanding, emergency)
    await answer(update, card, emergency_rows(emergency), quote=emergency.discreet)


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
