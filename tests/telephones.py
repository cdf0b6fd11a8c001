"""Telephones for the dialog tests: people who write to the bot through the sandbox and read what it answers.

    async with SandboxClient(url) as sandbox:
        samira = sandbox.telephone(101)
        answers = await samira.start()
        answers = await samira.press("Mes droits")
        assert "bailleur" in answers[-1].text

`write`, `press`, `start`… wait until the bot has confirmed the update, has answered at least once and is quiet again,
and return its messages that are new or changed since. `answers=2` waits for at least two; `expect_silence=True` waits
for quiet and fails if the bot says anything; `wait=False` does not wait (then `reply()` or `settle()`).
"""

from dataclasses import dataclass, field
from html import escape
from typing import Any, Self

import httpx

Json = dict[str, Any]
QUIET_MS = 50
SILENCE_MS = 300
TIMEOUT = 10.0
TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
    "spoiler": "tg-spoiler",
}


class SandboxRefused(AssertionError):
    """The sandbox says, in French, that this cannot be done on a telephone."""


@dataclass(frozen=True)
class Button:
    """An inline button."""

    label: str
    data: str | None = None
    url: str | None = None
    raw: Json = field(default_factory=dict, compare=False, repr=False)

    def __iter__(self) -> Any:
        """So that `label, target = button` works."""
        return iter((self.label, self.data if self.data is not None else self.url))


@dataclass(frozen=True)
class Seen:
    """A message as its reader sees it."""

    id: int
    text: str
    html: str
    buttons: tuple[tuple[Button, ...], ...]
    photo: bool
    edited: bool
    deleted: bool = False
    raw: Json = field(default_factory=dict, compare=False, repr=False)

    @property
    def flat(self) -> list[Button]:
        """Every button, row after row."""
        return [button for row in self.buttons for button in row]

    @property
    def labels(self) -> list[str]:
        """What is written on the buttons."""
        return [button.label for button in self.flat]

    @property
    def keys(self) -> list[list[str]]:
        """The reply keyboard shown with this message, if any."""
        rows = self.raw.get("sandbox", {}).get("keyboard", {}).get("keyboard", [])
        return [[key["text"] for key in row] for row in rows]

    def button(self, label_or_data: str) -> Button | None:
        """The button of that data, or whose label holds those words (whatever their case)."""
        exact = [one for one in self.flat if label_or_data in (one.data, one.label)]
        near = [one for one in self.flat if label_or_data.casefold() in one.label.casefold()]
        return next(iter(exact + near), None)


def seen(message: Json) -> Seen:
    """Read a message of the Bot API."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    text = message.get("text") or message.get("caption") or ""
    return Seen(
        id=message["message_id"],
        text=text,
        html=_html(text, message.get("entities") or message.get("caption_entities") or []),
        buttons=tuple(tuple(Button(b["text"], b.get("callback_data"), b.get("url"), b) for b in row) for row in rows),
        photo="photo" in message,
        edited="edit_date" in message,
        raw=message,
    )


def _html(text: str, entities: list[Json]) -> str:
    """The text with its marks, as HTML close to what the bot sent."""
    raw = text.encode("utf-16-le", "surrogatepass")
    opening: dict[int, str] = {}
    closing: dict[int, str] = {}
    for entity in entities:
        tag = TAGS.get(entity["type"])
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        if entity["type"] == "text_link":
            opening[start] = opening.get(start, "") + f'<a href="{escape(entity["url"])}">'
            closing[stop] = "</a>" + closing.get(stop, "")
        elif tag:
            opening[start] = opening.get(start, "") + f"<{tag}>"
            closing[stop] = f"</{tag}>" + closing.get(stop, "")
    marks = sorted({0, len(raw) // 2, *opening, *closing})
    out = []
    for at, following in zip(marks, [*marks[1:], marks[-1]], strict=True):
        piece = raw[at * 2 : following * 2].decode("utf-16-le", "surrogatepass")
        out.append(closing.get(at, "") + opening.get(at, "") + escape(piece, quote=False))
    return "".join(out)


class SandboxClient:
    """What tests ask of the sandbox itself: people, groups, faults, clock, mailbox, log."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
        self.http = httpx.AsyncClient(base_url=self.base_url, timeout=60, limits=limits, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self.http.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        """GET /sandbox/<path>."""
        return self.read(await self.http.get(f"/sandbox/{path}", params=query))

    async def post(self, path: str, body: Any = None) -> Any:
        """POST /sandbox/<path>."""
        return self.read(await self.http.post(f"/sandbox/{path}", json={} if body is None else body))

    async def delete(self, path: str) -> Any:
        """DELETE /sandbox/<path>."""
        return self.read(await self.http.delete(f"/sandbox/{path}"))

    @staticmethod
    def read(reply: httpx.Response) -> Any:
        """The answer of the control API, or its refusal."""
        if reply.is_success:
            return reply.json()
        raise SandboxRefused(reply.json()["error"] if "json" in reply.headers["content-type"] else reply.text)

    def telephone(self, user_id: int, chat_id: int | None = None) -> "Telephone":
        """The telephone of that person, on their chat with the bot or on a group."""
        return Telephone(self, user_id, chat_id)

    async def person(self, first_name: str = "Alix", **more: Any) -> "Telephone":
        """Someone new, and their telephone."""
        made = await self.post("people", {"first_name": first_name, **more})
        return Telephone(self, made["id"])

    async def group(self, title: str, members: list[int], **more: Any) -> int:
        """A new group with the bot; its number."""
        return int((await self.post("chats", {"title": title, "members": members, **more}))["id"])

    async def member(self, chat_id: int, user: int | str, action: str) -> Any:
        """Join, leave, kick, promote or demote; `user` may be "bot"."""
        return await self.post(f"chats/{chat_id}/members", {"user": user, "action": action})

    async def block(self, user_id: int, blocked: bool = True) -> Any:
        return await self.post(f"people/{user_id}/block", {"blocked": blocked})

    async def state(self) -> Json:
        return dict(await self.get("state"))

    async def commands(self) -> list[Json]:
        return list((await self.state())["commands"])

    async def seq(self) -> int:
        """The number of the last event."""
        return int((await self.get("pending"))["seq"])

    async def fault(self, method: str, kind: str, times: int = 1, **more: Any) -> Any:
        """Order a failure: "429", "5xx", "late", "never", "cut" or "cut_after"."""
        return await self.post("faults", {"method": method, "kind": kind, "times": times, **more})

    async def clear_faults(self) -> Any:
        return await self.delete("faults")

    async def latency(self, ms: float) -> Any:
        return await self.post("latency", {"ms": ms})

    async def limits(self, **limits: float) -> Any:
        return await self.post("limits", limits)

    async def clock(self) -> Json:
        return dict(await self.get("clock"))

    async def advance(self, seconds: float) -> Json:
        """Move the clock forward."""
        return dict(await self.post("clock", {"advance_seconds": seconds}))

    async def set_clock(self, moment: str) -> Json:
        """Move the clock forward to an ISO 8601 moment."""
        return dict(await self.post("clock", {"set": moment}))

    async def mailbox(self) -> list[Json]:
        return list(await self.get("mailbox"))

    async def pending(self) -> int:
        """How many updates the bot has not confirmed."""
        return int((await self.get("pending"))["pending"])

    async def log(self, method: str | None = None, since: int = 0, chat_id: int | None = None) -> list[Json]:
        """The bot's calls."""
        query = {"since": since, "method": method, "chat_id": chat_id}
        return list(await self.get("log", **{name: value for name, value in query.items() if value is not None}))

    async def clear_log(self) -> Any:
        return await self.delete("log")

    async def inject(self, *updates: Any) -> Any:
        """Queue raw updates, malformed ones too."""
        return await self.post("updates", {"updates": list(updates)})

    async def inject_raw(self, raw: Any) -> Any:
        """Queue something that is not even an update."""
        return await self.post("updates", {"raw": raw})

    async def reset(self, keep_bot: bool = False) -> Any:
        return await self.post("reset", {"keep_bot": keep_bot})


class Telephone:
    """Someone's telephone, open on one chat."""

    def __init__(self, sandbox: SandboxClient | str, user_id: int, chat_id: int | None = None) -> None:
        self.sandbox = SandboxClient(sandbox) if isinstance(sandbox, str) else sandbox
        self.user_id = user_id
        self.chat_id = user_id if chat_id is None else chat_id
        self.since = 0

    def __repr__(self) -> str:
        return f"Telephone({self.user_id}, {self.chat_id})"

    def in_chat(self, chat_id: int) -> "Telephone":
        """The same person's telephone, open on another chat."""
        return Telephone(self.sandbox, self.user_id, chat_id)

    # Writing

    async def start(self, payload: str | None = None, **waiting: Any) -> list[Seen]:
        """Press Start, or open a deep link."""
        return await self._do("start", {"payload": payload}, **waiting)

    async def write(self, text: str, reply_to: Seen | int | None = None, **waiting: Any) -> list[Seen]:
        """Send a text."""
        return await self._do("messages", {"text": text, **_reply(reply_to)}, **waiting)

    async def send(self, content: Json, **waiting: Any) -> list[Seen]:
        """Send anything the control API takes: {"contact": {…}}, {"dice": True}, {"poll": {…}}…"""
        return await self._do("messages", content, **waiting)

    async def send_photo(self, content: bytes | None = None, caption: str | None = None, **waiting: Any) -> list[Seen]:
        """Send a picture; the smallest one without `content`."""
        if content is None:
            return await self._do("messages", {"photo": True, "caption": caption}, **waiting)
        return await self._upload("photo", ("photo.jpg", content, "image/jpeg"), caption, **waiting)

    async def send_document(
        self,
        content: bytes = b"document",
        name: str = "document.pdf",
        mime: str = "application/pdf",
        caption: str | None = None,
        **waiting: Any,
    ) -> list[Seen]:
        """Send a document."""
        return await self._upload("document", (name, content, mime), caption, **waiting)

    async def send_voice(self, seconds: int = 3, **waiting: Any) -> list[Seen]:
        """Send a voice message."""
        return await self._do("messages", {"voice_seconds": seconds}, **waiting)

    async def send_video(self, content: bytes = b"video", caption: str | None = None, **waiting: Any) -> list[Seen]:
        """Send a video."""
        return await self._upload("video", ("video.mp4", content, "video/mp4"), caption, **waiting)

    async def send_sticker(self, **waiting: Any) -> list[Seen]:
        """Send a sticker."""
        return await self._do("messages", {"sticker": True}, **waiting)

    async def send_location(self, lat: float, lon: float, **waiting: Any) -> list[Seen]:
        """Send a place."""
        return await self._do("messages", {"location": {"latitude": lat, "longitude": lon}}, **waiting)

    async def send_contact(self, phone: str, first_name: str = "Alix", **waiting: Any) -> list[Seen]:
        """Send a contact."""
        return await self._do("messages", {"contact": {"phone_number": phone, "first_name": first_name}}, **waiting)

    async def edit(self, message: Seen | int | Json, text: str, **waiting: Any) -> list[Seen]:
        """Change one's own message."""
        return await self._do("edit", {"message_id": _number(message), "text": text}, **waiting)

    async def press(self, label_or_data: str, message: Seen | int | None = None, **waiting: Any) -> list[Seen]:
        """Press a button: of `message`, or of the newest message that has it."""
        found = await self._with_button(label_or_data, message)
        button = found.button(label_or_data)
        if button is None or button.data is None:
            raise AssertionError(f"« {label_or_data} » ne s'envoie pas au bot : {button!r}")
        return await self._do("press", {"message_id": found.id, "data": button.data}, **waiting)

    async def press_forged(self, data: str, message: Seen | int = 0, **waiting: Any) -> list[Seen]:
        """Send callback data that no button carries, or of a message that is gone."""
        return await self._do("press", {"message_id": _number(message), "data": data, "forged": True}, **waiting)

    async def react(self, message: Seen | int, emoji: str | None, **waiting: Any) -> list[Seen]:
        """React to a message."""
        return await self._do("react", {"message_id": _number(message), "emoji": emoji}, **waiting)

    async def block(self, blocked: bool = True) -> Any:
        """Block the bot, or take it back."""
        return await self.sandbox.block(self.user_id, blocked)

    async def inline(self, query: str, **more: Any) -> Json:
        """Write `@bot query`: the results, next_offset and button."""
        return dict(await self.sandbox.post("inline", {"from": self.user_id, "query": query, **more}))

    async def choose(self, answer: Json, result_id: str) -> Seen:
        """Choose a result of `inline`: the message posted in this chat."""
        body = {"from": self.user_id, "chat_id": self.chat_id, "result_id": result_id}
        query_id = answer["inline_query_id"]
        return seen(await self.sandbox.post("inline/choose", {**body, "inline_query_id": query_id}))

    # Reading

    async def messages(self) -> list[Seen]:
        """Everything in this chat, oldest first."""
        return [seen(message) for message in await self._chat_messages()]

    async def from_bot(self) -> list[Seen]:
        """The bot's messages in this chat, oldest first."""
        return [seen(message) for message in await self._chat_messages() if message["from"]["is_bot"]]

    async def last(self) -> Seen:
        """The bot's last message in this chat."""
        return (await self.from_bot())[-1]

    async def reply(
        self,
        after: Seen | int | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - as long as the person waits
        answers: int = 1,
    ) -> list[Seen]:
        """What the bot has said or changed since this telephone last did something (or after that message)."""
        events = await self._events(self.since, answers, QUIET_MS, timeout)
        return [one for one in _news(events) if after is None or one.id > _number(after)]

    async def settle(self) -> list[Seen]:
        """Wait until the bot has nothing more to do here; what it said meanwhile, maybe nothing."""
        return _news(await self._events(self.since, 0, SILENCE_MS, TIMEOUT))

    async def quiet(self, seconds: float = SILENCE_MS / 1000) -> None:
        """Fail if the bot says anything here for that long."""
        since = await self.sandbox.seq()
        events = await self._events(since, 0, int(seconds * 1000), seconds + TIMEOUT)
        assert not events, f"le bot devait se taire : {events}"

    async def toasts(self) -> list[str]:
        """The small notices shown since this telephone last did something."""
        found = await self._wait(self.since, 0, 0, 0)
        return [event["text"] for event in found["events"] if event["kind"] == "toast" and event["text"]]

    # Inside

    async def _chat_messages(self) -> list[Json]:
        return list(await self.sandbox.get(f"chats/{self.chat_id}/messages"))

    async def _with_button(self, label_or_data: str, message: Seen | int | None) -> Seen:
        every = await self.messages()
        if message is not None:
            every = [one for one in every if one.id == _number(message)]
        found = next((one for one in reversed(every) if one.button(label_or_data)), None)
        if found is None:
            offered = [one.labels for one in every if one.buttons][-3:]
            raise AssertionError(f"aucun bouton « {label_or_data} » ; derniers boutons : {offered}")
        return found

    async def _do(self, verb: str, body: Json, **waiting: Any) -> list[Seen]:
        given = {name: value for name, value in body.items() if value is not None}
        return await self._post(verb, waiting, json={"from": self.user_id, **given})

    async def _post(self, verb: str, waiting: Json, **content: Any) -> list[Seen]:
        reply = await self.sandbox.http.post(f"/sandbox/chats/{self.chat_id}/{verb}", **content)
        self.sandbox.read(reply)
        self.since = int(reply.headers["x-sandbox-seq"])
        return await self._answers(**waiting)

    async def _upload(self, kind: str, file: tuple[str, bytes, str], caption: str | None, **waiting: Any) -> list[Seen]:
        data = {"from": str(self.user_id), **({"caption": caption} if caption else {})}
        return await self._post("messages", waiting, data=data, files={kind: file})

    async def _answers(
        self,
        wait: bool = True,
        answers: int = 1,
        expect_silence: bool = False,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - as long as the person waits
        quiet_ms: int = QUIET_MS,
    ) -> list[Seen]:
        if not wait:
            return []
        if expect_silence:
            events = await self._events(self.since, 0, max(quiet_ms, SILENCE_MS), timeout)
            said = [event for event in events if event["kind"] != "toast" or event["text"]]
            assert not said, f"le bot devait se taire : {said}"
            return []
        return _news(await self._events(self.since, answers, quiet_ms, timeout))

    async def _wait(self, since: int, answers: int, quiet_ms: int, seconds: float) -> Json:
        query = {"since": since, "answers": answers, "quiet_ms": quiet_ms, "timeout": seconds}
        return dict(await self.sandbox.get("wait", chat_id=self.chat_id, **query))

    async def _events(self, since: int, answers: int, quiet_ms: int, seconds: float) -> list[Json]:
        found = await self._wait(since, answers, quiet_ms, seconds)
        if found["settled"]:
            return list(found["events"])
        calls = (await self.sandbox.log())[-5:]
        raise AssertionError(
            f"{self!r} : le bot n'a pas répondu en {seconds} s (vu : {found['events']} ; "
            f"non confirmés : {await self.sandbox.pending()} ; derniers appels : {calls})"
        )


def _news(events: list[Json]) -> list[Seen]:
    """The bot's messages new or changed in these events, each once, in its last version, without the deleted ones."""
    found: dict[int, Seen] = {}
    for event in events:
        if event["kind"] in ("message", "edited"):
            one = seen(event["message"])
            found.pop(one.id, None)
            found[one.id] = one
        elif event["kind"] == "deleted":
            found.pop(event["message_id"], None)
    return list(found.values())


def _number(message: Seen | int | Json) -> int:
    if isinstance(message, Seen):
        return message.id
    return message if isinstance(message, int) else int(message["message_id"])


def _reply(message: Seen | int | None) -> Json:
    return {} if message is None else {"reply_to": _number(message)}
