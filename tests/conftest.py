"""What whole conversations need: the real application on the sandbox's Bot API, and people with telephones."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from processes import Application, computed_vectors, with_vectors
from telephones import SandboxClient, Telephone

from bot.settings import KNOWLEDGE
from knowledge.territory import Territory, load_territory


@pytest.fixture(scope="session")
def vectors(pytestconfig: pytest.Config) -> Path:
    """The folder of the sentence vectors, shared by all workers."""
    return computed_vectors(pytestconfig.cache.mkdir("vectors") if pytestconfig.cache else Path("var"))


@pytest.fixture(scope="session")
def territory() -> Territory:
    """The territory the application serves: what its answers are compared with."""
    return load_territory(KNOWLEDGE / "exemple")


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory, vectors: Path) -> Iterator[Application]:
    """The application as `make run` starts it, one for each worker."""
    data = with_vectors(tmp_path_factory.mktemp("application"), vectors)
    with Application(data, admins="104") as running:
        yield running
        assert running.alive, f"the application died:\n{running.complaints}"


@pytest.fixture
def base_url(application: Application) -> str:
    """Where the sandbox and its Bot API are."""
    assert application.alive, f"the application died:\n{application.complaints}"
    return application.url


@pytest.fixture
async def sandbox(base_url: str) -> AsyncIterator[SandboxClient]:
    """The sandbox; faults and slowness end with the test."""
    async with SandboxClient(base_url) as client:
        yield client
        await client.clear_faults()
        await client.latency(0)
        await client.limits()


@pytest.fixture
async def newcomer(sandbox: SandboxClient) -> Telephone:
    """Somebody who has never written to the bot."""
    return await sandbox.person("Alix")


@pytest.fixture
async def resident(newcomer: Telephone) -> Telephone:
    """Somebody who has started the bot."""
    await newcomer.start()
    return newcomer
