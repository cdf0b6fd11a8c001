"""The only place that knows everyone: settings → store → services → handlers → schedules → run."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, closing, nullcontext
from typing import Any
from urllib.parse import urlsplit

from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ContextTypes, ExtBot

from bot.channels.telegram import ALLOWED_UPDATES, PasserelleBot, Poller, TelegramChannel, make_bot
from bot.clock import Clock, ShiftedClock, SystemClock
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.questions import Questions
from bot.retention import Retention
from bot.sandbox import Sandbox
from bot.settings import Settings, SettingsError
from bot.store.database import Store, open_store
from bot.store.inbox import RawUpdate
from bot.understanding import Understanding
from bot.web.server import NotYet, WebServer, health_route, listening, webhook_route, webhook_secret
from handlers.context import App, Context, Services
from handlers.errors import tell_of_set_aside
from handlers.intake import Intake
from handlers.profile import publish
from handlers.table import register
from knowledge.search import load_search
from knowledge.territory import load_territory
from schedules import Schedule
from schedules.table import jobs

log = logging.getLogger(__name__)

STOP_GRACE_SECONDS = 0.5
"""What is being answered may finish for so long after Ctrl-C; the rest is written down for the next start."""


def load_knowledge(settings: Settings) -> Understanding:
    """The fiches and the search of the territory, with the State's fiches if a set was imported.

    Raises KnowledgeError with every problem found, StoreError when the database cannot be read.
    """
    with closing(open_store(settings.database)) if settings.database.exists() else nullcontext() as store:
        territory = load_territory(settings.territory_folder)
        understanding = Understanding(territory, load_search(territory, settings.data))
        if store:
            understanding.refresh_official(store)
    return understanding


async def run(settings: Settings, understanding: Understanding, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. `announce` is told, in French, where to go.

    Raises StoreError, ListenError or SettingsError when it cannot start.
    """
    stopping = _stop_event()
    async with AsyncExitStack() as stack:
        store = open_store(settings.database)
        stack.callback(store.close)
        service = await Service.build(settings, store, understanding, stack)
        announce(service.where)
        await service.serve(stopping, stack)


class Door:
    """What the HTTP side knows of the inbox, which is made after it: the bot's address depends on where we listen."""

    inbox: Inbox | None = None

    def open(self, inbox: Inbox) -> None:
        """Let updates in: only once what an earlier run left is in line, or a chat's newer message would pass first."""
        self.inbox = inbox

    def receive(self, updates: Sequence[RawUpdate]) -> None:
        """Pass updates on. Raises NotYet before it is open: Telegram sends them again."""
        if self.inbox is None:
            raise NotYet
        self.inbox.receive(updates)

    def waiting(self) -> int:
        """How many updates wait."""
        return len(self.inbox) if self.inbox else 0


class Service:
    """The parts, put together."""

    def __init__(self, settings: Settings, app: App, inbox: Inbox, door: Door, schedule: Schedule, where: str) -> None:
        self._settings = settings
        self._app = app
        self._inbox = inbox
        self._door = door
        self._schedule = schedule
        self.where = where

    @classmethod
    async def build(
        cls, settings: Settings, store: Store, understanding: Understanding, stack: AsyncExitStack
    ) -> Service:
        """Wire everything; the HTTP side listens when this returns."""
        sandbox = Sandbox(settings.data / "sandbox.json") if settings.is_sandbox else None
        clock: Clock = ShiftedClock(lambda: sandbox.clock_offset) if sandbox else SystemClock()
        token = settings.token.get_secret_value() if settings.token else Sandbox.token
        door = Door()
        address = await _listen(settings, sandbox, token, door, stack)
        bot = make_bot(token, address if sandbox else settings.api_url)
        outbox = Outbox(store, clock, {"telegram": TelegramChannel(bot)})
        services = Services(settings, clock, understanding, Questions(store, clock), outbox)
        app = _application(bot, services)
        inbox = Inbox(store, clock, Intake(app).handle, tell_of_set_aside(outbox, settings.admins))
        schedule = Schedule(
            store, clock, jobs(outbox, Retention(store, clock), lambda: understanding.refresh_official(store))
        )
        return cls(settings, app, inbox, door, schedule, _where(settings, address))

    async def serve(self, stopping: asyncio.Event, stack: AsyncExitStack) -> None:
        """Answer until told to stop."""
        if not await _unless(stopping, self._connect()):
            return
        stack.push_async_callback(self._app.shutdown)
        self._inbox.recover()
        self._door.open(self._inbox)
        stack.push_async_callback(self._inbox.stop, STOP_GRACE_SECONDS)
        self._schedule.start()
        stack.callback(self._schedule.stop)
        receiving = asyncio.create_task(self._receive())
        profile = asyncio.create_task(publish(self._app.bot))
        await stopping.wait()
        for task in (receiving, profile):
            task.cancel()
        await asyncio.gather(receiving, profile, return_exceptions=True)

    async def _connect(self) -> None:
        """Meet Telegram; wait for it as long as it takes. Raises SettingsError when the token is refused."""
        pause = 1.0
        while True:
            try:
                await self._app.initialize()
                return
            except InvalidToken:
                raise SettingsError("Telegram refuse le jeton : recopiez PASSERELLE_TOKEN depuis @BotFather.") from None
            except TelegramError as error:
                log.warning("Telegram does not answer yet", extra={"error": type(error).__name__, "pause": pause})
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30.0)

    async def _receive(self) -> None:
        bot = self._app.bot
        assert isinstance(bot, PasserelleBot)
        if self._settings.webhook_url and not self._settings.is_sandbox:
            await _until_done(lambda: self._set_webhook(bot, str(self._settings.webhook_url)))
            return
        await _until_done(lambda: bot.delete_webhook(drop_pending_updates=False))
        await Poller(bot, self._inbox.receive, lambda: len(self._inbox)).run()

    @staticmethod
    async def _set_webhook(bot: PasserelleBot, url: str) -> bool:
        return await bot.set_webhook(url, secret_token=webhook_secret(bot.token), allowed_updates=ALLOWED_UPDATES)


async def _listen(settings: Settings, sandbox: Sandbox | None, token: str, door: Door, stack: AsyncExitStack) -> str:
    """Open the HTTP side, the sandbox's or the service's own; its address."""
    routes = [health_route(door.waiting)]
    if sandbox:
        sandbox.site.router.routes[:0] = routes
        with listening(settings.http_host, settings.http_port):
            address = await sandbox.start(settings.http_host, settings.http_port)
        stack.push_async_callback(sandbox.stop)
        return address
    if settings.webhook_url:
        routes.append(webhook_route(urlsplit(settings.webhook_url).path, webhook_secret(token), door.receive))
    web = WebServer(routes)
    address = await web.start(settings.http_host, settings.http_port)
    stack.push_async_callback(web.stop)
    return address


def _application(bot: ExtBot[None], services: Services) -> App:
    """PTB's application without its updater, queue and persistence: the inbox does that work."""
    types = ContextTypes(context=Context)
    app: App = Application.builder().bot(bot).updater(None).job_queue(None).context_types(types).build()
    app.bot_data["services"] = services
    register(app)
    return app


def _where(settings: Settings, address: str) -> str:
    if settings.is_sandbox:
        return f"Passerelle est prête. Ouvrez {address} dans votre navigateur (Ctrl-C pour arrêter)."
    return f"Passerelle répond sur Telegram. État du service : {address}/sante (Ctrl-C pour arrêter)."


def _stop_event() -> asyncio.Event:
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, event.set)
    return event


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do the work unless told to stop first; True when it was done."""
    task = asyncio.create_task(work)
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if task.done():
        task.result()
        return True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return False


async def _until_done(call: Callable[[], Awaitable[object]]) -> None:
    """Call Telegram until it has taken the request."""
    while True:
        try:
            await call()
            return
        except TelegramError as error:
            log.warning("Telegram refused a setting", extra={"error": type(error).__name__})
            await asyncio.sleep(5)
