"""When something fails: who is told, and what is tried again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar

from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.inbox import FAILURES, TryLater, Unreadable, lane_of
from bot.logs import incident
from bot.outbox import Outbox
from bot.store.inbox import Received
from bot.texts import say
from handlers.context import Context

log = logging.getLogger(__name__)

failures: ContextVar[list[Exception]] = ContextVar("failures")
"""What failed in the update being handled: PTB keeps it to itself otherwise."""

_CHAT_IS_GONE = (
    "chat not found",
    "rights to send",
    "chat_write_forbidden",
    "topic_closed",
    "need administrator rights",
)


async def note_failure(update: object, context: Context) -> None:
    """PTB's error handler: remember the error for whoever handles the update."""
    if context.error is not None and (noted := failures.get(None)) is not None:
        noted.append(context.error)


def raise_noted(noted: list[Exception]) -> None:
    """Raise what the inbox should know: TryLater for Telegram's troubles, the error itself for ours."""
    for error in noted:
        if isinstance(error, RetryAfter):
            after = error.retry_after
            raise TryLater(float(after) if isinstance(after, int | float) else after.total_seconds())
        if isinstance(error, Forbidden) or _chat_is_gone(error):
            continue
        if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
            raise TryLater
        raise error


def _chat_is_gone(error: Exception) -> bool:
    return isinstance(error, TelegramError) and any(words in error.message.lower() for words in _CHAT_IS_GONE)


def tell_of_set_aside(outbox: Outbox, admins: tuple[int, ...]) -> Callable[[Received, Exception], None]:
    """Tell the person, with a short reference, and the operator, through the outbox; nothing personal in the log."""

    def tell(received: Received, error: Exception) -> None:
        found = incident(error)
        extra = {"reference": found.reference, "row": received.id, "error": found.kind, "frames": found.frames}
        log.error("update set aside", extra=extra)
        if isinstance(error, Unreadable):
            return
        cause = f"set-aside:{received.id}"
        kind, _, chat = lane_of(received.update).partition(":")
        if kind == "chat":
            text = say("went-wrong", reference=found.reference)
            outbox.enqueue(f"{cause}:person", "telegram", chat, {"text": text})
        for admin in admins:
            head = say("operator-incident", reference=found.reference, kind=found.kind)
            text = say("operator-set-aside", kind=found.kind, times=FAILURES, row=received.id)
            outbox.enqueue(f"{cause}:admin:{admin}", "telegram", str(admin), {"text": f"{head}\n\n{text}"})

    return tell
