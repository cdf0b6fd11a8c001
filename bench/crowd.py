"""People who write to a bot through a sandbox of its own, and what its answers say of it."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from processes import EXAMPLE, SANDBOX_TOKEN, Application, LocalTelegram, Process, environment
from telephones import SandboxClient

from bench import QUESTIONS, ROOT
from handlers.questions import _OWN_SCREENS
from handlers.render import fiche_messages, fiche_rows, keyboard
from knowledge.evaluation import read_exam
from knowledge.search import load_search
from knowledge.territory import load_territory

SANDBOX_MS = 50
MOST_QUESTIONS = 60
LONGEST_SECONDS = 120
QUIET_SECONDS = 3.0
"""Longer than the pause before what a fault broke is tried again."""


@dataclass(frozen=True)
class Known:
    """A question whose answer is known: the fiche's title, and the message as the application writes it."""

    question: str
    title: str
    text: str
    keyboard: dict[str, Any]


def known_questions(cache: Path) -> list[Known]:
    """Questions answered with one fiche in one message, each fiche once."""
    territory = load_territory(EXAMPLE)
    search = load_search(territory, cache)
    found: dict[str, Known] = {}
    for line in (line for path in sorted(QUESTIONS.glob("*.csv")) for line in read_exam(path)):
        said = search.find(line.question)
        plainly = said.outcome == "answer" and not said.emergency and said.language == "fr"
        if not plainly or said.ids[0] in found or said.ids[0] in _OWN_SCREENS:
            continue
        fiche = territory.library.fiches[said.ids[0]]
        texts, buttons = fiche_messages(fiche), keyboard(fiche_rows(fiche))
        if len(texts) == 1 and buttons and fiche.title not in {known.title for known in found.values()}:
            found[fiche.id] = Known(line.question, fiche.title, texts[0], buttons.to_dict())
        if len(found) == MOST_QUESTIONS:
            break
    return list(found.values())


class Seen(Process):
    """A process that can be looked at."""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid


class Ours(Application, Seen):
    """The application."""


class Bare(Seen):
    """The bare bot (bench/bare.py)."""

    def __init__(self, folder: Path, api_url: str, answers: Path) -> None:
        env = {**environment(folder), "PYTHONPATH": str(ROOT)}
        super().__init__(["bench.bare", SANDBOX_TOKEN, api_url, str(answers)], folder, env)


@dataclass(frozen=True)
class Asked:
    """A message written, and when."""

    chat: int
    known: Known
    at: float


@dataclass(frozen=True)
class Given:
    """What came of messages: by chat, the answers in order, and when each was sent."""

    asked: tuple[Asked, ...]
    answers: dict[int, list[tuple[str, float]]] = field(default_factory=dict)

    @property
    def out_of_order(self) -> int:
        """Answers that do not stand where their question stands in its chat, missing ones included."""
        wrong = 0
        for chat in {one.chat for one in self.asked}:
            wanted = [one.known.title for one in self.asked if one.chat == chat]
            got = [title for title, _ in self.answers.get(chat, [])]
            wrong += sum(a != b for a, b in zip(wanted, got, strict=False)) + abs(len(wanted) - len(got))
        return wrong

    @property
    def seconds(self) -> float:
        """From the first message to the last answer."""
        return max(at for answers in self.answers.values() for _, at in answers) - min(one.at for one in self.asked)

    def latencies(self, chats: Sequence[int]) -> list[float]:
        """From a message to its answer, for messages of these chats that were answered."""
        waited = []
        for one in self.asked:
            times = [at for title, at in self.answers.get(one.chat, []) if title == one.known.title]
            waited += [times[0] - one.at] if one.chat in chats and times else []
        return waited


class Crowd:
    """A sandbox in its own process and people who have started the bot."""

    def __init__(self, folder: Path, known: Sequence[Known]) -> None:
        self.telegram = LocalTelegram(folder)
        self.known = known
        self.people: list[int] = []
        self._titles = {_head(one.text): one.title for one in known}
        self._seen = 0
        self._message = 1_000_000

    async def __aenter__(self) -> Self:
        self.telegram.start()
        self.sandbox = SandboxClient(self.telegram.url)
        await self.sandbox.latency(SANDBOX_MS)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sandbox.close()
        self.telegram.kill()

    async def invite(self, count: int) -> None:
        for number in range(count):
            self.people.append((await self.sandbox.person(f"Voisin {number}", started=True)).user_id)

    def turn(self, chat: int, number: int) -> Known:
        """The question that this chat asks at its turn: others than its neighbours', each once."""
        return self.known[(7 * chat + number) % len(self.known)]

    async def write(self, messages: Sequence[tuple[int, Known]]) -> list[Asked]:
        """Messages that reach the bot at one moment."""
        updates, at = [self._update(chat, known.question) for chat, known in messages], time.time()
        await self.sandbox.inject(*updates)
        return [Asked(chat, known, at) for chat, known in messages]

    async def answers(self, asked: Sequence[Asked], of: Sequence[int], patience: float = LONGEST_SECONDS) -> Given:
        """Wait until as many answers as messages went to the chats `of`."""
        given = Given(tuple(asked))
        wanted = sum(one.chat in of for one in asked)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for call in await self._calls():
                title = self._titles.get(_head(str(call["params"].get("text", ""))), "?")
                at = datetime.fromisoformat(call["time"]).astimezone(UTC).timestamp()
                given.answers.setdefault(int(call["chat_id"]), []).append((title, at))
            if sum(len(given.answers.get(chat, ())) for chat in of) >= wanted:
                break
            await asyncio.sleep(0.1)
        return given

    async def forget(self) -> None:
        """No more faults; what was said until now no longer counts."""
        await self.sandbox.clear_faults()
        await self.sandbox.latency(SANDBOX_MS)
        await self._calls()

    async def quiet(self) -> None:
        """Wait until nothing is sent any more: what one trial left must not slow the next."""
        while await self._calls():
            await asyncio.sleep(QUIET_SECONDS)

    async def _calls(self) -> list[dict[str, Any]]:
        calls = await self.sandbox.log("sendMessage", since=self._seen)
        self._seen = max((call["seq"] for call in calls), default=self._seen)
        return calls

    def _update(self, chat: int, text: str) -> dict[str, Any]:
        self._message += 1
        person = {"id": chat, "is_bot": False, "first_name": "Voisin", "language_code": "fr"}
        place = {"id": chat, "type": "private", "first_name": "Voisin"}
        message = {"message_id": self._message, "date": int(time.time()), "chat": place, "from": person, "text": text}
        return {"message": message}


def _head(text: str) -> str:
    return text.split("\n", 1)[0]


def save_answers(known: Sequence[Known], path: Path) -> Path:
    """The answers as the bare bot reads them."""
    prepared = {one.question: {"text": one.text, "keyboard": one.keyboard} for one in known}
    path.write_text(json.dumps(prepared), encoding="utf-8")
    return path
