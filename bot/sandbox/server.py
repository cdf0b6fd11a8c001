"""The sandbox as a server: both APIs and the page on one address, inside the loop that runs."""

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.sandbox.api import BotApi
from bot.sandbox.control import Bell, Control, deliver
from bot.sandbox.faults import Faults, Limits
from bot.sandbox.media import FileStore
from bot.sandbox.webhook import Webhook
from bot.sandbox.world import Pending, World

log = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"
TOKEN = "4242:sandbox"  # noqa: S105 - the token of a bot that does not exist
SAVE_EVERY = 0.5


class Sandbox:
    """A local Telegram with its telephones, its clock and its mailbox."""

    token = TOKEN

    def __init__(self, state: Path | None = None) -> None:
        """Remember everything in the file `state`; nothing, without one."""
        self.state = state
        self.url = ""
        self.world = load(state)
        self.faults = Faults()
        self.api = BotApi(self.world, self.faults, Limits())
        self.webhook = Webhook(self.world, self.api)
        self.bell = Bell()
        self.control = Control(self.world, self.api, self.bell, self.webhook.cancel)
        self.world.on_event = self.bell.ring
        self.world.on_update = self._on_update
        self.saved = self.world.changes
        self.saver: asyncio.Task[None] | None = None
        self.stopping = asyncio.Event()
        self.server: uvicorn.Server | None = None
        self.serving: asyncio.Task[None] | None = None
        self.site = Starlette(
            routes=[*self.control.routes(), Route("/", _page), Mount("/static", StaticFiles(directory=STATIC))]
        )

    def _on_update(self, pending: Pending) -> None:
        self.api.wake()
        if self.world.webhook.get("url"):
            self.webhook.offer(pending)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application: the bot's calls take the short way."""
        if scope["type"] == "http" and scope["path"].startswith(("/bot", "/file/bot")):
            await self.api(scope, receive, send)
        else:
            await self.site(scope, receive, send)

    def now(self) -> datetime:
        """The time in the sandbox, in UTC."""
        return self.world.now()

    @property
    def clock_offset(self) -> timedelta:
        """How far the clock of the sandbox is ahead."""
        return self.world.clock_offset

    def deliver_mail(
        self,
        to: str,
        sender: str,
        subject: str,
        text: str,
        html: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Put a letter in the mailbox of the page."""
        letter = {"to": to, "from": sender, "subject": subject, "text": text, "html": html, "headers": headers}
        return deliver(self.world, letter)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve in the running loop; the base address. Port 0 takes any free one."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
        self.api.closing = False
        self.stopping = asyncio.Event()
        self.server = _Server(
            uvicorn.Config(
                self.app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="warning",
                access_log=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=1,
                h11_max_incomplete_event_size=1024 * 1024,
            )
        )
        self.serving = asyncio.create_task(self.server.serve(sockets=[listening]))
        while not self.server.started and not self.serving.done():
            await asyncio.sleep(0.002)
        if self.serving.done():
            await self.serving
        self.saver = asyncio.create_task(self._save_often()) if self.state else None
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{listening.getsockname()[1]}"
        self.webhook.wake()
        return self.url

    async def stop(self) -> None:
        """Stop serving, at once even with requests waiting, and save."""
        if self.server is None or self.serving is None:
            return
        self.server.should_exit = True
        self.stopping.set()
        self.api.release(closing=True)
        self.bell.ring_all()
        await self.webhook.close()
        await self.serving
        self.server = self.serving = None
        if self.saver is not None:
            await self.saver
            self.saver = None
        self.save()

    def save(self) -> None:
        """Write the snapshot now."""
        if self.state is not None:
            self.saved = self.world.changes
            write_snapshot(self.state, self.world.snapshot())

    async def _save_often(self) -> None:
        while not self.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), SAVE_EVERY)
            if self.state is not None and self.world.changes != self.saved:
                self.saved = self.world.changes
                await self._write(self.world.snapshot())

    async def _write(self, text: str) -> None:
        assert self.state is not None
        try:
            await asyncio.to_thread(write_snapshot, self.state, text)
        except OSError as error:
            log.warning("the sandbox could not save its state: %s", error)


class _Server(uvicorn.Server):
    """A server that leaves signals to the program it lives in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class _Protocol(H11Protocol):
    """HTTP that lets a fault cut the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio does this only for sockets it made; without it each answer waits 40 ms for an acknowledgement.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}


async def _page(request: Request) -> FileResponse:
    return FileResponse(STATIC / "index.html")


def write_snapshot(path: Path, text: str) -> None:
    """Replace the snapshot in one step, so that it is never half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)


def load(path: Path | None) -> World:
    """The world of a snapshot; the first day without one. A damaged snapshot is set aside."""
    if path is None:
        return World()
    folder = path.with_name(path.name + ".files")
    world = World(FileStore(folder))
    if not path.exists():
        return world
    try:
        world.restore(path.read_text(encoding="ascii"))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OSError) as error:
        aside = path.with_name(f"{path.name}.abime-{int(time.time())}")
        log.warning("the sandbox's state is damaged (%s); set aside as %s", error, aside)
        path.replace(aside)
        return World(FileStore(folder))
    return world
