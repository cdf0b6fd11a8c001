"""Questions handed to the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.store.database import Store


def hand(store: Store, cause: str, ticket: str, text: str, now: datetime) -> str:
    """Keep a question, once per cause; the ticket under which it is kept."""
    with store.transaction():
        store.insert(
            "INSERT OR IGNORE INTO handed_questions (cause, ticket, text, handed_at) VALUES (?, ?, ?, ?)",
            (cause, ticket, text, now.isoformat()),
        )
        return str(store.rows("SELECT ticket FROM handed_questions WHERE cause = ?", (cause,))[0]["ticket"])


def remember_asker(store: Store, ticket: str, chat_id: int, until: datetime) -> bool:
    """Keep the chat that wants the answer; False when the question is gone or was answered."""
    with store.transaction():
        open_ = store.rows("SELECT id FROM handed_questions WHERE ticket = ? AND answered_at IS NULL", (ticket,))
        if not open_:
            return False
        store.insert(
            "INSERT OR REPLACE INTO askers (question_id, chat_id, until) VALUES (?, ?, ?)",
            (open_[0]["id"], chat_id, until.isoformat()),
        )
        return True


def forget_asker(store: Store, ticket: str, chat_id: int) -> None:
    """Forget that this chat wants the answer."""
    store.write(
        "DELETE FROM askers WHERE chat_id = ? AND question_id = (SELECT id FROM handed_questions WHERE ticket = ?)",
        (chat_id, ticket),
    )


@dataclass(frozen=True)
class Handed:
    """A question that waits. `chat_id` is who wants the answer, if anybody does."""

    number: int
    text: str
    handed_at: datetime
    chat_id: int | None

    @property
    def wants_answer(self) -> bool:
        """True when somebody asked to be told."""
        return self.chat_id is not None


_WAITING = (
    "SELECT q.id, q.text, q.handed_at, a.chat_id FROM handed_questions q LEFT JOIN askers a ON a.question_id = q.id "
    "WHERE q.answered_at IS NULL"
)


def waiting(store: Store) -> list[Handed]:
    """Questions without an answer, oldest first."""
    return [_handed(row) for row in store.rows(f"{_WAITING} ORDER BY q.id")]


def take(store: Store, number: int, now: datetime) -> Handed | None:
    """Mark a question answered and forget who asked, inside the caller's transaction; None when it does not wait."""
    rows = store.rows(f"{_WAITING} AND q.id = ?", (number,))
    if not rows:
        return None
    store.write("UPDATE handed_questions SET answered_at = ? WHERE id = ?", (now.isoformat(), number))
    store.write("DELETE FROM askers WHERE question_id = ?", (number,))
    return _handed(rows[0])


def _handed(row: dict[str, Any]) -> Handed:
    return Handed(row["id"], row["text"], datetime.fromisoformat(row["handed_at"]), row["chat_id"])


def purge(store: Store, now: datetime, handed_before: datetime) -> int:
    """Forget askers past their date and questions handed long ago; how many rows went."""
    with store.transaction():
        gone = store.write("DELETE FROM askers WHERE until < ?", (now.isoformat(),))
        return gone + store.write("DELETE FROM handed_questions WHERE handed_at < ?", (handed_before.isoformat(),))
