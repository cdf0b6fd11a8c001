"""What the page and the tests drive: telephones, clock, mailbox, faults, under /sandbox/."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.clock import PARIS
from bot.sandbox import media, people
from bot.sandbox.api import BotApi
from bot.sandbox.methods import commands_list
from bot.sandbox.refusals import Impossible
from bot.sandbox.world import Chat, World, chat_key, compact

Json = dict[str, Any]
HEARTBEAT = 15.0
LONG_ENOUGH = 0.3
VERY_LONG = 1.0
SLICE = 0.02
ANSWERS = ("message", "edited", "deleted", "reaction", "toast")
Action = Callable[[World, Chat, Json], Json]


class Bell:
    """Wakes those who wait for something in a chat (or anywhere, 0), and remembers when a chat was last busy."""

    def __init__(self) -> None:
        """Nobody waits."""
        self.waiting: dict[int, set[asyncio.Future[None]]] = {}
        self.busy_at: dict[int, float] = {}
        self.any_at = 0.0

    def ring(self, chat_id: int) -> None:
        """Something happened there."""
        self.any_at = self.busy_at[chat_id] = time.monotonic()
        self._wake(chat_id)
        if chat_id:
            self._wake(0)

    def ring_all(self) -> None:
        """Wake everyone."""
        for chat_id in list(self.waiting):
            self._wake(chat_id)

    def _wake(self, chat_id: int) -> None:
        for future in self.waiting.pop(chat_id, ()):
            if not future.done():
                future.set_result(None)

    async def wait(self, chat_id: int, seconds: float) -> bool:
        """Wait for the next ring there; False if none came in time."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(chat_id, set()).add(future)
        try:
            await asyncio.wait_for(future, max(0.0, seconds))
        except TimeoutError:
            return False
        finally:
            self.waiting.get(chat_id, set()).discard(future)
        return True


class Control:
    """The control API."""

    def __init__(self, world: World, api: BotApi, bell: Bell, on_reset: Callable[[], None]) -> None:
        """Drive `world`."""
        self.world = world
        self.api = api
        self.bell = bell
        self.on_reset = on_reset

    def routes(self) -> list[Route]:
        """The addresses of the control API."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
            ("GET", "state", self.state),
            ("GET", "events", self.events),
            ("GET", "wait", self.wait),
            ("POST", "chats", self.add_group),
            ("GET", "chats/{chat}/messages", self.messages),
            ("POST", "chats/{chat}/messages", self.write),
            ("POST", "chats/{chat}/edit", self._in_chat(people.edit)),
            ("POST", "chats/{chat}/delete", self._in_chat(people.delete)),
            ("POST", "chats/{chat}/press", self._in_chat(people.press)),
            ("POST", "chats/{chat}/react", self._in_chat(people.react_to)),
            ("POST", "chats/{chat}/forward", self._in_chat(people.forward)),
            ("POST", "chats/{chat}/start", self._in_chat(people.start)),
            ("POST", "chats/{chat}/members", self._in_chat(people.change_member)),
            ("POST", "inline", self.inline),
            ("POST", "inline/choose", self.choose),
            ("POST", "people", self.add_person),
            ("POST", "people/{person}/block", self.block),
            ("POST", "updates", self.updates),
            ("GET", "faults", self.list_faults),
            ("POST", "faults", self.add_fault),
            ("DELETE", "faults", self.clear_faults),
            ("POST", "latency", self.latency),
            ("GET", "limits", self.list_limits),
            ("POST", "limits", self.limits),
            ("DELETE", "limits", self.no_limits),
            ("GET", "clock", self.clock),
            ("POST", "clock", self.move_clock),
            ("GET", "mailbox", self.mailbox),
            ("POST", "mailbox", self.mail),
            ("DELETE", "mailbox", self.empty_mailbox),
            ("GET", "log", self.log),
            ("DELETE", "log", self.clear_log),
            ("GET", "pending", self.pending),
            ("GET", "files/{file_id}", self.file),
            ("POST", "reset", self.reset),
        ]
        return [Route(f"/sandbox/{path}", self._answering(action), methods=[verb]) for verb, path, action in table]

    def _answering(self, action: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if not _same_origin(request):
                return _json({"error": "Cette page ne vient pas du bac à sable."}, 403)
            before = self.world.seq
            try:
                result = await action(request)
            except Impossible as refusal:
                return _json({"error": str(refusal)}, 400)
            except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
                return _json({"error": f"Demande mal formée ({type(error).__name__} : {error})."}, 400)
            response = result if isinstance(result, Response) else _json(result)
            # From here on a telephone looks for answers.
            response.headers["x-sandbox-seq"] = str(before)
            return response

        return endpoint

    def _in_chat(self, action: Action) -> Callable[[Request], Awaitable[Json]]:
        async def run(request: Request) -> Json:
            chat = self.world.chat(request.path_params["chat"])
            return action(self.world, chat, await _body(request))

        return run

    # Looking

    async def state(self, request: Request) -> Json:
        """Everything the page shows."""
        world = self.world
        return {
            "bot": world.bot,
            "people": [asdict(person) for person in world.people.values()],
            "chats": [people.chat_shown(world, chat) for chat in world.chats.values()],
            "messages": {str(chat.id): [post.shown() for post in chat.posts.values()] for chat in world.chats.values()},
            "commands": commands_list(world),
            "menu_buttons": world.menu_buttons,
            "texts": world.texts,
            "clock": world.clock(),
            "mailbox": world.mailbox,
            "seq": world.seq,
        }

    async def messages(self, request: Request) -> list[Json]:
        """The messages of one chat, oldest first."""
        return [post.shown() for post in self.world.chat(request.path_params["chat"]).posts.values()]

    async def events(self, request: Request) -> Response:
        """The stream of events."""
        since = int(request.query_params.get("since") or request.headers.get("last-event-id") or self.world.seq)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._stream(since), media_type="text/event-stream", headers=headers)

    async def _stream(self, since: int) -> AsyncIterator[str]:
        yield ": bonjour\n\n"
        while not self.api.closing:
            events = self.world.events_since(since)
            for event in events:
                since = event["seq"]
                yield f"id: {since}\ndata: {compact(event)}\n\n"
            if not events and not await self.bell.wait(0, HEARTBEAT):
                yield ": toujours là\n\n"

    async def wait(self, request: Request) -> Json:
        """Wait until the bot has answered in a chat and is quiet again.

        `answers` is how many of the bot's doings (messages, edits, deletions, reactions, toasts) are needed, 0 to wait
        only for quiet; `quiet_ms` how long nothing may happen; `settled` is false when `timeout` passed first.
        """
        query = request.query_params
        chat_id = self.world.chat(query["chat_id"]).id
        since, needed = int(query.get("since", 0)), int(query.get("answers", 1))
        quiet, until = (
            float(query.get("quiet_ms", 50)) / 1000,
            time.monotonic() + min(60.0, float(query.get("timeout", 10))),
        )
        settled = await self._settle(chat_id, since, needed, quiet, until)
        return {"events": self._of_bot(chat_id, since), "settled": settled, "seq": self.world.seq}

    async def _settle(self, chat_id: int, since: int, needed: int, quiet: float, until: float) -> bool:
        calm_since = time.monotonic()
        while not self.api.closing:
            now = time.monotonic()
            here = self.bell.busy_at.get(chat_id, 0.0)
            enough = self._said(chat_id, since, now - max(here, calm_since) >= LONG_ENOUGH) >= needed
            # A bot busy with others is not done here yet, unless nothing has come for very long.
            rest = min(max(here, self.bell.any_at, calm_since) + quiet, max(here, calm_since) + VERY_LONG) - now
            idle = enough and not self._awaited(chat_id)
            if idle and rest <= 0:
                return True
            if now >= until:
                return False
            # Without enough answers, nothing but an event of this chat (or a long silence) can change this.
            pause = min(until - now, max(0.005, min(rest, SLICE)) if enough else LONG_ENOUGH)
            await self.bell.wait(chat_id, pause)
            if time.monotonic() - now > pause + SLICE:
                # The machine is too busy for a silence to mean anything.
                calm_since = time.monotonic()
        return False

    def _said(self, chat_id: int, since: int, long_since: bool) -> int:
        """How many answers; a toast without words is not one unless nothing else comes for long."""
        events = self._of_bot(chat_id, since)
        return sum(event["kind"] != "toast" or bool(event["text"]) or long_since for event in events)

    def _awaited(self, chat_id: int) -> bool:
        return self.api.in_flight[chat_id] > 0 or any(row.chat_key == chat_id for row in self.world.updates)

    def _of_bot(self, chat_id: int, since: int) -> list[Json]:
        return [
            event
            for event in self.world.events_since(since)
            if event.get("chat_id") == chat_id and event.get("by") == "bot" and event["kind"] in ANSWERS
        ]

    async def pending(self, request: Request) -> Json:
        """How many updates the bot has not confirmed, how many of its calls are being answered."""
        flying = self.api.in_flight.total()
        return {"pending": len(self.world.updates), "in_flight": flying, "seq": self.world.seq}

    async def log(self, request: Request) -> list[Json]:
        """The bot's calls."""
        calls = self.api.log.since(int(request.query_params.get("since", 0)))
        method, chat_id = request.query_params.get("method"), request.query_params.get("chat_id")
        if method:
            calls = [call for call in calls if call["method"].lower() == method.lower()]
        return [call for call in calls if chat_id in (None, str(call["chat_id"]))]

    async def clear_log(self, request: Request) -> Json:
        """Forget the bot's calls."""
        self.api.log.calls.clear()
        return {"ok": True}

    async def file(self, request: Request) -> Response:
        """A file for the page."""
        file = self.world.files.files.get(request.path_params["file_id"])
        if file is None:
            return _json({"error": "Ce fichier n'existe plus."}, 404)
        # What a person sent must never run as a page of the sandbox.
        safe = file.mime if file.mime.split("/")[0] in ("image", "audio", "video") else "application/octet-stream"
        headers = {"x-content-type-options": "nosniff", "content-security-policy": "sandbox"}
        return Response(self.world.files.content(file), media_type=safe, headers=headers)

    # People

    async def write(self, request: Request) -> Json:
        """Someone sends a message."""
        chat = self.world.chat(request.path_params["chat"])
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return people.write(self.world, chat, await _body(request))
        values: Json = {}
        files: dict[str, media.Upload] = {}
        async with request.form(max_part_size=1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = media.Upload(await value.read(), value.filename or "", value.content_type or "")
                else:
                    values[name] = value
        return people.write(self.world, chat, values, files)

    async def add_person(self, request: Request) -> Json:
        """A new person."""
        return people.add_person(self.world, await _body(request))

    async def add_group(self, request: Request) -> Json:
        """A new group."""
        return people.add_group(self.world, await _body(request))

    async def block(self, request: Request) -> Json:
        """Someone blocks the bot or takes it back."""
        person = self.world.person(request.path_params["person"])
        return people.block(self.world, person, bool((await _body(request)).get("blocked", True)))

    async def inline(self, request: Request) -> Response | Json:
        """Someone writes @bot in a chat; wait for the results."""
        query = people.ask_inline(self.world, await _body(request))
        until = time.monotonic() + 5
        while query.answer is None and time.monotonic() < until and not self.api.closing:
            await self.bell.wait(0, until - time.monotonic())
        if query.answer is None:
            return _json({"error": "Le bot n'a pas répondu.", "inline_query_id": query.id}, 504)
        shown = [{k: v for k, v in result.items() if k != "content"} for result in query.answer["results"]]
        return {"inline_query_id": query.id, **query.answer, "results": shown}

    async def choose(self, request: Request) -> Json:
        """Someone chooses an inline result."""
        return people.choose_inline(self.world, await _body(request))

    async def updates(self, request: Request) -> Json:
        """Raw updates, malformed ones too."""
        body = await _body(request)
        if "raw" in body:
            self.world.queue_raw(body["raw"])
            return {"queued": 1}
        updates = body.get("updates", [body["update"]] if "update" in body else [])
        for update in updates:
            if isinstance(update, dict):
                self.world.queue(update, _key(update))
            else:
                self.world.queue_raw(update)
        return {"queued": len(updates)}

    # Weather

    async def list_faults(self, request: Request) -> Json:
        """The faults to come."""
        return {"faults": self.api.faults.listed(), "latency_ms": self.api.faults.latency_ms}

    async def add_fault(self, request: Request) -> Json:
        """A new fault."""
        return asdict(self.api.faults.order(await _body(request)))

    async def clear_faults(self, request: Request) -> Json:
        """No more faults; calls held open go on."""
        self.api.faults.clear()
        self.api.release(closing=False)
        return {"ok": True}

    async def latency(self, request: Request) -> Json:
        """How slow answers are."""
        self.api.faults.latency_ms = min(60_000.0, max(0.0, float((await _body(request)).get("ms", 0))))
        return {"ms": self.api.faults.latency_ms}

    async def list_limits(self, request: Request) -> Json:
        """The flood limits in force."""
        return self.api.limits.given

    async def limits(self, request: Request) -> Json:
        """Switch flood limits on or off."""
        self.api.limits.set(await _body(request))
        return self.api.limits.given

    async def no_limits(self, request: Request) -> Json:
        """Switch flood limits off."""
        self.api.limits.set({})
        return {"ok": True}

    async def clock(self, request: Request) -> Json:
        """The time in the sandbox."""
        return self.world.clock()

    async def move_clock(self, request: Request) -> Json:
        """Move the clock forward."""
        body = await _body(request)
        if "set" in body:
            to = datetime.fromisoformat(str(body["set"]))
            self.world.move_clock(to if to.tzinfo else to.replace(tzinfo=PARIS))
        else:
            self.world.advance_clock(timedelta(seconds=float(body.get("advance_seconds", 0))))
        return self.world.clock()

    async def mailbox(self, request: Request) -> list[Json]:
        """The letters received."""
        return self.world.mailbox

    async def mail(self, request: Request) -> list[Json]:
        """Put letters in the mailbox."""
        body = await request.json()
        letters = body if isinstance(body, list) else [body]
        return [deliver(self.world, letter) for letter in letters]

    async def empty_mailbox(self, request: Request) -> Json:
        """Empty the mailbox."""
        self.world.mailbox = []
        self.world.emit("mailbox", mail=None)
        return {"ok": True}

    async def reset(self, request: Request) -> Json:
        """Back to the first day; with `keep_bot`, what the running bot set up stays."""
        body = await _body(request) if await request.body() else {}
        world = self.world
        kept = (world.webhook, world.allowed, world.commands, world.texts, world.menu_buttons, world.bot)
        world.first_day()
        if body.get("keep_bot"):
            world.webhook, world.allowed, world.commands, world.texts, world.menu_buttons, world.bot = kept
        self.api.log.calls.clear()
        self.api.limits.set({})
        self.api.faults.clear()
        self.api.release(closing=False)
        self.on_reset()
        world.emit("reset")
        return {"ok": True}


def deliver(world: World, letter: Json) -> Json:
    """Put a letter in the mailbox."""
    names = ("to", "from", "subject", "text", "html", "headers")
    mail: Json = {"id": len(world.mailbox) + 1, "date": world.now().isoformat()}
    mail |= {name: letter[name] for name in names if letter.get(name) is not None}
    world.mailbox = [*world.mailbox, mail]
    world.emit("mailbox", mail=mail)
    return mail


def _key(update: Json) -> int:
    holder = next((value for value in update.values() if isinstance(value, dict)), {})
    try:
        return chat_key(holder)
    except (AttributeError, TypeError):
        return 0


def _json(value: Any, status: int = 200) -> Response:
    # ASCII only: people may have sent half of a character.
    return Response(compact(value), status, media_type="application/json")


async def _body(request: Request) -> Json:
    body = await request.json()
    if not isinstance(body, dict):
        raise Impossible("Il faut un objet JSON.")
    return body


def _same_origin(request: Request) -> bool:
    """Refuse other sites' pages: they could drive a sandbox open on this machine."""
    origin = request.headers.get("origin")
    return not origin or urlsplit(origin).netloc == request.headers.get("host")
