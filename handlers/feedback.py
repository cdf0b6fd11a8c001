"""👍 and 👎 on a fiche, counted without who gave them."""

from __future__ import annotations

from telegram import Update

from bot.questions import REASONS
from bot.texts import plain, say
from handlers import callbacks as cb
from handlers.callbacks import Pressed
from handlers.context import Context, cause_of
from handlers.library import stale
from handlers.render import button, menu_button
from handlers.sending import acknowledge, answer, change


async def useful_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """👍: counted, and said in passing."""
    fiche = context.services.understanding.fiche(pressed.argument(0))
    if fiche is None:
        await stale(update)
        return
    context.services.questions.rate(cause_of(update), fiche.id, useful=True)
    if update.callback_query:
        await acknowledge(update.callback_query, plain("thanks-useful"))


async def useless_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """👎: ask why, in one tap."""
    fiche = context.services.understanding.fiche(pressed.argument(0))
    if fiche is None:
        await stale(update)
        return
    rows = [[button(plain(f"button-reason-{reason}"), cb.REASON, fiche.id, reason)] for reason in REASONS]
    await answer(update, say("why-useless"), [*rows, menu_button()])


async def reason_pressed(update: Update, context: Context, pressed: Pressed) -> None:
    """Why it did not help: counted."""
    fiche = context.services.understanding.fiche(pressed.argument(0))
    if fiche is None or pressed.argument(1) not in REASONS:
        await stale(update)
        return
    context.services.questions.rate(cause_of(update), fiche.id, useful=False, reason=pressed.argument(1))
    rows = [[button(plain("button-question"), cb.ASK)], [button(plain("button-human"), cb.HUMAN)], menu_button()]
    await change(update, say("thanks-useless"), rows)
