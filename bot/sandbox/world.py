"""What the sandbox knows: people, chats, messages, updates waiting for the bot. Pure state, no HTTP.

Messages are kept as the JSON objects the Bot API gives, and are never changed in place: an edit puts a new object
where the old one stood, so updates and events may hold them without copies.
"""

import json
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from bot.sandbox.media import FileStore
from bot.sandbox.refusals import Impossible, Refused

__all__ = ["Chat", "Impossible", "Person", "Post", "Refused", "World"]

Json = dict[str, Any]
BOT_ID = 4242
GROUP_ID = -1001000000001
GROUP_ALIAS = -1001
MOST_KEPT = 500
MOST_EVENTS = 20_000
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
SERVICE_FIELDS = ("new_chat_members", "left_chat_member", "new_chat_title", "pinned_message", "group_chat_created")
QUERY_LIFE = timedelta(seconds=60)


@dataclass(slots=True)
class Person:
    """Someone with a telephone."""

    id: int
    first_name: str
    role: str = ""
    username: str = ""
    language_code: str = "fr"
    started: bool = False
    blocked: bool = False

    def user(self) -> Json:
        """The person as a User of the Bot API."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        return {**user, "language_code": self.language_code} if self.language_code else user


@dataclass(slots=True)
class Post:
    """A message kept in a chat, with what the Bot API does not say of it."""

    message: Json
    by_bot: bool
    keyboard: Json | None = None
    inline_message_id: str | None = None
    reactions: dict[str, list[Json]] = field(default_factory=dict)
    blob: str = ""

    def shown(self) -> Json:
        """The message for the page: with its reply keyboard and its reactions."""
        extra: Json = {}
        if self.keyboard:
            extra["keyboard"] = self.keyboard
        if self.reactions:
            extra["reactions"] = self.reactions
        return {**self.message, "sandbox": extra} if extra else self.message

    def dumped(self) -> str:
        """The post for the snapshot; written once, since most posts never change again."""
        if not self.blob:
            kept = [self.message, self.by_bot, self.keyboard, self.inline_message_id, self.reactions]
            self.blob = json.dumps(kept, separators=(",", ":"))
        return self.blob


@dataclass(slots=True)
class Chat:
    """A private chat or a group."""

    id: int
    type: str
    title: str
    members: dict[int, str] = field(default_factory=dict)
    last_id: int = 0
    pinned: list[int] = field(default_factory=list)
    posts: dict[int, Post] = field(default_factory=dict)
    short: Json = field(default_factory=dict)


@dataclass(slots=True)
class Query:
    """A callback or inline query waiting for its answer."""

    id: str
    user_id: int
    asked_at: float
    chat_id: int = 0
    text: str = ""
    answered: bool = False
    answer: Json | None = None


@dataclass(slots=True, eq=False)
class Pending:
    """An update the bot has not confirmed, written once for all its answers."""

    update_id: int
    chat_key: int
    blob: str
    once: bool = False  # it has no number of its own, so a bot could never confirm it


def compact(value: Any) -> str:
    """JSON as the Bot API writes it."""
    return json.dumps(value, separators=(",", ":"))


def _no_one(pending: Pending) -> None:
    return None


def _nothing_there(chat_id: int) -> None:
    return None


class World:
    """Everything the sandbox remembers."""

    def __init__(self, files: FileStore | None = None) -> None:
        """Start on the first day."""
        self.files = files or FileStore()
        self.on_update: Callable[[Pending], None] = _no_one
        self.on_event: Callable[[int], None] = _nothing_there
        self.seq = 0
        self.next_update_id = _first_update_id()
        self.private_last_id = 0
        self.changes = 0
        self.chats: dict[int, Chat] = {}
        self.first_day()

    def first_day(self) -> None:
        """Forget everything but the counters, which must never go back: bots remember identifiers."""
        self.changes += 1
        last_id = self.chats[GROUP_ID].last_id if self.chats else 0
        self.clock_offset = timedelta()
        self.people: dict[int, Person] = {}
        self.chats = {}
        self.commands: dict[str, list[Json]] = {}
        self.texts: dict[str, str] = {}
        self.menu_buttons: dict[str, Json] = {}
        self.mailbox: list[Json] = []
        self.updates: deque[Pending] = deque()
        self.allowed: frozenset[str] | None = None
        self.webhook: Json = {}
        self.callbacks: dict[str, Query] = {}
        self.inline_queries: dict[str, Query] = {}
        self.inline_posts: dict[str, tuple[int, int]] = {}
        self.events: deque[Json] = deque(maxlen=MOST_EVENTS)
        self.bot: Json = {
            "id": BOT_ID,
            "is_bot": True,
            "first_name": "Passerelle",
            "username": "passerelle_bac_a_sable_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
        self._first_people()
        self.chats[GROUP_ID].last_id = last_id

    def _first_people(self) -> None:
        for person in (
            Person(101, "Samira", "habitante", "samira_ex"),
            Person(102, "M. Léon", "habitant âgé", "leon_ex"),
            Person(103, "Nadia", "conseillère citoyenne", "nadia_ex"),
            Person(104, "Karim", "agent d'un bailleur", "karim_ex"),
        ):
            self.add_person(person)
        members = {103: "creator", 101: "member", 102: "member", BOT_ID: "member"}
        self.chats[GROUP_ID] = Chat(GROUP_ID, "supergroup", "Conseil citoyen (exemple)", members)

    # Time

    def now(self) -> datetime:
        """The time in the sandbox."""
        return datetime.now(UTC) + self.clock_offset

    def stamp(self) -> int:
        """The time in the sandbox, as messages write it."""
        return int(self.now().timestamp())

    def move_clock(self, to: datetime) -> None:
        """Move the clock forward."""
        self.advance_clock(to - self.now())

    def advance_clock(self, by: timedelta) -> None:
        """Let time pass at once."""
        if by < timedelta():
            raise Impossible("L'horloge du bac à sable avance, elle ne recule pas.")
        try:
            self.now() + by
        except OverflowError as error:
            raise Impossible("Cette date est trop lointaine.") from error
        self.clock_offset += by
        self.emit("clock", clock=self.clock())

    def clock(self) -> Json:
        """The clock for the page."""
        return {"now": self.now().isoformat(), "offset_seconds": self.clock_offset.total_seconds()}

    # People and chats

    def add_person(self, person: Person) -> Person:
        """Give someone a telephone and a private chat with the bot."""
        self.people[person.id] = person
        self.chats[person.id] = Chat(person.id, "private", person.first_name, {person.id: "member", BOT_ID: "member"})
        self.emit("people", person=asdict(person))
        return person

    def person(self, user_id: Any) -> Person:
        """That person; for those who drive telephones."""
        person = self.people.get(as_int(user_id))
        if person is None:
            raise Impossible(f"Personne n'a le numéro {user_id} dans le bac à sable.")
        return person

    def chat(self, chat_id: Any) -> Chat:
        """That chat; for those who drive telephones."""
        number = as_int(chat_id)
        chat = self.chats.get(GROUP_ID if number == GROUP_ALIAS else number)
        if chat is None:
            raise Impossible(f"Aucune conversation n'a le numéro {chat_id} dans le bac à sable.")
        return chat

    def known_chat(self, chat_id: Any) -> Chat:
        """The chat a bot names, or Telegram's refusal."""
        if chat_id is None or chat_id == "":
            raise Refused(400, "Bad Request: chat_id is empty")
        chat = self.chats.get(as_int(chat_id))
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        return chat

    def open_chat(self, chat_id: Any) -> Chat:
        """The chat a bot wants to write in, or Telegram's refusal."""
        chat = self.known_chat(chat_id)
        if chat.type == "private":
            person = self.people[chat.id]
            if person.blocked:
                raise Refused(403, "Forbidden: bot was blocked by the user")
            if not person.started:
                raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        else:
            self.check_member(chat)
        return chat

    def check_member(self, chat: Chat) -> None:
        """Refuse what a bot asks about a group it is not in."""
        status = chat.members.get(BOT_ID)
        if chat.type != "private" and status in (None, "left"):
            raise Refused(403, "Forbidden: bot is not a member of the supergroup chat")
        if status == "kicked":
            raise Refused(403, "Forbidden: bot was kicked from the supergroup chat")

    def chat_json(self, chat: Chat) -> Json:
        """The chat as messages carry it."""
        if not chat.short:
            if chat.type == "private":
                person = self.people[chat.id]
                chat.short = {"id": chat.id, "first_name": person.first_name}
                if person.username:
                    chat.short["username"] = person.username
                chat.short["type"] = "private"
            else:
                chat.short = {"id": chat.id, "title": chat.title, "type": chat.type}
        return chat.short

    def user_json(self, user_id: int) -> Json:
        """A person or the bot, as a User."""
        if user_id == BOT_ID:
            return {key: self.bot[key] for key in ("id", "is_bot", "first_name", "username")}
        return self.people[user_id].user()

    # Messages

    def next_message_id(self, chat: Chat) -> int:
        """A new message identifier: one count for all private chats, one for each group."""
        if chat.type == "private":
            self.private_last_id += 1
            return self.private_last_id
        chat.last_id += 1
        return chat.last_id

    def keep(self, chat: Chat, sender_id: int, content: Json, keyboard: Json | None = None) -> Post:
        """Put a new message in a chat and tell the page."""
        message = {
            "message_id": self.next_message_id(chat),
            "from": self.user_json(sender_id),
            "chat": self.chat_json(chat),
            "date": self.stamp(),
            **content,
        }
        post = Post(message, sender_id == BOT_ID, keyboard)
        chat.posts[message["message_id"]] = post
        if len(chat.posts) > MOST_KEPT:
            del chat.posts[next(iter(chat.posts))]
        self.emit("message", chat_id=chat.id, message=post.shown(), by="bot" if post.by_bot else "person")
        return post

    def replace(self, chat: Chat, post: Post, message: Json, by_bot: bool) -> None:
        """Put a new version of a message where the old one stood, and tell the page."""
        post.message = message
        post.blob = ""
        self.emit("edited", chat_id=chat.id, message=post.shown(), by="bot" if by_bot else "person")

    def remove(self, chat: Chat, message_id: int, by_bot: bool) -> None:
        """Take a message away."""
        post = chat.posts.pop(message_id)
        if message_id in chat.pinned:
            chat.pinned.remove(message_id)
        if post.inline_message_id:
            self.inline_posts.pop(post.inline_message_id, None)
        self.emit("deleted", chat_id=chat.id, message_id=message_id, by="bot" if by_bot else "person")

    def answered_message(self, chat: Chat, message_id: Any) -> Json | None:
        """The message being answered, as the answer carries it; None if it is gone."""
        post = chat.posts.get(as_int(message_id))
        if post is None:
            return None
        return {key: value for key, value in post.message.items() if key != "reply_to_message"}

    def bot_post(self, chat: Chat, content: Json, inline: Json | None = None, keyboard: Json | None = None) -> Post:
        """A message of the bot."""
        if inline:
            content = {**content, "reply_markup": inline}
        return self.keep(chat, BOT_ID, content, keyboard)

    def person_post(self, chat: Chat, person: Person, content: Json) -> Post:
        """A message of a person, told to the bot if it may know it."""
        if chat.type == "private":
            person.started = True
        post = self.keep(chat, person.id, content)
        if self.bot_reads(chat, post.message):
            self.push("message", post.message)
        return post

    def bot_reads(self, chat: Chat, message: Json) -> bool:
        """Whether the bot gets a message: in groups, privacy mode hides what is not for it."""
        if chat.type == "private":
            return True
        status = chat.members.get(BOT_ID)
        if status not in ("member", "administrator", "creator"):
            return False
        if status != "member" or any(name in message for name in SERVICE_FIELDS):
            return True
        if message.get("via_bot", {}).get("id") == BOT_ID:
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == BOT_ID:
            return True
        return self._addressed(message)

    def _addressed(self, message: Json) -> bool:
        text = message.get("text") or message.get("caption") or ""
        entities = message.get("entities") or message.get("caption_entities") or []
        name = self.bot["username"].lower()
        for entity in entities:
            word = _slice(text, entity["offset"], entity["length"]).lower()
            if entity["type"] == "bot_command" and ("@" not in word or word.endswith(f"@{name}")):
                return True
            if entity["type"] == "mention" and word == f"@{name}":
                return True
            if entity["type"] == "text_mention" and entity.get("user", {}).get("id") == BOT_ID:
                return True
        return False

    # Updates for the bot

    def push(self, kind: str, payload: Json) -> int | None:
        """Queue an update of that kind; None if the bot did not want that kind."""
        wanted = kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed
        return self.queue({kind: payload}, chat_key(payload)) if wanted else None

    def queue(self, update: Json, key: int = 0) -> int:
        """Queue an update whatever it holds; it gets an identifier if it has none."""
        given = update.get("update_id")
        if given is None:
            return self._append(self.next_update_id, key, compact({"update_id": self.next_update_id, **update}))
        known = isinstance(given, int) and not isinstance(given, bool)
        return self._append(given if known else self.next_update_id, key, compact(update), once=not known)

    def queue_raw(self, raw: Any) -> None:
        """Queue something as it is, even if it is not an update."""
        self._append(self.next_update_id, 0, compact(raw), once=True)

    def _append(self, number: int, key: int, blob: str, once: bool = False) -> int:
        self.next_update_id = max(self.next_update_id, number + 1)
        pending = Pending(number, key, blob, once)
        self.updates.append(pending)
        self.changes += 1
        self.on_update(pending)
        return number

    def confirm(self, offset: int) -> None:
        """Forget updates below `offset`; a negative one keeps only the last ones."""
        waiting = self.updates
        if offset < 0:
            while len(waiting) > -offset:
                waiting.popleft()
        while waiting and waiting[0].update_id < offset:
            waiting.popleft()
        if waiting and waiting[-1].update_id < offset:
            # Injected with an old number.
            self.updates = deque(pending for pending in waiting if pending.update_id >= offset)
        self.changes += 1

    def serve(self, limit: int) -> list[str]:
        """The first updates waiting."""
        served = list(islice(self.updates, limit))
        for pending in served:
            if pending.once:
                self.updates.remove(pending)
        return [pending.blob for pending in served]

    # Events for the page

    def emit(self, kind: str, **fields: Any) -> None:
        """Tell the page and the tests that something happened."""
        self.seq += 1
        self.changes += 1
        self.events.append({"seq": self.seq, "kind": kind, **fields})
        self.on_event(fields.get("chat_id", 0))

    def events_since(self, since: int) -> list[Json]:
        """Events after `since`; one `reset` when some of them are no longer kept."""
        missed = self.seq - since
        if missed <= 0:
            return []
        if missed > len(self.events):
            return [{"seq": self.seq, "kind": "reset"}]
        kept = len(self.events)
        return [self.events[at] for at in range(kept - missed, kept)]

    # Queries

    def ask(self, queries: dict[str, Query], user_id: int, chat_id: int = 0, text: str = "") -> Query:
        """A new callback or inline query."""
        query = Query(str(secrets.randbits(62)), user_id, self.now().timestamp(), chat_id, text)
        queries[query.id] = query
        while len(queries) > 2000:
            del queries[next(iter(queries))]
        return query

    def answer(self, queries: dict[str, Query], query_id: Any) -> Query:
        """The query a bot answers now, or Telegram's refusal."""
        query = queries.get(str(query_id))
        late = query is not None and self.now().timestamp() - query.asked_at > QUERY_LIFE.total_seconds()
        if query is None or query.answered or late:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        query.answered = True
        return query

    # The snapshot

    def snapshot(self) -> str:
        """Everything a restart needs, as JSON text; cheap when little changed since the last one."""
        head = {
            "version": 1,
            "seq": self.seq,
            "next_update_id": self.next_update_id,
            "private_last_id": self.private_last_id,
            "clock_offset": self.clock_offset.total_seconds(),
            "people": [asdict(person) for person in self.people.values()],
            "commands": self.commands,
            "texts": self.texts,
            "menu_buttons": self.menu_buttons,
            "mailbox": self.mailbox,
            "allowed": None if self.allowed is None else sorted(self.allowed),
            "webhook": self.webhook,
            "callbacks": [asdict(query) for query in self.callbacks.values()],
            "inline_posts": self.inline_posts,
            "files": self.files.snapshot(),
        }
        chats = ",".join(_chat_text(chat) for chat in self.chats.values())
        updates = ",".join(f"[{row.update_id},{row.chat_key},{row.blob}]" for row in self.updates if not row.once)
        return f'{compact(head)[:-1]},"chats":[{chats}],"updates":[{updates}]}}'

    def restore(self, text: str) -> None:
        """Take back what `snapshot` wrote."""
        saved = json.loads(text)
        self.seq = int(saved["seq"])
        self.next_update_id = int(saved["next_update_id"])
        self.private_last_id = int(saved["private_last_id"])
        self.clock_offset = timedelta(seconds=saved["clock_offset"])
        self.people = {row["id"]: Person(**row) for row in saved["people"]}
        self.commands = saved["commands"]
        self.texts = saved["texts"]
        self.menu_buttons = saved["menu_buttons"]
        self.mailbox = saved["mailbox"]
        self.allowed = None if saved["allowed"] is None else frozenset(saved["allowed"])
        self.webhook = saved["webhook"]
        self.callbacks = {row["id"]: Query(**row) for row in saved["callbacks"]}
        self.inline_posts = {key: (where[0], where[1]) for key, where in saved["inline_posts"].items()}
        self.chats = {chat.id: chat for chat in map(_chat_of, saved["chats"])}
        self.updates = deque(Pending(number, key, compact(update)) for number, key, update in saved["updates"])
        self.files.restore(saved["files"])
        self.events.clear()


def _first_update_id() -> int:
    # A sandbox without a state starts anew each time, but a bot remembers the updates it has handled: never reuse them.
    elapsed = datetime.now(UTC) - datetime(2025, 1, 1, tzinfo=UTC)
    return 100_000_000 + int(elapsed.total_seconds() * 10) % 2_000_000_000


def chat_key(payload: Json) -> int:
    """What keeps an update in line with others: its chat, or its author."""
    for holder in (payload, payload.get("message") or {}):
        if isinstance(holder.get("chat"), dict):
            return as_int(holder["chat"].get("id"))
    sender = payload.get("from") or payload.get("user") or {}
    return as_int(sender.get("id")) if isinstance(sender, dict) else 0


def _chat_text(chat: Chat) -> str:
    head = {
        "id": chat.id,
        "type": chat.type,
        "title": chat.title,
        "members": chat.members,
        "last_id": chat.last_id,
        "pinned": chat.pinned,
    }
    posts = ",".join(post.dumped() for post in chat.posts.values())
    return f'{compact(head)[:-1]},"posts":[{posts}]}}'


def _chat_of(row: Json) -> Chat:
    members = {int(user): status for user, status in row["members"].items()}
    chat = Chat(row["id"], row["type"], row["title"], members, row["last_id"], row["pinned"])
    chat.posts = {kept[0]["message_id"]: Post(*kept) for kept in row["posts"]}
    return chat


def _slice(text: str, offset: int, length: int) -> str:
    if text.isascii():
        return text[offset : offset + length]
    raw = text.encode("utf-16-le", "surrogatepass")[offset * 2 : (offset + length) * 2]
    return raw.decode("utf-16-le", "replace")


def as_int(value: Any) -> int:
    """A number; whatever is none counts as 0, as in the real server."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def statuses(members: dict[int, str], present: Iterable[str] = ("creator", "administrator", "member")) -> list[int]:
    """Who is in a group."""
    wanted = set(present)
    return [user for user, status in members.items() if status in wanted]
