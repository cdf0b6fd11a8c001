"""In groups the bot speaks only when asked: a command, its name, or a reply to what it said."""

from __future__ import annotations

from telegram import InlineKeyboardButton, Message, MessageEntity, Update
from telegram.constants import ChatType, ParseMode
from telegram.ext.filters import MessageFilter

from bot.texts import plain, say
from handlers.context import Context
from handlers.render import keyboard

_MEMBER = ("member", "administrator")


class AskedFor(MessageFilter):
    """A message of a group that names the bot or replies to it."""

    def filter(self, message: Message) -> bool:
        """True when the bot was asked."""
        bot = message.get_bot()
        replied = message.reply_to_message
        if replied and replied.from_user and replied.from_user.id == bot.id:
            return True
        name = f"@{bot.username}".lower()
        named = {
            **message.parse_entities([MessageEntity.MENTION]),
            **message.parse_caption_entities([MessageEntity.MENTION]),
        }
        return any(text.lower() == name for text in named.values())


async def joined(update: Update, context: Context) -> None:
    """The bot was added to a group: say once how to ask. Being removed or blocked needs no answer."""
    change = update.my_chat_member
    if change is None or change.chat.type == ChatType.PRIVATE:
        return
    if change.new_chat_member.status in _MEMBER and change.old_chat_member.status not in _MEMBER:
        link = f"https://t.me/{context.bot.username}"
        private = InlineKeyboardButton(plain("button-private"), url=link)
        text = say("group-help", username=context.bot.username)
        await context.bot.send_message(
            change.chat.id,
            f"{text}\n\n{say('group-private')}",
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard([[private]]),
        )
