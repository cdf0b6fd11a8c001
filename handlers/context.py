"""What every handler may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import Update
from telegram.ext import Application, CallbackContext, ExtBot

from bot.clock import Clock
from bot.outbox import Outbox
from bot.questions import Questions
from bot.settings import Settings
from bot.understanding import Understanding


@dataclass(frozen=True)
class Services:
    """The service without Telegram: everything a handler may call."""

    settings: Settings
    clock: Clock
    understanding: Understanding
    questions: Questions
    outbox: Outbox


class Context(CallbackContext[ExtBot[None], dict[str, Any], dict[str, Any], dict[str, Any]]):
    """PTB's context with the services, typed; PTB's own dictionaries stay empty: state lives in the database."""

    @property
    def services(self) -> Services:
        """The services of this application."""
        services = self.application.bot_data["services"]
        assert isinstance(services, Services)
        return services


App = Application[ExtBot[None], Context, dict[str, Any], dict[str, Any], dict[str, Any], None]


def cause_of(update: Update) -> str:
    """A name for what caused an effect, the same when the update is handled again."""
    query = update.callback_query
    return f"{update.update_id}:{query.id}" if query else str(update.update_id)
