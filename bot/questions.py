"""What is kept around questions, and only when asked: opinions on fiches, questions handed to the team."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from bot.clock import Clock, paris_day
from bot.store import opinions, outbox
from bot.store import questions as handed
from bot.store.database import Store
from bot.texts import say

REASONS = ("wrong", "unclear", "other", "short")
ASKER_DAYS = 60
"""How long a chat that wants an answer is kept at most."""
TEXT_LIMIT = 1000
"""Characters of a handed question that are kept."""

_ATOM = r"""[^\s@<>()\[\]{},;:"«»“”]"""
_MAIL = re.compile(rf"{_ATOM}++@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\(?\+?\d(?:[\s./()_*–—\u200b-\u200f\u2060\ufe0f\u20e3-]{0,3}\d){7,}")
"""Eight digits or more, however they are spaced or glued: a date is hidden too, better that than a number left."""


ANSWER_LIMIT = 2500
"""Characters of an answer: it fits one message with the question."""


class QuestionError(Exception):
    """A question cannot be answered; the text says why, in French."""


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
        whole = text.encode("utf-8", "replace").decode()
        return handed.hand(self._store, cause, ticket, masked(whole)[:TEXT_LIMIT], self._clock.now())

    def notify(self, ticket: str, chat_id: int) -> bool:
        """Keep the chat that wants the answer, 60 days at most; False when nothing waits under this ticket."""
        until = self._clock.now() + timedelta(days=ASKER_DAYS)
        return handed.remember_asker(self._store, ticket, chat_id, until)

    def waiting(self) -> list[handed.Handed]:
        """The questions nobody answered yet, oldest first."""
        return handed.waiting(self._store)

    def answer(self, number: int, text: str) -> bool:
        """Answer a question; True when somebody is told.

        The answer and the message that carries it are written together. Raises QuestionError when no such question
        waits or the answer is empty or too long for a message.
        """
        if not text.strip() or len(text) > ANSWER_LIMIT:
            raise QuestionError(f"La réponse doit avoir entre 1 et {ANSWER_LIMIT} caractères.")
        now = self._clock.now()
        with self._store.transaction():
            question = handed.take(self._store, number, now)
            if question is None:
                raise QuestionError(f"Aucune question {number} n'attend de réponse.")
            if question.chat_id is None:
                return False
            message = {"text": say("team-answer", question=question.text, answer=text)}
            return outbox.add(self._store, f"answer:{number}", "telegram", str(question.chat_id), message, now)

    def forget(self, ticket: str, chat_id: int) -> None:
        """Forget that this chat wants the answer."""
        handed.forget_asker(self._store, ticket, chat_id)


def masked(text: str) -> str:
    """The text without telephone numbers and e-mail addresses."""
    return _PHONE.sub("[numéro caché]", _MAIL.sub("[adresse cachée]", text))
