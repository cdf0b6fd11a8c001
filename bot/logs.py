"""Logs an operator can read and that say nothing about people: no texts, no names, no chat ids."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "taskName"}
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Incident:
    """An unexpected error: a short reference a person can read out, what it was, and where."""

    reference: str
    kind: str
    frames: str


def incident(error: BaseException) -> Incident:
    """Describe an error by its type and code lines only: its message may quote what somebody wrote."""
    reference = "".join(secrets.choice(_ALPHABET) for _ in range(5))
    frames = "".join(traceback.format_tb(error.__traceback__)[-8:])
    return Incident(reference, type(error).__name__, frames)


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, place, what, and the extra fields given."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON; exceptions only by type and code lines."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": record.getMessage(),
        }
        line |= {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[1]:
            found = incident(record.exc_info[1])
            line |= {"error": found.kind, "frames": found.frames}
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: int = logging.INFO) -> None:
    """Log to standard error. Libraries speak only of warnings: their debug lines quote messages."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("bot", "handlers", "knowledge", "schedules"):
        logging.getLogger(name).setLevel(level)
