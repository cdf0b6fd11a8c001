"""What is kept around questions, and only when asked: opinions on fiches, questions handed to the team."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from bot.clock import Clock, paris_day
from bot.store import opinions
from bot.store import questions as handed
from bot.store.database import Store

REASONS = ("wrong", "unclear", "other", "short")
ASKER_DAYS = 60
"""How long a chat that wants an answer is kept at most."""
TEXT_LIMIT = 1000
"""Characters of a handed question that are kept."""

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\w)(?:\+|00)?\d(?:[\s./()-]{0,2}\d){7,14}(?!\w)")


class Questions:
    """Keeps opinions without who gave them, and handed questions apart from who asked."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def rate(self, cause: str, fiche: str, useful: bool, reason: str | None = None) -> bool:
        """Count 👍 or 👎 for a fiche, once per cause; False when it was already counted."""
        kept = reason if reason in REASONS else None
        return opinions.add(self._store, cause, fiche, useful, kept, paris_day(self._clock.now()))

    def hand(self, cause: str, text: str) -> str:
        """Keep a question for the team, numbers and addresses masked; a ticket that only its asker gets."""
        ticket = secrets.token_urlsafe(9)
        return handed.hand(self._store, cause, ticket, masked(text)[:TEXT_LIMIT], self._clock.now())

    def notify(self, ticket: str, chat_id: int) -> bool:
        """Keep the chat that wants the answer, 60 days at most; False when nothing waits under this ticket."""
        until = self._clock.now() + timedelta(days=ASKER_DAYS)
        return handed.remember_asker(self._store, ticket, chat_id, until)

    def forget(self, ticket: str, chat_id: int) -> None:
        """Forget that this chat wants the answer."""
        handed.forget_asker(self._store, ticket, chat_id)


def masked(text: str) -> str:
    """The text without telephone numbers and e-mail addresses."""
    return _PHONE.sub("[numéro caché]", _MAIL.sub("[adresse cachée]", text))
