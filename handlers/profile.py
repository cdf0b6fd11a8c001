"""What Telegram shows of the bot: commands per scope, description, menu. Set at start; a failure stops nothing."""

from __future__ import annotations

import logging

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    MenuButtonCommands,
)
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.texts import plain

log = logging.getLogger(__name__)

_PRIVATE = ("start", "question", "droits", "glossaire", "contrat", "urgence", "humain", "aide", "annuler")
_GROUP = ("question", "glossaire", "aide")


async def publish(bot: ExtBot[None]) -> None:
    """Tell Telegram the commands, the descriptions and the menu."""
    try:
        for scope, names in _scopes():
            await bot.set_my_commands([BotCommand(n, plain(f"command-{n}")) for n in names], scope=scope)
        await bot.set_my_description(plain("bot-description"))
        await bot.set_my_short_description(plain("bot-short-description"))
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    except TelegramError as error:
        log.warning("profile not published", extra={"error": type(error).__name__})


def _scopes() -> list[tuple[BotCommandScope, tuple[str, ...]]]:
    return [
        (BotCommandScopeDefault(), _PRIVATE),
        (BotCommandScopeAllPrivateChats(), _PRIVATE),
        (BotCommandScopeAllGroupChats(), _GROUP),
    ]
