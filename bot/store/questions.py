"""Questions handed to the team."""

from __future__ import annotations

from datetime import datetime

from bot.store.database import Store


def hand(store: Store, cause: str, text: str, now: datetime) -> int:
    """Keep a question, once per cause; its number."""
    with store.transaction():
        store.insert(
            "INSERT OR IGNORE INTO handed_questions (cause, text, handed_at) VALUES (?, ?, ?)",
            (cause, text, now.isoformat()),
        )
        return int(store.rows("SELECT id FROM handed_questions WHERE cause = ?", (cause,))[0]["id"])


def remember_asker(store: Store, question: int, chat_id: int, until: datetime) -> bool:
    """Keep the chat that wants the answer; False when the question is gone or was answered."""
    with store.transaction():
        open_ = store.rows("SELECT 1 FROM handed_questions WHERE id = ? AND answered_at IS NULL", (question,))
        if not open_:
            return False
        store.insert(
            "INSERT OR REPLACE INTO askers (question_id, chat_id, until) VALUES (?, ?, ?)",
            (question, chat_id, until.isoformat()),
        )
        return True


def forget_asker(store: Store, question: int) -> None:
    """Forget who wants the answer."""
    store.write("DELETE FROM askers WHERE question_id = ?", (question,))


def purge(store: Store, now: datetime, handed_before: datetime) -> int:
    """Forget askers past their date and questions handed long ago; how many rows went."""
    with store.transaction():
        gone = store.write("DELETE FROM askers WHERE until < ?", (now.isoformat(),))
        return gone + store.write("DELETE FROM handed_questions WHERE handed_at < ?", (handed_before.isoformat(),))
