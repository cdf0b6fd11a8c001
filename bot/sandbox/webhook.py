"""Webhooks: updates posted to the bot's own address, in order within a chat, again and again until it says 2xx."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.sandbox.api import BotApi, known_method, remember_allowed
from bot.sandbox.methods import Params
from bot.sandbox.refusals import Refused
from bot.sandbox.world import Pending, World, compact

Json = dict[str, Any]
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


class Webhook:
    """What delivers updates when the bot asked for it."""

    def __init__(self, world: World, api: BotApi) -> None:
        """Deliver the updates of `world`; answers that hold a method go to `api`."""
        self.world = world
        self.api = api
        self.client: httpx.AsyncClient | None = None
        self.flying: dict[int, Pending] = {}
        self.busy: set[int] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        api.network["setWebhook"] = self.set
        api.network["deleteWebhook"] = self.delete
        api.network["getWebhookInfo"] = self.info

    async def set(self, p: Params) -> str:
        """Method setWebhook."""
        url = p.text("url").strip()
        if not url:
            return await self.delete(p)
        _check_url(url)
        secret = p.text("secret_token")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        most = p.integer("max_connections", 40)
        self.api.end_poll("Conflict: terminated by setWebhook request")
        same = self.world.webhook.get("url") == url and self.world.webhook.get("secret_token") == secret
        self._forget(p)
        remember_allowed(self.world, p)
        self.world.webhook = {"url": url, "secret_token": secret, "max_connections": min(100, max(1, most))}
        self.world.changes += 1
        self.wake()
        word = "Webhook is already set" if same else "Webhook was set"
        return f'{{"ok":true,"result":true,"description":"{word}"}}'

    async def delete(self, p: Params) -> str:
        """Method deleteWebhook."""
        word = "Webhook was deleted" if self.world.webhook.get("url") else "Webhook is already deleted"
        self._forget(p)
        self.world.webhook = {}
        self.world.changes += 1
        return f'{{"ok":true,"result":true,"description":"{word}"}}'

    async def info(self, p: Params) -> str:
        """Method getWebhookInfo."""
        hook = self.world.webhook
        result: Json = {
            "url": hook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.world.updates),
        }
        for name in ("max_connections", "last_error_date", "last_error_message"):
            if name in hook:
                result[name] = hook[name]
        if hook:
            result["ip_address"] = "127.0.0.1"
        if self.world.allowed is not None:
            result["allowed_updates"] = sorted(self.world.allowed)
        return f'{{"ok":true,"result":{compact(result)}}}'

    def _forget(self, p: Params) -> None:
        self.cancel()
        if p.flag("drop_pending_updates"):
            self.world.updates.clear()

    def wake(self) -> None:
        """Send what can be sent now."""
        for pending in self.world.updates:
            if self._full():
                return
            self.offer(pending)

    def _full(self) -> bool:
        return len(self.flying) >= int(self.world.webhook.get("max_connections", 0))

    def offer(self, pending: Pending) -> None:
        """Send this update, unless its chat or all connections are busy."""
        if self._full() or pending.update_id in self.flying or (pending.chat_key and pending.chat_key in self.busy):
            return
        self.flying[pending.update_id] = pending
        self.busy.add(pending.chat_key)
        task = asyncio.create_task(self._deliver(pending))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def cancel(self) -> None:
        """Stop all deliveries; nothing undelivered is forgotten."""
        for task in self.tasks:
            task.cancel()
        self.tasks.clear()
        self.flying.clear()
        self.busy.clear()

    async def close(self) -> None:
        """Stop, and close the connections."""
        self.cancel()
        if self.client is not None:
            await self.client.aclose()
            self.client = None

    async def _deliver(self, pending: Pending) -> None:
        pause = FIRST_PAUSE
        while not await self._post(pending):
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
        if pending in self.world.updates:
            self.world.updates.remove(pending)
        self.world.changes += 1
        self.flying.pop(pending.update_id, None)
        self.busy.discard(pending.chat_key)
        self.wake()

    async def _post(self, pending: Pending) -> bool:
        if self.client is None:
            # Answers of a slow bot may take a minute; the environment's proxies are not for this machine.
            limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
            self.client = httpx.AsyncClient(timeout=60, limits=limits, trust_env=False)
        headers = {"content-type": "application/json"}
        if self.world.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.world.webhook["secret_token"]
        try:
            reply = await self.client.post(self.world.webhook["url"], content=pending.blob, headers=headers)
        except httpx.HTTPError as error:
            self._failed(f"Connection failed: {type(error).__name__}")
            return False
        if not reply.is_success:
            self._failed(f"Wrong response from the webhook: {reply.status_code} {reply.reason_phrase}")
            return False
        await self._obey(reply)
        return True

    def _failed(self, message: str) -> None:
        self.world.webhook |= {"last_error_date": self.world.stamp(), "last_error_message": message}
        self.world.changes += 1

    async def _obey(self, reply: httpx.Response) -> None:
        """A bot may answer a webhook with a call; nobody hears how it went."""
        if not reply.headers.get("content-type", "").startswith("application/json"):
            return
        try:
            call = json.loads(reply.content)
        except ValueError:
            return
        method = known_method(str(call.pop("method", ""))) if isinstance(call, dict) else None
        if method is not None and method not in self.api.network:
            await self.api.perform(method, Params(call))


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        local = parts.hostname in LOCAL_HOSTS
    except ValueError as error:
        raise Refused(400, "Bad Request: bad webhook: invalid URL") from error
    if not parts.hostname:
        raise Refused(400, "Bad Request: bad webhook: URL host is empty")
    # Telegram wants https everywhere; a bot on this machine has no certificate.
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
