"""The methods of the Bot API, one function each; `METHODS` says which name calls which.

The ones that wait or talk to the network (getUpdates, webhooks) are in api.py and webhook.py.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from bot.sandbox import media
from bot.sandbox.entities import formatted
from bot.sandbox.markup import parse_markup
from bot.sandbox.refusals import Refused
from bot.sandbox.world import BOT_ID, Chat, Post, World, as_int, statuses

Json = dict[str, Any]
MOST_TEXT = 4096
MOST_CAPTION = 1024
TWO_DAYS = 48 * 3600
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
MEDIA = ("photo", "document", "voice", "video", "sticker", "audio", "animation", "video_note")
ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


class Params:
    """The parameters of a call, from a form or from JSON."""

    def __init__(self, values: Json, files: dict[str, media.Upload] | None = None) -> None:
        """Keep what came with the request."""
        self.values = values
        self.files = files or {}

    def raw(self, name: str) -> Any:
        """A parameter as it came; None if absent."""
        return self.values.get(name)

    def text(self, name: str) -> str:
        """A text; "" if absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """A number; a word that is none counts as 0, as in the real server."""
        value = self.values.get(name)
        return default if value is None or value == "" else as_int(value)

    def flag(self, name: str) -> bool:
        """A yes or no."""
        return str(self.values.get(name, "")).lower() in ("true", "1", "yes", "y")

    def structure(self, name: str, expected: type[Any]) -> Any:
        """A JSON parameter of that shape; None if absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise Refused(400, f"Bad Request: can't parse {name.replace('_', ' ')} JSON object") from error
        if not isinstance(value, expected):
            kind = "Array" if expected is list else "Object"
            raise Refused(400, f'Bad Request: expected an {kind} in the field "{name}"')
        return value


Method = Callable[[World, Params], Any]


# Pieces of messages


def text_of(world: World, p: Params, name: str = "text", prefix: str = "") -> Json:
    """The text of a message with its entities, checked."""
    given = p.structure(f"{prefix}entities", list)
    text, entities = formatted(p.text(name), p.text("parse_mode"), given)
    if not text:
        raise Refused(400, "Bad Request: message text is empty")
    if len(text) > MOST_TEXT:
        raise Refused(400, "Bad Request: message is too long")
    content: Json = {"text": text}
    if entities:
        content["entities"] = _resolved(world, entities)
    options = p.structure("link_preview_options", dict)
    if options:
        content["link_preview_options"] = options
    return content


def caption_of(world: World, values: Params) -> Json:
    """The caption of a medium with its entities, checked; empty if there is none."""
    given = values.structure("caption_entities", list)
    text, entities = formatted(values.text("caption"), values.text("parse_mode"), given)
    if len(text) > MOST_CAPTION:
        raise Refused(400, "Bad Request: message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": _resolved(world, entities)} if entities else {"caption": text}


def _resolved(world: World, entities: list[Json]) -> list[Json]:
    """Entities whose mentions of people carry the person; those of strangers are dropped, as Telegram does."""
    kept = []
    for entity in entities:
        if "user_id" not in entity:
            kept.append(entity)
        elif person := world.people.get(as_int(entity["user_id"])):
            bare = {key: value for key, value in entity.items() if key != "user_id"}
            kept.append({**bare, "user": person.user()})
    return kept


def reply_of(world: World, chat: Chat, p: Params) -> Json:
    """The message being answered, if any."""
    given = p.structure("reply_parameters", dict) or {}
    message_id = given.get("message_id") or p.integer("reply_to_message_id")
    if not message_id:
        return {}
    answered = world.answered_message(chat, message_id)
    if answered is not None:
        return {"reply_to_message": answered}
    if given.get("allow_sending_without_reply") or p.flag("allow_sending_without_reply"):
        return {}
    raise Refused(400, "Bad Request: message to be replied not found")


def medium_of(world: World, p: Params, kind: str, given: Any) -> Any:
    """The file of a message: uploaded, attached, or sent again by its identifier."""
    upload = p.files.get(kind)
    if isinstance(given, str) and given.startswith("attach://"):
        upload = p.files.get(given.removeprefix("attach://"))
        if upload is None:
            raise Refused(400, f'Bad Request: can\'t find uploaded file "{given.removeprefix("attach://")}"')
    if upload is not None:
        return media.described(world.files, kind, upload)
    if not given:
        raise Refused(400, f"Bad Request: there is no {kind.replace('_', ' ')} in the request")
    if isinstance(given, str) and given.lower().startswith(("http://", "https://")):
        raise Refused(400, "Bad Request: failed to get HTTP URL content")
    return media.again(world.files, kind, world.files.find(str(given)))


def with_companion(kind: str, value: Any) -> Json:
    """The field of a medium; animations are documents too, as in the real API."""
    if kind != "animation":
        return {kind: value}
    names = ("file_name", "mime_type", "file_id", "file_unique_id", "file_size")
    return {"animation": value, "document": {key: value[key] for key in names if key in value}}


def deliver(world: World, p: Params, content: Json) -> Post:
    """Put a message of the bot in the chat it names."""
    inline, keyboard = parse_markup(p.raw("reply_markup"))
    chat = world.open_chat(p.raw("chat_id"))
    content = {**reply_of(world, chat, p), **content}
    if p.flag("protect_content"):
        content["has_protected_content"] = True
    return world.bot_post(chat, content, inline, keyboard)


# Sending


def send_message(world: World, p: Params) -> Json:
    """Method sendMessage."""
    return deliver(world, p, text_of(world, p)).message


def _sender(kind: str) -> Method:
    def send(world: World, p: Params) -> Json:
        caption = {} if kind in ("sticker", "video_note") else caption_of(world, p)
        world.open_chat(p.raw("chat_id"))
        value = medium_of(world, p, kind, p.raw(kind))
        return deliver(world, p, {**with_companion(kind, value), **caption}).message

    return send


def send_location(world: World, p: Params) -> Json:
    """Method sendLocation."""
    return deliver(world, p, {"location": _place(p)}).message


def _place(p: Params) -> Json:
    try:
        latitude, longitude = float(p.text("latitude")), float(p.text("longitude"))
    except ValueError as error:
        raise Refused(400, "Bad Request: latitude or longitude is empty") from error
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused(400, "Bad Request: wrong latitude or longitude specified")
    return {"latitude": latitude, "longitude": longitude}


def send_venue(world: World, p: Params) -> Json:
    """Method sendVenue."""
    place = _place(p)
    if not p.text("title") or not p.text("address"):
        raise Refused(400, "Bad Request: venue title or address must be non-empty")
    venue = {"location": place, "title": p.text("title"), "address": p.text("address")}
    return deliver(world, p, {"venue": venue, "location": place}).message


def send_contact(world: World, p: Params) -> Json:
    """Method sendContact."""
    if not p.text("phone_number"):
        raise Refused(400, "Bad Request: phone number is empty")
    if not p.text("first_name"):
        raise Refused(400, "Bad Request: first name must be non-empty")
    names = ("phone_number", "first_name", "last_name", "vcard")
    return deliver(world, p, {"contact": {name: p.text(name) for name in names if p.text(name)}}).message


def send_poll(world: World, p: Params) -> Json:
    """Method sendPoll."""
    options = p.structure("options", list) or []
    texts = [str(option.get("text", "")) if isinstance(option, dict) else str(option) for option in options]
    if not p.text("question"):
        raise Refused(400, "Bad Request: poll question must be non-empty")
    if not 1 <= len(texts) <= 12:
        raise Refused(400, "Bad Request: poll must have at least 1 option")
    poll = poll_of(world, p.text("question"), texts)
    poll["is_anonymous"] = p.text("is_anonymous").lower() != "false"
    poll["type"] = p.text("type") or "regular"
    poll["allows_multiple_answers"] = p.flag("allows_multiple_answers")
    return deliver(world, p, {"poll": poll}).message


def poll_of(world: World, question: str, options: list[str]) -> Json:
    """A new poll."""
    return {
        "id": str(7_000_000_000 + world.seq),
        "question": question,
        "options": [
            {"persistent_id": f"option{number}", "text": text, "voter_count": 0} for number, text in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
    }


def send_media_group(world: World, p: Params) -> list[Json]:
    """Method sendMediaGroup."""
    items = p.structure("media", list) or []
    if not 2 <= len(items) <= 10:
        raise Refused(400, "Bad Request: media group must include 2-10 items")
    chat = world.open_chat(p.raw("chat_id"))
    reply = reply_of(world, chat, p)
    contents = [_group_item(world, p, item) for item in items]
    group = str(13_000_000_000_000_000 + world.seq)
    return [world.bot_post(chat, {**reply, "media_group_id": group, **content}).message for content in contents]


def _group_item(world: World, p: Params, item: Any) -> Json:
    if not isinstance(item, dict) or item.get("type") not in ("photo", "video", "document", "audio", "animation"):
        raise Refused(400, "Bad Request: can't parse InputMedia: type must be one of photo, video, document or audio")
    kind = item["type"]
    value = medium_of(world, Params({}, p.files), kind, item.get("media"))
    return {**with_companion(kind, value), **caption_of(world, Params(item))}


def send_chat_action(world: World, p: Params) -> bool:
    """Method sendChatAction."""
    if p.text("action") not in ACTIONS:
        raise Refused(400, "Bad Request: wrong parameter action in request")
    chat = world.open_chat(p.raw("chat_id"))
    world.emit("typing", chat_id=chat.id, action=p.text("action"))
    return True


def _source(world: World, p: Params, what: str) -> Post:
    chat = world.known_chat(p.raw("from_chat_id"))
    post = chat.posts.get(p.integer("message_id"))
    if post is None:
        raise Refused(400, f"Bad Request: message to {what} not found")
    return post


OWN_FIELDS = {
    "message_id",
    "from",
    "chat",
    "date",
    "edit_date",
    "reply_to_message",
    "reply_markup",
    "via_bot",
    "forward_origin",
    "media_group_id",
}


def copy_message(world: World, p: Params) -> Json:
    """Method copyMessage."""
    source = _source(world, p, "copy")
    content = {key: value for key, value in source.message.items() if key not in OWN_FIELDS}
    if "caption" in p.values and "text" not in content:
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content.update(caption_of(world, p))
    return {"message_id": deliver(world, p, content).message["message_id"]}


def forward_message(world: World, p: Params) -> Json:
    """Method forwardMessage."""
    source = _source(world, p, "forward")
    if source.message.get("has_protected_content"):
        raise Refused(400, "Bad Request: message can't be forwarded")
    return deliver(world, p, forwarded(source.message)).message


def forwarded(message: Json) -> Json:
    """The content of a message sent on, with where it comes from."""
    content = {key: value for key, value in message.items() if key not in OWN_FIELDS}
    origin = {"type": "user", "sender_user": message["from"], "date": message["date"]}
    return {"forward_origin": message.get("forward_origin", origin), **content}


# Editing


def _named_post(chat: Chat, p: Params, verb: str) -> Post:
    """The message of the chat that the call names."""
    if not p.integer("message_id"):
        raise Refused(400, "Bad Request: message identifier is not specified")
    post = chat.posts.get(p.integer("message_id"))
    if post is None:
        raise Refused(400, f"Bad Request: message to {verb} not found")
    return post


def _edited(world: World, p: Params) -> tuple[Chat, Post, bool]:
    """The message to edit; the last value says whether it was named by an inline identifier."""
    inline_id = p.text("inline_message_id")
    if inline_id:
        where = world.inline_posts.get(inline_id)
        if where is None or where[1] not in world.chats[where[0]].posts:
            raise Refused(400, "Bad Request: MESSAGE_ID_INVALID")
        chat = world.chats[where[0]]
        return chat, chat.posts[where[1]], True
    chat = world.known_chat(p.raw("chat_id"))
    world.check_member(chat)
    post = _named_post(chat, p, "edit")
    # A message with a reply keyboard can never be edited again: Telegram's rule.
    if not post.by_bot or post.keyboard is not None or "forward_origin" in post.message:
        raise Refused(400, "Bad Request: message can't be edited")
    return chat, post, False


def _save(world: World, p: Params, drop: tuple[str, ...], content: Json) -> Any:
    """Replace the fields `drop` of a message by `content`, and its keyboard by the one given."""
    inline, _ = parse_markup(p.raw("reply_markup"))
    chat, post, by_inline_id = _edited(world, p)
    old = post.message
    kept = {key: value for key, value in old.items() if key not in (*drop, "reply_markup", "edit_date")}
    fresh = {**kept, **content}
    if inline:
        fresh["reply_markup"] = inline
    if fresh == {key: value for key, value in old.items() if key != "edit_date"}:
        raise Refused(400, NOT_MODIFIED)
    fresh["edit_date"] = world.stamp()
    world.replace(chat, post, fresh, by_bot=True)
    return True if by_inline_id else fresh


def edit_message_text(world: World, p: Params) -> Any:
    """Method editMessageText."""
    content = text_of(world, p)
    post = _edited(world, p)[1]
    if "text" not in post.message:
        raise Refused(400, "Bad Request: there is no text in the message to edit")
    return _save(world, p, ("text", "entities", "link_preview_options"), content)


def edit_message_caption(world: World, p: Params) -> Any:
    """Method editMessageCaption."""
    content = caption_of(world, p)
    post = _edited(world, p)[1]
    if not any(kind in post.message for kind in MEDIA):
        raise Refused(400, "Bad Request: there is no caption in the message to edit")
    return _save(world, p, ("caption", "caption_entities"), content)


def edit_message_reply_markup(world: World, p: Params) -> Any:
    """Method editMessageReplyMarkup."""
    return _save(world, p, (), {})


def edit_message_media(world: World, p: Params) -> Any:
    """Method editMessageMedia."""
    item = p.structure("media", dict)
    if item is None:
        raise Refused(400, "Bad Request: message media is not specified")
    _edited(world, p)
    content = _group_item(world, p, item)
    return _save(world, p, (*MEDIA, "caption", "caption_entities", "text", "entities"), content)


def delete_message(world: World, p: Params) -> bool:
    """Method deleteMessage."""
    chat = world.known_chat(p.raw("chat_id"))
    world.check_member(chat)
    post = _named_post(chat, p, "delete")
    _check_deletable(world, chat, post)
    world.remove(chat, post.message["message_id"], by_bot=True)
    return True


def _check_deletable(world: World, chat: Chat, post: Post) -> None:
    admin = chat.members.get(BOT_ID) == "administrator"
    if chat.type != "private" and not post.by_bot and not admin:
        raise Refused(400, "Bad Request: message can't be deleted")
    if world.stamp() - post.message["date"] > TWO_DAYS and not admin:
        raise Refused(400, "Bad Request: message can't be deleted for everyone")


def delete_messages(world: World, p: Params) -> bool:
    """Method deleteMessages: what cannot be found is skipped."""
    identifiers = p.structure("message_ids", list) or []
    if not 1 <= len(identifiers) <= 100:
        raise Refused(400, "Bad Request: message identifiers are not specified")
    chat = world.known_chat(p.raw("chat_id"))
    world.check_member(chat)
    found = [post for number in identifiers if (post := chat.posts.get(as_int(number))) is not None]
    for post in found:
        _check_deletable(world, chat, post)
    for post in found:
        world.remove(chat, post.message["message_id"], by_bot=True)
    return True


def pin_chat_message(world: World, p: Params) -> bool:
    """Method pinChatMessage."""
    chat = world.open_chat(p.raw("chat_id"))
    _need_admin(chat, "Bad Request: not enough rights to manage pinned messages in the chat")
    number = p.integer("message_id")
    if number not in chat.posts:
        raise Refused(400, "Bad Request: message to pin not found")
    if number in chat.pinned:
        chat.pinned.remove(number)
    chat.pinned.append(number)
    world.bot_post(chat, {"pinned_message": world.answered_message(chat, number)})
    return True


def unpin_chat_message(world: World, p: Params) -> bool:
    """Method unpinChatMessage."""
    chat = world.open_chat(p.raw("chat_id"))
    _need_admin(chat, "Bad Request: not enough rights to manage pinned messages in the chat")
    number = p.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise Refused(400, "Bad Request: message to unpin not found")
    chat.pinned.remove(number)
    world.changes += 1
    return True


def unpin_all_chat_messages(world: World, p: Params) -> bool:
    """Method unpinAllChatMessages."""
    chat = world.open_chat(p.raw("chat_id"))
    _need_admin(chat, "Bad Request: not enough rights to manage pinned messages in the chat")
    chat.pinned.clear()
    world.changes += 1
    return True


def _need_admin(chat: Chat, refusal: str) -> None:
    if chat.type != "private" and chat.members.get(BOT_ID) not in ("administrator", "creator"):
        raise Refused(400, refusal)


# Answers to queries


def answer_callback_query(world: World, p: Params) -> bool:
    """Method answerCallbackQuery."""
    text = p.text("text")
    if len(text) > 200:
        raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
    query = world.answer(world.callbacks, p.text("callback_query_id"))
    world.emit(
        "toast",
        chat_id=query.chat_id,
        user_id=query.user_id,
        callback_query_id=query.id,
        text=text,
        show_alert=p.flag("show_alert"),
        by="bot",
        **({"url": p.text("url")} if p.text("url") else {}),
    )
    return True


def answer_inline_query(world: World, p: Params) -> bool:
    """Method answerInlineQuery."""
    results = p.structure("results", list)
    if results is None:
        raise Refused(400, "Bad Request: results is empty")
    if len(results) > 50:
        raise Refused(400, "Bad Request: RESULTS_TOO_MUCH")
    checked = [_inline_result(world, p, result) for result in results]
    if len({result["id"] for result in checked}) < len(checked):
        raise Refused(400, "Bad Request: RESULT_ID_DUPLICATE")
    if len(p.text("next_offset").encode()) > 64:
        raise Refused(400, "Bad Request: NEXT_OFFSET_INVALID")
    button = p.structure("button", dict)
    _check_inline_button(button)
    query = world.answer(world.inline_queries, p.text("inline_query_id"))
    query.answer = {"results": checked, "next_offset": p.text("next_offset"), "button": button}
    world.emit("inline_results", inline_query_id=query.id, user_id=query.user_id, by="bot", **query.answer)
    return True


def _check_inline_button(button: Json | None) -> None:
    if button is None:
        return
    parameter = button.get("start_parameter")
    if parameter is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(parameter)):
        raise Refused(400, "Bad Request: START_PARAM_INVALID")


def _inline_result(world: World, p: Params, result: Any) -> Json:
    if not isinstance(result, dict):
        raise Refused(400, "Bad Request: can't parse inline query result: InlineQueryResult must be an Object")
    identifier = result.get("id")
    if not isinstance(identifier, str) or not 1 <= len(identifier.encode()) <= 64:
        raise Refused(400, "Bad Request: RESULT_ID_INVALID")
    if result.get("type") == "article" and not result.get("title"):
        raise Refused(400, "Bad Request: can't parse inline query result: Can't find field \"title\"")
    inline, _ = parse_markup(result.get("reply_markup"))
    return {**result, "reply_markup": inline, "content": _result_content(world, result)}


def _result_content(world: World, result: Json) -> Json:
    given = result.get("input_message_content")
    if isinstance(given, dict):
        return _input_content(world, Params(given))
    kind = str(result.get("type"))
    file_id = result.get(f"{kind}_file_id")
    if kind in MEDIA and file_id:
        value = media.again(world.files, kind, world.files.find(str(file_id)))
        return {**with_companion(kind, value), **caption_of(world, Params(result))}
    if kind in ("location", "venue", "contact"):
        return _input_content(world, Params(result))
    raise Refused(400, "Bad Request: can't parse inline query result: input message content is not specified")


def _input_content(world: World, given: Params) -> Json:
    if "message_text" in given.values:
        return text_of(world, given, "message_text")
    if "phone_number" in given.values:
        return {"contact": {key: given.text(key) for key in ("phone_number", "first_name") if given.text(key)}}
    place = _place(given)
    if "address" in given.values:
        venue = {"location": place, "title": given.text("title"), "address": given.text("address")}
        return {"venue": venue, "location": place}
    return {"location": place}


def set_message_reaction(world: World, p: Params) -> bool:
    """Method setMessageReaction."""
    chat = world.open_chat(p.raw("chat_id"))
    post = chat.posts.get(p.integer("message_id"))
    if post is None:
        raise Refused(400, "Bad Request: message to react not found")
    reaction = p.structure("reaction", list) or []
    if len(reaction) > 1:
        raise Refused(400, "Bad Request: too many reactions specified")
    for one in reaction:
        if not isinstance(one, dict) or one.get("type") not in ("emoji", "custom_emoji"):
            raise Refused(400, "Bad Request: REACTION_INVALID")
    react(world, chat, post, BOT_ID, reaction)
    return True


def react(world: World, chat: Chat, post: Post, user_id: int, reaction: list[Json]) -> None:
    """Someone's reaction to a message."""
    if reaction:
        post.reactions[str(user_id)] = reaction
    else:
        post.reactions.pop(str(user_id), None)
    post.blob = ""
    world.emit(
        "reaction",
        chat_id=chat.id,
        message_id=post.message["message_id"],
        user_id=user_id,
        reaction=reaction,
        by="bot" if user_id == BOT_ID else "person",
    )


# Files, chats and members


def get_file(world: World, p: Params) -> Json:
    """Method getFile."""
    file_id = p.text("file_id")
    if not file_id:
        raise Refused(400, "Bad Request: file_id is not specified")
    file = world.files.files.get(file_id)
    if file is None:
        raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    if file.size > media.MOST_DOWN:
        raise Refused(400, "Bad Request: file is too big")
    return {**file.described(), "file_path": file.path}


def get_me(world: World, p: Params) -> Json:
    """Method getMe."""
    return world.bot


def get_chat(world: World, p: Params) -> Json:
    """Method getChat."""
    chat = world.known_chat(p.raw("chat_id"))
    world.check_member(chat)
    full: Json = {
        **world.chat_json(chat),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        ),
    }
    if chat.type != "private":
        full["permissions"] = {"can_send_messages": True, "can_invite_users": True}
    if chat.pinned:
        full["pinned_message"] = world.answered_message(chat, chat.pinned[-1])
    return full


def member_json(world: World, chat: Chat, user_id: int) -> Json:
    """A member of a chat, as ChatMember."""
    status = chat.members.get(user_id, "left")
    member: Json = {"user": world.user_json(user_id), "status": status}
    if status == "creator":
        member["is_anonymous"] = False
    if status == "kicked":
        member["until_date"] = 0
    if status == "administrator":
        member |= {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(ADMIN_RIGHTS, True)}
    return member


ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_manage_topics",
)


def get_chat_member(world: World, p: Params) -> Json:
    """Method getChatMember."""
    chat = world.known_chat(p.raw("chat_id"))
    world.check_member(chat)
    user_id = p.integer("user_id")
    if user_id not in world.people and user_id != BOT_ID:
        raise Refused(400, "Bad Request: invalid user_id specified")
    return member_json(world, chat, user_id)


def _need_group(chat: Chat) -> None:
    if chat.type == "private":
        raise Refused(400, "Bad Request: there are no administrators in the private chat")


def get_chat_administrators(world: World, p: Params) -> list[Json]:
    """Method getChatAdministrators."""
    chat = world.known_chat(p.raw("chat_id"))
    _need_group(chat)
    world.check_member(chat)
    found = statuses(chat.members, ("creator", "administrator"))
    return [member_json(world, chat, user) for user in found if user in world.people or user == BOT_ID]


def get_chat_member_count(world: World, p: Params) -> int:
    """Method getChatMemberCount."""
    chat = world.known_chat(p.raw("chat_id"))
    world.check_member(chat)
    return len(statuses(chat.members))


def leave_chat(world: World, p: Params) -> bool:
    """Method leaveChat."""
    chat = world.known_chat(p.raw("chat_id"))
    if chat.type == "private":
        raise Refused(400, "Bad Request: chat member status can't be changed in private chats")
    world.check_member(chat)
    chat.members[BOT_ID] = "left"
    world.emit("people", chat_id=chat.id, left=BOT_ID, by="bot")
    return True


def export_chat_invite_link(world: World, p: Params) -> str:
    """Method exportChatInviteLink."""
    chat = world.open_chat(p.raw("chat_id"))
    if chat.type == "private":
        raise Refused(400, "Bad Request: can't invite members to a private chat")
    _need_admin(chat, "Bad Request: not enough rights to manage chat invite link")
    return f"https://t.me/+bacasable{abs(chat.id)}x{world.seq}"


def create_chat_invite_link(world: World, p: Params) -> Json:
    """Method createChatInviteLink."""
    link: Json = {
        "invite_link": export_chat_invite_link(world, p),
        "creator": world.user_json(BOT_ID),
        "creates_join_request": p.flag("creates_join_request"),
        "is_primary": False,
        "is_revoked": False,
    }
    for name in ("expire_date", "member_limit"):
        if p.integer(name):
            link[name] = p.integer(name)
    if p.text("name"):
        link["name"] = p.text("name")
    return link


# What people see of the bot

SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
}


def _command_key(world: World, p: Params) -> str:
    scope = p.structure("scope", dict) or {"type": "default"}
    if not isinstance(scope.get("type"), str) or scope["type"] not in SCOPES:
        raise Refused(400, "Bad Request: can't parse BotCommandScope: Unsupported type specified")
    clean: Json = {"type": scope["type"]}
    if scope["type"].startswith("chat"):
        clean["chat_id"] = world.known_chat(scope.get("chat_id")).id
    if scope["type"] == "chat_member":
        clean["user_id"] = as_int(scope.get("user_id"))
    language = p.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise Refused(400, "Bad Request: BOT_COMMANDS language_code is invalid")
    return json.dumps([clean, language])


def set_my_commands(world: World, p: Params) -> bool:
    """Method setMyCommands."""
    commands = p.structure("commands", list) or []
    if len(commands) > 100:
        raise Refused(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check_command(command)
    key = _command_key(world, p)
    kept = [{"command": row["command"].lstrip("/"), "description": row["description"].strip()} for row in commands]
    if kept:
        world.commands[key] = kept
    else:
        world.commands.pop(key, None)
    world.emit("commands", commands=commands_list(world))
    return True


def _check_command(command: Any) -> None:
    if not isinstance(command, dict):
        raise Refused(400, "Bad Request: can't parse BotCommand: expected an Object")
    name, description = command.get("command"), command.get("description")
    if not isinstance(name, str) or not re.fullmatch(r"/?[a-z0-9_]{1,32}", name):
        raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
    if not isinstance(description, str) or not 1 <= len(description.strip()) <= 256:
        raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")


def commands_list(world: World) -> list[Json]:
    """The commands of every scope, for the page."""
    rows = [(json.loads(key), commands) for key, commands in world.commands.items()]
    return [{"scope": key[0], "language_code": key[1], "commands": commands} for key, commands in rows]


def get_my_commands(world: World, p: Params) -> list[Json]:
    """Method getMyCommands."""
    return world.commands.get(_command_key(world, p), [])


def delete_my_commands(world: World, p: Params) -> bool:
    """Method deleteMyCommands."""
    world.commands.pop(_command_key(world, p), None)
    world.emit("commands", commands=commands_list(world))
    return True


def _text_setter(name: str, most: int, refusal: str) -> Method:
    def setter(world: World, p: Params) -> bool:
        text = p.text(name).strip()
        if len(text) > most:
            raise Refused(400, f"Bad Request: {refusal}")
        world.texts[f"{name}:{p.text('language_code')}"] = text
        if name == "name" and text and not p.text("language_code"):
            world.bot = {**world.bot, "first_name": text}
        world.emit("commands", commands=commands_list(world))
        return True

    return setter


def _text_getter(name: str) -> Method:
    def getter(world: World, p: Params) -> Json:
        language = p.text("language_code")
        default = world.bot["first_name"] if name == "name" else ""
        known = world.texts.get(f"{name}:{language}") or world.texts.get(f"{name}:")
        return {name: known or default}

    return getter


def set_chat_menu_button(world: World, p: Params) -> bool:
    """Method setChatMenuButton."""
    button = p.structure("menu_button", dict) or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise Refused(400, "Bad Request: can't parse menu button: unsupported type")
    world.menu_buttons[str(p.integer("chat_id"))] = button
    world.emit("commands", commands=commands_list(world))
    return True


def get_chat_menu_button(world: World, p: Params) -> Json:
    """Method getChatMenuButton."""
    return world.menu_buttons.get(str(p.integer("chat_id"))) or world.menu_buttons.get("0") or {"type": "commands"}


def done(world: World, p: Params) -> bool:
    """Methods logOut and close: nothing to do here."""
    return True


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "logOut": done,
    "close": done,
    "sendMessage": send_message,
    "sendPhoto": _sender("photo"),
    "sendDocument": _sender("document"),
    "sendVoice": _sender("voice"),
    "sendVideo": _sender("video"),
    "sendSticker": _sender("sticker"),
    "sendAudio": _sender("audio"),
    "sendAnimation": _sender("animation"),
    "sendVideoNote": _sender("video_note"),
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendPoll": send_poll,
    "sendMediaGroup": send_media_group,
    "sendChatAction": send_chat_action,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageMedia": edit_message_media,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "setMessageReaction": set_message_reaction,
    "getFile": get_file,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "exportChatInviteLink": export_chat_invite_link,
    "createChatInviteLink": create_chat_invite_link,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _text_setter("name", 64, "BOT_NAME_INVALID"),
    "getMyName": _text_getter("name"),
    "setMyDescription": _text_setter("description", 512, "BOT_DESCRIPTION_INVALID"),
    "getMyDescription": _text_getter("description"),
    "setMyShortDescription": _text_setter("short_description", 120, "BOT_SHORT_DESCRIPTION_INVALID"),
    "getMyShortDescription": _text_getter("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
"""Each method of the Bot API known here, by its real name."""

BY_LOWER_NAME = {name.lower(): (name, method) for name, method in METHODS.items()}
"""The same by lower-case name: the real server does not look at case."""
