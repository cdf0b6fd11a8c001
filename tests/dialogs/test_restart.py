"""An update received is an update answered: `kill -9` and Ctrl-C with updates waiting, by polling and by webhook."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from processes import Application, LocalTelegram, with_vectors
from telephones import SandboxClient, Telephone

from knowledge.entries import Fiche
from knowledge.territory import Territory

CHATS = 20
EACH = 10
SLOW_MS = 200
PATIENCE_SECONDS = 90


@dataclass
class Service:
    """An application that takes a separate sandbox for Telegram, and the people who write to it."""

    application: Application
    sandbox: SandboxClient
    people: list[Telephone]
    fiches: list[Fiche]

    async def write(self, each: int) -> None:
        """Everybody opens that many different links, one after the other, without waiting for answers."""
        await self.sandbox.latency(SLOW_MS)
        for fiche in self.fiches[:each]:
            await asyncio.gather(*(person.start(fiche.payload, wait=False) for person in self.people))

    async def answered(self, at_least: int) -> None:
        """Wait until so many answers went out."""
        await self._until(at_least)

    async def everything_answered(self, each: int) -> list[str]:
        """Wait until each link was answered; what is wrong: a fiche missing, or out of order at its first time."""
        await self.sandbox.latency(0)
        wanted = [fiche.title for fiche in self.fiches[:each]]
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            read = [await self._titles(person) for person in self.people]
            if all(set(wanted) <= set(titles) for titles in read):
                break
            await asyncio.sleep(0.2)
        return [
            f"{person}: {titles}"
            for person, titles in zip(self.people, read, strict=True)
            if list(dict.fromkeys(titles)) != wanted
        ]

    async def _titles(self, person: Telephone) -> list[str]:
        return [one.text.split("\n")[0] for one in await person.from_bot()]

    async def _until(self, at_least: int) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while len(await self.sandbox.log("sendMessage")) < at_least:
            assert time.monotonic() < until, self.application.complaints
            await asyncio.sleep(0.02)


@pytest.fixture(params=["polling", "webhook"])
async def service(
    request: pytest.FixtureRequest, tmp_path: Path, vectors: Path, territory: Territory
) -> AsyncIterator[Service]:
    """The application started against a separate sandbox, by polling or by webhook."""
    fiches = list(itertools.islice((f for f in territory.library.fiches.values() if len(f.answer) < 600), 2 * EACH))
    with LocalTelegram(tmp_path / "telegram") as telegram:
        data = with_vectors(tmp_path / "data", vectors)
        async with SandboxClient(telegram.url) as sandbox:
            people = [await sandbox.person(f"Voisin {number}") for number in range(CHATS)]
            with Application(data, **telegram.settings(webhook=request.param == "webhook")) as application:
                yield Service(application, sandbox, people, fiches)


async def test_kill_loses_nothing(service: Service) -> None:
    """Killed with 200 updates waiting, the bot started again has answered each, in order within each chat."""
    await service.write(EACH)
    await service.answered(at_least=CHATS)
    assert len(await service.sandbox.log("sendMessage")) < CHATS * EACH
    service.application.kill()
    service.application.start()
    assert await service.everything_answered(EACH) == []


async def test_killed_again_and_again(service: Service) -> None:
    """Killed as soon as it begins to answer, twice, the bot still answers each message in order."""
    service.application.kill()
    await service.write(EACH)
    for _ in range(2):
        sent = len(await service.sandbox.log("sendMessage"))
        service.application.start()
        await service.answered(at_least=sent + 10)
        service.application.kill()
    service.application.start()
    assert await service.everything_answered(EACH) == []


@pytest.mark.torture
@pytest.mark.parametrize("trial", range(10))
async def test_killed_at_any_moment(service: Service, trial: int) -> None:
    """Killed after any number of answers, from none to nearly all, the bot started again still answers each message."""
    await service.write(EACH)
    await service.answered(at_least=1 + trial * CHATS * EACH // 12)
    service.application.kill()
    service.application.start()
    assert await service.everything_answered(EACH) == []


async def test_ctrl_c_loses_nothing(service: Service) -> None:
    """Ctrl-C with messages in flight ends with status 0; after the next start each message is answered in order."""
    await service.write(EACH // 2)
    await service.answered(at_least=CHATS)
    begun = time.monotonic()
    assert service.application.interrupt() == 0
    print(f"Ctrl-C took {time.monotonic() - begun:.2f} s")  # noqa: T201
    assert "Traceback" not in service.application.complaints
    service.application.start()
    assert await service.everything_answered(EACH // 2) == []


async def test_ctrl_c_before_it_is_ready(tmp_path: Path, vectors: Path) -> None:
    """Ctrl-C while Telegram does not answer yet ends with status 0 and without a traceback."""
    data = with_vectors(tmp_path / "data", vectors)
    with Application(data, token="4242:sandbox", api_url="http://127.0.0.1:9") as application:
        assert application.interrupt() == 0
        assert "Traceback" not in application.complaints
