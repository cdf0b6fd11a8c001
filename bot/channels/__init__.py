"""Ways out of the service. A channel sends one message or says why not; the outbox decides what follows."""

from __future__ import annotations

from typing import Any, Protocol


class Refused(Exception):
    """This message will never be accepted; `blocked` when the person wants nothing from us any more."""

    def __init__(self, reason: str, blocked: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.blocked = blocked


class Unavailable(Exception):
    """Not now: try later, after `retry_after` seconds when the other side said so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Channel(Protocol):
    """One way to reach a person."""

    async def send(self, recipient: str, payload: dict[str, Any]) -> None:
        """Send one message. Raises Refused or Unavailable."""
        ...
