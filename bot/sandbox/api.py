"""The Bot API over HTTP: requests in, answers out, long polling. Plain ASGI, for speed."""

import asyncio
import json
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bot.sandbox import media
from bot.sandbox.faults import Fault, Faults, Limits
from bot.sandbox.methods import BY_LOWER_NAME, Params
from bot.sandbox.refusals import Refused
from bot.sandbox.world import BOT_ID, World, compact

Json = dict[str, Any]
log = logging.getLogger(__name__)
MOST_BODY = media.MOST_UP + 1024 * 1024
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
CONFLICT_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
JSON_HEADERS = [(b"content-type", b"application/json")]
NETWORK_METHODS = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")


class Cut(Exception):
    """The connection closes without an answer."""


class CallLog:
    """Every call of the bot, for the tests."""

    def __init__(self) -> None:
        """Start empty."""
        self.seq = 0
        self.calls: deque[Json] = deque(maxlen=20_000)

    def add(self, method: str, params: Params, when: str) -> Json:
        """A call that begins."""
        self.seq += 1
        given: Json = {name: _short(value) for name, value in params.values.items()}
        given |= {name: f"<{len(upload.content)} octets>" for name, upload in params.files.items()}
        call = {
            "seq": self.seq,
            "time": when,
            "method": method,
            "chat_id": params.raw("chat_id"),
            "params": given,
            "outcome": "…",
        }
        self.calls.append(call)
        return call

    def since(self, seq: int) -> list[Json]:
        """The calls after `seq`."""
        return [call for call in self.calls if call["seq"] > seq]


def _short(value: Any) -> Any:
    return f"{value[:500]}…" if isinstance(value, str) and len(value) > 500 else value


class BotApi:
    """The server side of the Bot API."""

    def __init__(self, world: World, faults: Faults, limits: Limits) -> None:
        """Answer for `world`, as badly as `faults` says."""
        self.world = world
        self.faults = faults
        self.limits = limits
        self.log = CallLog()
        self.in_flight: Counter[int] = Counter()
        self.poll: asyncio.Future[str] | None = None
        self.held: set[asyncio.Future[None]] = set()
        self.closing = False
        self.network: dict[str, Callable[[Params], Awaitable[str]]] = {"getUpdates": self.get_updates}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        try:
            if scope["path"].startswith("/file/bot"):
                await self._file(scope["path"].removeprefix("/file/bot"), send)
            else:
                await self._call(scope, receive, send)
        except Cut:
            _abort(scope)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, name = scope["path"].removeprefix("/bot").partition("/")
        try:
            if not good_token(token):
                raise Refused(401, "Unauthorized")
            known = known_method(name)
            if known is None:
                raise Refused(404, "Not Found")
            params = await read_params(scope, receive)
        except Refused as refusal:
            await answer(send, refusal.error_code, refused(refusal))
            return
        status, body = await self.perform(known, params, receive)
        await answer(send, status, body)

    async def perform(self, method: str, params: Params, receive: Receive | None = None) -> tuple[int, str]:
        """Do what a call asks, faults included; the HTTP status and body of its answer."""
        call = self.log.add(method, params, self.world.now().isoformat())
        waiting = method == "getUpdates"
        chat_id = 0 if waiting else self._chat_of(params)
        self.in_flight[chat_id] += not waiting
        try:
            status, body = await self._with_faults(method, params, receive)
            call["outcome"] = "ok" if status == 200 else json.loads(body)["description"]
            if self.faults.latency_ms and not waiting:
                await self._sleep(self.faults.latency_ms / 1000)
        except Cut:
            call["outcome"] = "cut"
            raise
        finally:
            self.in_flight[chat_id] -= not waiting
            if chat_id:
                self.world.on_event(chat_id)
        return status, body

    def _chat_of(self, params: Params) -> int:
        query = self.world.callbacks.get(params.text("callback_query_id"))
        return query.chat_id if query else params.integer("chat_id")

    async def _with_faults(self, method: str, params: Params, receive: Receive | None) -> tuple[int, str]:
        fault = self.faults.next(method, params.raw("chat_id")) if self.faults.ordered else None
        if fault is None:
            return await self._act(method, params)
        refusal = fault.refusal()
        if refusal is not None:
            return refusal.error_code, refused(refusal)
        if fault.kind == "never":
            await self._until_gone(receive)
            raise Cut
        if fault.kind == "cut":
            raise Cut
        return await self._after(fault, await self._act(method, params))

    async def _after(self, fault: Fault, result: tuple[int, str]) -> tuple[int, str]:
        if fault.kind == "cut_after":
            raise Cut
        await self._sleep(fault.seconds)
        return result

    async def _act(self, method: str, params: Params) -> tuple[int, str]:
        try:
            if method in self.network:
                return 200, await self.network[method](params)
            self.limits.check(method, params.raw("chat_id"))
            result = BY_LOWER_NAME[method.lower()][1](self.world, params)
        except Refused as refusal:
            return refusal.error_code, refused(refusal)
        except Exception:  # a fault of the sandbox itself: the bot must survive it, its maker must see it
            log.exception("the sandbox could not do %s", method)
            return 500, refused(Refused(500, "Internal Server Error"))
        return 200, f'{{"ok":true,"result":{compact(result)}}}'

    # Waiting

    async def _sleep(self, seconds: float) -> None:
        if self.closing:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.held.add(future)
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return
        finally:
            self.held.discard(future)

    async def _until_gone(self, receive: Receive | None) -> None:
        gone = asyncio.create_task(_disconnected(receive)) if receive else None
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.held.add(future)
        try:
            await asyncio.wait([future, *([gone] if gone else [])], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.held.discard(future)
            if gone:
                gone.cancel()

    def wake(self) -> None:
        """An update has come: the open long poll answers."""
        if self.poll is not None and not self.poll.done():
            self.poll.set_result("updates")

    def release(self, closing: bool) -> None:
        """Let everything that waits go, at the end of the sandbox or of a test."""
        self.closing = closing
        if self.poll is not None and not self.poll.done():
            self.poll.set_result("closing")
        for future in list(self.held):
            if not future.done():
                future.set_result(None)

    def end_poll(self, why: str) -> None:
        """Answer the open long poll with a conflict."""
        if self.poll is not None and not self.poll.done():
            self.poll.set_result(why)

    async def get_updates(self, p: Params) -> str:
        """Method getUpdates: what is waiting, at once; nothing waiting, when something comes."""
        if self.world.webhook.get("url"):
            raise Refused(409, CONFLICT_WEBHOOK)
        self.end_poll(CONFLICT)
        self.world.confirm(p.integer("offset"))
        remember_allowed(self.world, p)
        limit = min(100, max(1, p.integer("limit", 100)))
        timeout = min(50, max(0, p.integer("timeout")))
        if not self.world.updates and timeout and not self.closing:
            await self._wait_for_update(timeout)
        return f'{{"ok":true,"result":[{",".join(self.world.serve(limit))}]}}'

    async def _wait_for_update(self, timeout: float) -> None:  # noqa: ASYNC109 - the parameter of Telegram
        poll: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.poll = poll
        try:
            why = await asyncio.wait_for(poll, timeout)
        except TimeoutError:
            return
        finally:
            if self.poll is poll:
                self.poll = None
        if why not in ("updates", "closing"):
            raise Refused(409, why)

    # Files

    async def _file(self, path: str, send: Send) -> None:
        token, _, name = path.partition("/")
        if not good_token(token):
            await answer(send, 401, refused(Refused(401, "Unauthorized")))
            return
        file = self.world.files.by_path.get(name)
        if file is None or file.size > media.MOST_DOWN:
            await answer(send, 404, refused(Refused(404, "Not Found")))
            return
        await send_bytes(send, self.world.files.content(file), b"application/octet-stream")


def good_token(token: str) -> bool:
    """Any secret will do, as long as the number is the bot's."""
    number, _, secret = token.partition(":")
    return number == str(BOT_ID) and bool(secret)


def known_method(name: str) -> str | None:
    """The real name of a method, whatever its case; None if there is none."""
    found = BY_LOWER_NAME.get(name.lower())
    if found:
        return found[0]
    return next((method for method in NETWORK_METHODS if method.lower() == name.lower()), None)


def remember_allowed(world: World, p: Params) -> None:
    """Keep which kinds of updates the bot wants; nothing said changes nothing."""
    wanted = p.structure("allowed_updates", list)
    if wanted is not None:
        world.allowed = frozenset(map(str, wanted)) or None
        world.changes += 1


def refused(refusal: Refused) -> str:
    """The body of a refusal."""
    body: Json = {"ok": False, "error_code": refusal.error_code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return compact(body)


async def answer(send: Send, status: int, body: str) -> None:
    """Send a JSON answer."""
    raw = body.encode()
    headers = [*JSON_HEADERS, (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


async def send_bytes(send: Send, content: bytes, kind: bytes) -> None:
    """Send a file."""
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _abort(scope: Scope) -> None:
    transport = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionResetError
    transport.abort()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def read_body(receive: Receive) -> bytes:
    """The body of a request, up to what Telegram takes."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MOST_BODY:
            chunks.append(chunk)
        if not message.get("more_body"):
            break
    if size > MOST_BODY:
        raise Refused(413, "Request Entity Too Large")
    return b"".join(chunks)


async def read_params(scope: Scope, receive: Receive) -> Params:
    """The parameters of a request, whichever way they came."""
    values = _form(scope["query_string"]) if scope["query_string"] else {}
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    if kind.startswith(b"multipart/form-data"):
        return await _multipart(scope, receive, values)
    body = await read_body(receive)
    if not body:
        return Params(values)
    if kind.startswith(b"application/json"):
        values |= _json_body(body)
    elif kind.startswith(b"application/x-www-form-urlencoded"):
        values |= _form(body)
    return Params(values)


def _form(raw: bytes) -> Json:
    try:
        return dict(parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise Refused(400, "Bad Request: strings must be encoded in UTF-8") from error


def _json_body(body: bytes) -> Json:
    try:
        values = json.loads(body)
    except ValueError as error:
        raise Refused(400, "Bad Request: can't parse JSON object") from error
    if not isinstance(values, dict):
        raise Refused(400, "Bad Request: expected an Object")
    if b"\\ud" in body.lower():
        try:
            json.dumps(values, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Refused(400, "Bad Request: strings must be encoded in UTF-8") from error
    return values


async def _multipart(scope: Scope, receive: Receive, values: Json) -> Params:
    body = await read_body(receive)
    files: dict[str, media.Upload] = {}
    request = Request(scope, _replay(body))
    try:
        async with request.form(max_part_size=4 * 1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = media.Upload(await value.read(), value.filename or "", value.content_type or "")
                else:
                    values[name] = value
    except Exception as error:  # starlette says "malformed" in several ways, none of them the bot's fault alone
        raise Refused(400, "Bad Request: can't parse multipart form data") from error
    return Params(values, files)


def _replay(body: bytes) -> Receive:
    async def receive() -> Json:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
