"""What people do on their telephones, and what the bot is told of it."""

import base64
from dataclasses import asdict
from typing import Any

from bot.sandbox import media
from bot.sandbox.entities import detected
from bot.sandbox.markup import buttons_of
from bot.sandbox.methods import MOST_CAPTION, MOST_TEXT, forwarded, member_json, poll_of, react, with_companion
from bot.sandbox.refusals import Impossible, Refused
from bot.sandbox.world import BOT_ID, Chat, Person, Post, Query, World, statuses

Json = dict[str, Any]
# The smallest picture: a telephone without a camera still sends something.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def write(world: World, chat: Chat, body: Json, files: dict[str, media.Upload] | None = None) -> Json:
    """Someone sends a message of any kind."""
    person = world.person(body.get("from", chat.id))
    _may_write(chat, person)
    content = {**_origin(world, body), **_reply(world, chat, body), **_content(world, body, files or {})}
    if body.get("via_bot"):
        content["via_bot"] = world.user_json(BOT_ID)
    return world.person_post(chat, person, content).message


def _may_write(chat: Chat, person: Person) -> None:
    if chat.type == "private":
        if chat.id != person.id:
            raise Impossible("Cette conversation est celle d'une autre personne.")
        if person.blocked:
            raise Impossible(f"{person.first_name} a bloqué le bot. Il faut d'abord le débloquer.")
    elif chat.members.get(person.id) not in ("creator", "administrator", "member"):
        raise Impossible(f"{person.first_name} n'est pas dans ce groupe.")


def _origin(world: World, body: Json) -> Json:
    source = body.get("forward_from")
    if source is None:
        return {}
    sender = world.user_json(BOT_ID) if source == BOT_ID else world.person(source).user()
    return {"forward_origin": {"type": "user", "sender_user": sender, "date": world.stamp()}}


def _reply(world: World, chat: Chat, body: Json) -> Json:
    if not body.get("reply_to"):
        return {}
    answered = world.answered_message(chat, body["reply_to"])
    if answered is None:
        raise Impossible("Le message auquel vous répondez n'existe plus.")
    return {"reply_to_message": answered}


def _content(world: World, body: Json, files: dict[str, media.Upload]) -> Json:
    kind = next((name for name in media.FOLDERS if name in files or body.get(name)), None)
    if "voice_seconds" in body:
        kind = "voice"
    if kind:
        return _medium(world, kind, body, files.get(kind))
    for name in ("location", "contact", "venue", "poll", "dice", "game", "story"):
        if body.get(name):
            return _thing(world, name, body[name])
    return _words(body)


def _words(body: Json) -> Json:
    text = _typed(body.get("text"))
    if not text:
        raise Impossible("Le message est vide.")
    if len(text) > MOST_TEXT:
        raise Impossible(f"Le message est trop long : {MOST_TEXT} caractères au plus.")
    entities = body.get("entities")
    if entities is None:
        entities = detected(text)
    return {"text": text, "entities": entities} if entities else {"text": text}


def _typed(text: Any) -> str:
    """What was typed, without spaces around or halves of characters: telephones send neither."""
    return str(text or "").encode("utf-8", "replace").decode().strip()


def _medium(world: World, kind: str, body: Json, upload: media.Upload | None) -> Json:
    if upload is None:
        seconds = int(body.get("voice_seconds") or 1)
        content = PIXEL if kind == "photo" else f"{kind} {world.seq}".encode()
        upload = media.Upload(content, duration=seconds)
    try:
        value = media.described(world.files, kind, upload)
    except Refused as refusal:
        raise Impossible(f"Ce fichier ne peut pas être envoyé ({refusal.description}).") from refusal
    caption = _typed(body.get("caption"))
    if len(caption) > MOST_CAPTION:
        raise Impossible(f"La légende est trop longue : {MOST_CAPTION} caractères au plus.")
    content_json = with_companion(kind, value)
    if body.get("media_group_id"):
        content_json["media_group_id"] = str(body["media_group_id"])
    if caption:
        content_json["caption"] = caption
        if entities := detected(caption):
            content_json["caption_entities"] = entities
    return content_json


def _thing(world: World, name: str, given: Any) -> Json:
    if name == "dice":
        return {"dice": {"emoji": "🎲", "value": 4, **(given if isinstance(given, dict) else {})}}
    if not isinstance(given, dict):
        raise Impossible(f"Il manque le contenu de « {name} ».")
    if name == "poll":
        options = [str(text) for text in given.get("options", ["Oui", "Non"])]
        return {"poll": poll_of(world, str(given.get("question", "?")), options)}
    if name == "venue":
        return {"venue": given, "location": given.get("location", {})}
    return {name: given}


def edit(world: World, chat: Chat, body: Json) -> Json:
    """Someone changes the words of their message."""
    person, post = world.person(body.get("from", chat.id)), _own_post(world, chat, body)
    words = _words({"text": body.get("text")})
    drop = ("text", "entities", "caption", "caption_entities")
    kept = {key: value for key, value in post.message.items() if key not in drop}
    if "text" not in post.message:
        words = {("caption" if key == "text" else f"caption_{key}"): value for key, value in words.items()}
    message = {**kept, "edit_date": world.stamp(), **words}
    _may_write(chat, person)
    world.replace(chat, post, message, by_bot=False)
    if world.bot_reads(chat, message):
        world.push("edited_message", message)
    return message


def _own_post(world: World, chat: Chat, body: Json) -> Post:
    post = _post(chat, body)
    if post.by_bot or post.message["from"]["id"] != world.person(body.get("from", chat.id)).id:
        raise Impossible("On ne change que ses propres messages.")
    return post


def _post(chat: Chat, body: Json) -> Post:
    post = chat.posts.get(int(body.get("message_id") or 0))
    if post is None:
        raise Impossible("Ce message n'existe plus.")
    return post


def delete(world: World, chat: Chat, body: Json) -> Json:
    """Someone deletes a message on their telephone; Telegram does not tell bots."""
    post = _post(chat, body)
    world.remove(chat, post.message["message_id"], by_bot=False)
    return {"ok": True}


def press(world: World, chat: Chat, body: Json) -> Json:
    """Someone presses a button under a message."""
    person = world.person(body.get("from", chat.id))
    data = body.get("data")
    number = int(body.get("message_id") or 0)
    post = chat.posts.get(number)
    if not body.get("forged"):
        _check_button(_post(chat, body), data)
        _may_write(chat, person)
    query = world.ask(world.callbacks, person.id, chat.id, str(data))
    update: Json = {"id": query.id, "from": person.user(), "chat_instance": str(abs(chat.id) * 7919), "data": data}
    if post is not None and post.inline_message_id:
        update["inline_message_id"] = post.inline_message_id
    elif post is not None:
        update["message"] = post.message
    else:
        # What Telegram gives of a message that is gone.
        update["message"] = {"chat": world.chat_json(chat), "message_id": number, "date": 0}
    world.push("callback_query", update)
    return {"callback_query_id": query.id}


def _check_button(post: Post, data: Any) -> None:
    button = next((one for one in buttons_of(post.message) if one.get("callback_data") == data), None)
    if button is not None:
        return
    if any(data in (one.get("url"), one["text"]) and "url" in one for one in buttons_of(post.message)):
        raise Impossible("Ce bouton ouvre une page : il n'y a rien à envoyer au bot.")
    raise Impossible("Ce bouton n'est pas sous ce message.")


def react_to(world: World, chat: Chat, body: Json) -> Json:
    """Someone reacts to a message with an emoji; none takes the reaction away."""
    person, post = world.person(body.get("from", chat.id)), _post(chat, body)
    _may_write(chat, person)
    old = post.reactions.get(str(person.id), [])
    emoji = body.get("emoji")
    new = [{"type": "emoji", "emoji": emoji}] if emoji else []
    react(world, chat, post, person.id, new)
    if chat.type == "private" or chat.members.get(BOT_ID) == "administrator":
        world.push(
            "message_reaction",
            {
                "chat": world.chat_json(chat),
                "message_id": post.message["message_id"],
                "user": person.user(),
                "date": world.stamp(),
                "old_reaction": old,
                "new_reaction": new,
            },
        )
    return {"ok": True}


def start(world: World, chat: Chat, body: Json) -> Json:
    """Someone opens the bot: the Start button, or a link with a payload."""
    person = world.person(body.get("from", chat.id))
    if person.blocked:
        block(world, person, blocked=False)
    payload = str(body.get("payload") or "").strip()
    target = chat if chat.type != "private" else world.chat(person.id)
    return write(world, target, {"from": person.id, "text": f"/start {payload}".strip()})


def block(world: World, person: Person, blocked: bool) -> Json:
    """Someone blocks the bot, or takes it back."""
    if person.blocked == blocked:
        return asdict(person)
    before, after = ("member", "kicked") if blocked else ("kicked", "member")
    person.blocked = blocked
    world.emit("people", person=asdict(person))
    chat = world.chat(person.id)
    if person.started:
        tell_status(world, chat, person.id, BOT_ID, before, after)
    return asdict(person)


def tell_status(world: World, chat: Chat, by: int, user_id: int, before: str, after: str) -> None:
    """The update about someone's place in a chat: my_chat_member for the bot itself."""
    old, new = (member_json(world, _as_if(chat, user_id, status), user_id) for status in (before, after))
    update = {
        "chat": world.chat_json(chat),
        "from": world.user_json(by),
        "date": world.stamp(),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    if user_id == BOT_ID:
        world.push("my_chat_member", update)
    elif chat.members.get(BOT_ID) == "administrator":
        world.push("chat_member", update)


def _as_if(chat: Chat, user_id: int, status: str) -> Chat:
    return Chat(chat.id, chat.type, chat.title, {user_id: status})


def add_person(world: World, body: Json) -> Json:
    """Someone new gets a telephone."""
    name = str(body.get("first_name") or "").strip()
    if not name:
        raise Impossible("Il faut un prénom.")
    number = int(body.get("id") or max(world.people, default=100) + 1)
    if number <= 0 or number == BOT_ID or number in world.people:
        raise Impossible(f"Le numéro {number} est déjà pris.")
    person = Person(
        number,
        name,
        str(body.get("role") or ""),
        str(body.get("username") or ""),
        str(body.get("language_code", "fr") or ""),
        bool(body.get("started")),
    )
    return asdict(world.add_person(person))


def add_group(world: World, body: Json) -> Json:
    """Someone makes a group; the bot is in it unless `bot` is false."""
    title = str(body.get("title") or "").strip()
    if not title:
        raise Impossible("Il faut un nom de groupe.")
    users = [world.person(user).id for user in body.get("members", [])]
    creator = world.person(body.get("creator") or (users[0] if users else 101)).id
    number = min([-1001000000001, *world.chats]) - 1
    members = {creator: "creator", **{user: "member" for user in users if user != creator}}
    chat = world.chats[number] = Chat(number, "supergroup", title, members)
    world.emit("people", chat=chat_shown(world, chat))
    if body.get("bot", True):
        join(world, chat, creator, BOT_ID)
    return chat_shown(world, chat)


def chat_shown(world: World, chat: Chat) -> Json:
    """A chat for the page."""
    people = [user for user in statuses(chat.members) if user in world.people or user == BOT_ID]
    members = [
        {"id": user, "first_name": world.user_json(user)["first_name"], "status": chat.members[user]} for user in people
    ]
    return {"id": chat.id, "type": chat.type, "title": chat.title, "members": members, "pinned": chat.pinned}


def change_member(world: World, chat: Chat, body: Json) -> Json:
    """Someone joins, leaves, is put out or made administrator."""
    if chat.type == "private":
        raise Impossible("Une conversation privée n'a pas de membres.")
    user = BOT_ID if body.get("user") in (BOT_ID, "bot") else world.person(body.get("user")).id
    action = body.get("action")
    creator = next((one for one, status in chat.members.items() if status == "creator"), user)
    by = world.person(body["by"]).id if body.get("by") else creator
    if action == "join":
        join(world, chat, by if user == BOT_ID else user, user)
    elif action in ("leave", "kick"):
        _part(world, chat, by if action == "kick" else user, user, "left" if action == "leave" else "kicked")
    elif action in ("promote", "demote"):
        _rank(world, chat, by, user, "administrator" if action == "promote" else "member")
    else:
        raise Impossible("Actions possibles : join, leave, kick, promote, demote.")
    return chat_shown(world, chat)


def join(world: World, chat: Chat, by: int, user: int) -> None:
    """Someone comes into a group."""
    before = chat.members.get(user, "left")
    if before in ("creator", "administrator", "member"):
        raise Impossible("Cette personne est déjà dans le groupe.")
    chat.members[user] = "member"
    world.emit("people", chat=chat_shown(world, chat))
    tell_status(world, chat, by, user, before, "member")
    bare = world.user_json(user)
    _service(world, chat, by, {"new_chat_members": [bare]})


def _part(world: World, chat: Chat, by: int, user: int, status: str) -> None:
    before = chat.members.get(user, "left")
    if before not in ("creator", "administrator", "member"):
        raise Impossible("Cette personne n'est pas dans le groupe.")
    chat.members[user] = status
    world.emit("people", chat=chat_shown(world, chat))
    tell_status(world, chat, by, user, before, status)
    if by != BOT_ID:
        _service(world, chat, by, {"left_chat_member": world.user_json(user)})


def _rank(world: World, chat: Chat, by: int, user: int, status: str) -> None:
    before = chat.members.get(user, "left")
    if before not in ("administrator", "member"):
        raise Impossible("Cette personne n'est pas un simple membre du groupe.")
    chat.members[user] = status
    world.emit("people", chat=chat_shown(world, chat))
    tell_status(world, chat, by, user, before, status)


def _service(world: World, chat: Chat, by: int, content: Json) -> None:
    message = world.keep(chat, by, content).message
    if world.bot_reads(chat, message):
        world.push("message", message)


def ask_inline(world: World, body: Json) -> Query:
    """Someone writes @bot and words in any chat."""
    person = world.person(body.get("from"))
    text = str(body.get("query") or "")
    query = world.ask(world.inline_queries, person.id, text=text)
    update = {"id": query.id, "from": person.user(), "query": text, "offset": str(body.get("offset") or "")}
    if body.get("chat_type"):
        update["chat_type"] = body["chat_type"]
    world.push("inline_query", update)
    return query


def choose_inline(world: World, body: Json) -> Json:
    """Someone chooses one of the bot's inline results: it is posted in their name, via the bot."""
    person, chat = world.person(body.get("from")), world.chat(body.get("chat_id"))
    _may_write(chat, person)
    query = world.inline_queries.get(str(body.get("inline_query_id")))
    if query is None or query.answer is None:
        raise Impossible("Cette recherche n'a pas de réponse.")
    result = next((one for one in query.answer["results"] if one["id"] == body.get("result_id")), None)
    if result is None:
        raise Impossible("Ce résultat n'est pas dans la liste.")
    content = {"via_bot": world.user_json(BOT_ID), **result["content"]}
    chosen: Json = {"result_id": result["id"], "from": person.user(), "query": query.text}
    if result["reply_markup"]:
        content["reply_markup"] = result["reply_markup"]
        chosen["inline_message_id"] = f"BAAAA{query.id}{chat.last_id}{world.seq}"
    post = world.person_post(chat, person, content)
    if "inline_message_id" in chosen:
        post.inline_message_id = chosen["inline_message_id"]
        world.inline_posts[chosen["inline_message_id"]] = (chat.id, post.message["message_id"])
    world.push("chosen_inline_result", chosen)
    return post.message


def forward(world: World, chat: Chat, body: Json) -> Json:
    """Someone forwards a message of another chat."""
    person = world.person(body.get("from", chat.id))
    _may_write(chat, person)
    post = _post(world.chat(body.get("from_chat")), body)
    return world.person_post(chat, person, forwarded(post.message)).message
