"""Reading: fiches, their parts, what to read beside, and browsing by theme."""

from __future__ import annotations

from telegram import Update

from bot.texts import Html, plain, say
from handlers import callbacks as cb
from handlers.callbacks import Pressed
from handlers.context import Context
from handlers.render import (
    button,
    fiche_choices,
    fiche_messages,
    fiche_rows,
    menu_button,
    menu_rows,
    section_messages,
    shelf,
    shelves,
)
from handlers.sending import answer, change
from knowledge.entries import Fiche


async def show_fiche(update: Update, fiche: Fiche, head: str = "", quote: bool = False) -> None:
    """The fiche as a new message, so that what one has read stays above."""
    await answer(update, fiche_messages(fiche, head), fiche_rows(fiche), quote=quote)


async def stale(update: Update) -> None:
    """A button from another time, or a forged one: the menu."""
    await answer(update, say("stale-button"), menu_rows())


async def fiche_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """A fiche was chosen."""
    fiche = context.services.understanding.fiche(pressed.argument(0))
    await (show_fiche(update, fiche) if fiche else stale(update))


async def section_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """A part of a fiche was asked for."""
    fiche = context.services.understanding.fiche(pressed.argument(0))
    number = pressed.number(1)
    if fiche is None or number >= len(fiche.sections):
        await stale(update)
        return
    back = [button(plain("button-back"), cb.FICHE, fiche.id), *menu_button()]
    await answer(update, section_messages(fiche, number), [back])


async def related_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """What to read beside a fiche."""
    understanding = context.services.understanding
    fiche = understanding.fiche(pressed.argument(0))
    if fiche is None:
        await stale(update)
        return
    text = Html(f"{say('related-title')}\n{say('menu-title').splitlines()[-1]}")
    await answer(update, text, [*fiche_choices(understanding.fiches(fiche.related)), menu_button()])


async def shelves_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """The themes of a room."""
    found = shelves(context.services.understanding, pressed.argument(0))
    await (change(update, *found) if found else stale(update))


async def shelf_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """A page of fiches."""
    page = context.services.understanding.shelf(pressed.argument(0), pressed.argument(1), pressed.number(2))
    await (change(update, *shelf(page)) if page else stale(update))


async def rights(update: Update, context: Context) -> None:
    """/droits: themes."""
    await _show_room(update, context, "droits")


async def glossary(update: Update, context: Context) -> None:
    """/glossaire: themes."""
    await _show_room(update, context, "glossaire")


async def contract(update: Update, context: Context) -> None:
    """/contrat: themes."""
    await _show_room(update, context, "contrat")


async def _show_room(update: Update, context: Context, section: str) -> None:
    found = shelves(context.services.understanding, section)
    await (answer(update, *found) if found else stale(update))
