"""The small HTTP side: health, and Telegram's webhook. In the sandbox its pages stand on the same port."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.store.inbox import RawUpdate

UPDATE_LIMIT_BYTES = 1_000_000
"""Telegram's updates are a few kilobytes."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105


class ListenError(Exception):
    """The address cannot be listened on; the text says why and what to do, in French."""


class NotYet(Exception):
    """Updates cannot be written down yet."""


def webhook_secret(token: str) -> str:
    """The word by which Telegram shows that it is Telegram, derived so that nothing is stored."""
    return hmac.new(token.encode(), b"passerelle webhook", hashlib.sha256).hexdigest()


def webhook_route(path: str, secret: str, receive: Callable[[Sequence[RawUpdate]], None]) -> Route:
    """Takes one update a request; 200 only once it is written down, 503 while `receive` raises NotYet."""

    async def take(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        body = await _limited_body(request)
        if body is None:
            return Response(status_code=413)
        with contextlib.suppress(ValueError, RecursionError):
            update = json.loads(body)
            if isinstance(update, dict):
                try:
                    receive([update])
                except NotYet:
                    return Response(status_code=503)
        return Response()

    return Route(path or "/", take, methods=["POST"])


async def _limited_body(request: Request) -> bytes | None:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > UPDATE_LIMIT_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def health_route(waiting: Callable[[], int]) -> Route:
    """Says that the service lives, for a supervisor."""

    async def health(request: Request) -> Response:
        return PlainTextResponse(f"ok {waiting()}\n")

    return Route("/sante", health)


class WebServer:
    """Serves the routes, in the running loop."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.app = Starlette(routes=list(routes))
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; the address. Raises ListenError when the address is taken or refused."""
        with listening(host, port):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listener = socket.create_server((host, port), family=family)
        config = uvicorn.Config(
            self.app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = _QuietServer(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.005)
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening, within a second or so."""
        if self._server and self._task:
            self._server.should_exit = True
            await asyncio.wait([self._task], timeout=0.5)


class _QuietServer(uvicorn.Server):
    """Signals belong to the service."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[None]:
    """Turn a refused address into a ListenError."""
    try:
        yield
    except OSError as error:
        raise ListenError(
            f"L'adresse {host}:{port} ne peut pas être utilisée ({error.strerror}). "
            "Une autre Passerelle tourne peut-être déjà ; sinon changez PASSERELLE_HTTP, "
            "par exemple 127.0.0.1:0 pour un port libre."
        ) from None
