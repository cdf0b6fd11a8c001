"""Beginnings and ways out: /start, help, somebody to talk to, the menu."""

from __future__ import annotations

from telegram import Update
from telegram.constants import ChatType

from bot.texts import plain, say
from handlers import callbacks as cb
from handlers.callbacks import Pressed
from handlers.context import Context
from handlers.library import show_fiche
from handlers.render import button, human_text, menu_button, menu_rows
from handlers.sending import answer, change


async def start(update: Update, context: Context) -> None:
    """/start, with or without the entry a link leads to."""
    payload = context.args[0] if context.args else ""
    fiche = context.services.understanding.by_payload(payload)
    if fiche:
        await show_fiche(update, fiche)
        return
    if update.effective_chat and update.effective_chat.type != ChatType.PRIVATE:
        await answer(update, say("group-help", username=context.bot.username))
        return
    await answer(update, say("welcome", danger=say("danger-line")), menu_rows())


async def help_(update: Update, context: Context) -> None:
    """/aide: how it works."""
    usage = [button(plain("button-usage"), cb.SHELVES, "vie-du-bot")]
    await answer(update, say("help"), [usage, menu_button()])


async def human(update: Update, context: Context) -> None:
    """/humain: where somebody can be met."""
    await answer(update, human_text(context.services.understanding.territory.places), [menu_button()])


async def cancel(update: Update, context: Context) -> None:
    """/annuler: nothing is kept; back to the beginning."""
    await answer(update, say("cancelled"), menu_rows())


async def unknown_command(update: Update, context: Context) -> None:
    """A command nobody knows gets the menu."""
    await answer(update, say("unknown-command"), menu_rows())


async def menu_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Back to the five choices."""
    await change(update, say("menu-title"), menu_rows())


async def ask_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """The person wants to ask: say how."""
    await change(update, say("ask-away"), [menu_button()])


async def contract_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """The two rooms about the contract."""
    rows = [
        [button(plain("button-glossary"), cb.SHELVES, "glossaire")],
        [button(plain("button-contract"), cb.SHELVES, "contrat")],
        menu_button(),
    ]
    await change(update, say("contract-title"), rows)


async def help_now_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Danger, or somebody to talk to."""
    rows = [
        [button(plain("button-urgent"), cb.EMERGENCIES)],
        [button(plain("button-human"), cb.HUMAN)],
        [button(plain("button-usage"), cb.SHELVES, "vie-du-bot")],
        menu_button(),
    ]
    await change(update, say("help-now-title"), rows)


async def human_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Where somebody can be met."""
    await change(update, human_text(context.services.understanding.territory.places), [menu_button()])
