"""A sandbox for each test, its telephones, and a bot that speaks the Bot API without any library."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from telephones import SandboxClient

from bot.sandbox import Sandbox

Json = dict[str, Any]


class Api:
    """The Bot API, called bare."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=f"{url}/bot4242:sandbox/", timeout=60, trust_env=False)

    async def call(self, method: str, **params: Any) -> Json:
        """The whole answer."""
        return dict((await self.http.post(method, json=params)).json())

    async def ok(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = await self.call(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """The code and words of a call that must be refused."""
        answer = await self.call(method, **params)
        assert not answer["ok"], answer
        return answer["error_code"], answer["description"]

    async def updates(self) -> list[Json]:
        """What waits now, confirmed."""
        found = await self.ok("getUpdates")
        if found:
            await self.ok("getUpdates", offset=found[-1]["update_id"] + 1)
        return list(found)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    served = Sandbox()
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    made = Api(sandbox.url)
    yield made
    await made.http.aclose()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox.url) as made:
        yield made


@pytest.fixture
async def samira(client: SandboxClient, api: Api) -> Any:
    """Samira's telephone, after she has started the bot."""
    telephone = client.telephone(101)
    await telephone.start(wait=False)
    await api.updates()
    return telephone


@pytest.fixture
def polling(api: Api) -> Callable[[Callable[[Json], Awaitable[None]]], Any]:
    """A bot that polls and hands each update to a coroutine."""

    @asynccontextmanager
    async def run(handle: Callable[[Json], Awaitable[None]]) -> AsyncIterator[None]:
        async def loop() -> None:
            offset = 0
            while True:
                for update in await api.ok("getUpdates", offset=offset, timeout=20):
                    offset = update["update_id"] + 1
                    await handle(update)

        task = asyncio.create_task(loop())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return run
