"""Every handler, in the order they are tried. A new command or button is one line here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import (
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from handlers import callbacks as cb
from handlers.callbacks import Pressed
from handlers.context import App, Context
from handlers.emergencies import emergencies_pressed, emergency_pressed, erase_pressed, urgent_command
from handlers.errors import note_failure
from handlers.feedback import reason_pressed, useful_pressed, useless_pressed
from handlers.groups import AskedFor, joined
from handlers.inline import inline_query
from handlers.library import (
    contract,
    fiche_pressed,
    glossary,
    related_pressed,
    rights,
    section_pressed,
    shelf_pressed,
    shelves_pressed,
    stale,
)
from handlers.menu import (
    ask_pressed,
    cancel,
    contract_pressed,
    help_,
    help_now_pressed,
    human,
    human_pressed,
    menu_pressed,
    start,
    unknown_command,
)
from handlers.questions import (
    category_pressed,
    forget_pressed,
    hand_pressed,
    not_urgent_pressed,
    notify_pressed,
    problems_pressed,
    question_command,
    rephrase_pressed,
    text_message,
)
from handlers.sending import acknowledge
from handlers.unreadable import unreadable

COMMANDS: dict[str, Callable[[Update, Context], Coroutine[Any, Any, None]]] = {
    "start": start,
    "aide": help_,
    "help": help_,
    "question": question_command,
    "droits": rights,
    "glossaire": glossary,
    "contrat": contract,
    "urgence": urgent_command,
    "humain": human,
    "annuler": cancel,
}

BUTTONS: dict[str, Callable[[Update, Context, Pressed], Coroutine[Any, Any, None]]] = {
    cb.MENU: menu_pressed,
    cb.ASK: ask_pressed,
    cb.MENU_CONTRACT: contract_pressed,
    cb.MENU_HELP_NOW: help_now_pressed,
    cb.HUMAN: human_pressed,
    cb.SHELVES: shelves_pressed,
    cb.SHELF: shelf_pressed,
    cb.FICHE: fiche_pressed,
    cb.SECTION_OF_FICHE: section_pressed,
    cb.RELATED: related_pressed,
    cb.USEFUL: useful_pressed,
    cb.USELESS: useless_pressed,
    cb.REASON: reason_pressed,
    cb.EMERGENCIES: emergencies_pressed,
    cb.EMERGENCY: emergency_pressed,
    cb.ERASE: erase_pressed,
    cb.NOT_URGENT: not_urgent_pressed,
    cb.PROBLEMS: problems_pressed,
    cb.CATEGORY: category_pressed,
    cb.HAND: hand_pressed,
    cb.NOTIFY: notify_pressed,
    cb.FORGET: forget_pressed,
    cb.REPHRASE: rephrase_pressed,
}


async def button_pressed(update: Update, context: Context) -> None:
    """Any button: do what its verb says, then stop its waiting mark."""
    query = update.callback_query
    if query is None:
        return
    pressed = cb.parse(query.data or "")
    action = BUTTONS.get(pressed.verb)
    await (action(update, context, pressed) if action else stale(update))
    await acknowledge(query)


def register(app: App) -> None:
    """Put every handler in its place."""
    private = filters.ChatType.PRIVATE
    asked = filters.ChatType.GROUPS & AskedFor()
    here = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE
    words = (filters.TEXT | filters.CAPTION) & ~filters.COMMAND
    for name, action in COMMANDS.items():
        app.add_handler(CommandHandler(name, action, filters=here & ~filters.UpdateType.EDITED_MESSAGE))
    app.add_handler(CallbackQueryHandler(button_pressed))
    app.add_handler(InlineQueryHandler(inline_query))
    app.add_handler(ChatMemberHandler(joined, ChatMemberHandler.MY_CHAT_MEMBER))
    app.add_handler(MessageHandler(here & (private | asked) & words, text_message))
    app.add_handler(MessageHandler(private & filters.UpdateType.MESSAGE & filters.COMMAND, unknown_command))
    app.add_handler(MessageHandler(private & filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL, unreadable))
    app.add_error_handler(note_failure)
