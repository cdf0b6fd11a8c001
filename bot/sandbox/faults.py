"""Being slow, failing or counting messages, on order: what a bot must survive."""

import math
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from bot.sandbox.refusals import Impossible, Refused

Json = dict[str, Any]
KINDS = ("429", "5xx", "late", "never", "cut", "cut_after")
WORDS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


@dataclass
class Fault:
    """One thing that goes wrong; `times` counts down, -1 is for ever."""

    method: str
    kind: str
    times: int = 1
    seconds: float = 5.0
    retry_after: int = 1
    status: int = 502
    chat_id: int | None = None

    def meets(self, method: str, chat_id: Any) -> bool:
        """Whether this call goes wrong. `*` is every method but getUpdates, which must be named."""
        named = self.method.lower() == method.lower() or (self.method == "*" and method != "getUpdates")
        return named and self.times != 0 and (self.chat_id is None or str(self.chat_id) == str(chat_id))

    def refusal(self) -> Refused | None:
        """The answer of this fault, if it is one of Telegram's."""
        if self.kind == "429":
            return too_many(self.retry_after)
        if self.kind == "5xx":
            return Refused(self.status, WORDS.get(self.status, "Bad Gateway"))
        return None


def too_many(retry_after: int) -> Refused:
    """Telegram's way to say that a bot writes too much."""
    words = f"Too Many Requests: retry after {retry_after}"
    return Refused(429, words, {"retry_after": retry_after})


class Faults:
    """The faults ordered, and how slow answers are."""

    def __init__(self) -> None:
        """Start well."""
        self.ordered: list[Fault] = []
        self.latency_ms = 0.0

    def order(self, given: Json) -> Fault:
        """Add a fault."""
        kind = str(given.get("kind", ""))
        if kind not in KINDS:
            raise Impossible(f"Panne inconnue : {kind}. Pannes possibles : {', '.join(KINDS)}.")
        chat_id = given.get("chat_id")
        fault = Fault(
            method=str(given.get("method", "*")),
            kind=kind,
            times=int(given.get("times", 1)),
            seconds=min(3600.0, max(0.0, float(given.get("seconds", 5)))),
            retry_after=int(given.get("retry_after", 1)),
            status=int(given.get("status", 502)),
            chat_id=None if chat_id is None else int(chat_id),
        )
        self.ordered.append(fault)
        return fault

    def next(self, method: str, chat_id: Any) -> Fault | None:
        """The fault of this call, used once."""
        for fault in self.ordered:
            if fault.meets(method, chat_id):
                fault.times -= fault.times > 0
                if fault.times == 0:
                    self.ordered.remove(fault)
                return fault
        return None

    def listed(self) -> list[Json]:
        """The faults still to come."""
        return [asdict(fault) for fault in self.ordered]

    def clear(self) -> None:
        """Be well again."""
        self.ordered.clear()
        self.latency_ms = 0.0


class Limits:
    """The flood limits of Telegram; off until switched on."""

    def __init__(self) -> None:
        """Start without limits."""
        self.given: Json = {}
        self.sent: dict[str, deque[float]] = {}

    def set(self, given: Json) -> None:
        """Switch on the limits per_second, per_chat_per_second, per_group_per_minute; none of them, all off."""
        names = ("per_second", "per_chat_per_second", "per_group_per_minute")
        self.given = {name: float(given[name]) for name in names if given.get(name)}
        self.sent.clear()

    def check(self, method: str, chat_id: Any) -> None:
        """Refuse a message too many."""
        if not self.given or not method.startswith(("send", "copy", "forward", "edit")) or method == "sendChatAction":
            return
        now = time.monotonic()
        rules = [("all", self.given.get("per_second"), 1.0)]
        if str(chat_id).startswith("-"):
            rules.append((f"group {chat_id}", self.given.get("per_group_per_minute"), 60.0))
        else:
            rules.append((f"chat {chat_id}", self.given.get("per_chat_per_second"), 1.0))
        active = [(self._window(name, now - span), most, span) for name, most, span in rules if most]
        waits = [window[0] + span - now for window, most, span in active if len(window) >= most]
        if waits:
            raise too_many(max(1, math.ceil(max(waits))))
        for window, _, _ in active:
            window.append(now)

    def _window(self, name: str, since: float) -> deque[float]:
        window = self.sent.setdefault(name, deque())
        while window and window[0] <= since:
            window.popleft()
        return window
