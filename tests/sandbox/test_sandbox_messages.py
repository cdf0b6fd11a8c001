import json

import pytest

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
)


def keyboard(*rows):
    return {"inline_keyboard": [list(row) for row in rows]}


def button(text="Oui", **action):
    return {"text": text, **(action or {"callback_data": "oui"})}


async def test_send_gives_a_whole_message(api, samira):
    """A sent message comes back with its sender, chat, date, entities and keyboard."""
    message = await api.ok(
        "sendMessage", chat_id=101, text="<b>Bon</b> jour", parse_mode="HTML", reply_markup=keyboard([button()])
    )
    assert message["from"] == {
        "id": 4242,
        "is_bot": True,
        "first_name": "Passerelle",
        "username": "passerelle_bac_a_sable_bot",
    }
    assert message["chat"] == {"id": 101, "first_name": "Samira", "username": "samira_ex", "type": "private"}
    assert message["text"] == "Bon jour"
    assert message["entities"] == [{"offset": 0, "length": 3, "type": "bold"}]
    assert message["reply_markup"] == keyboard([button()])
    assert isinstance(message["date"], int)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": " \n "}, "Bad Request: message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "Bad Request: message text is empty"),
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        ({"text": "x", "parse_mode": "BBCode"}, "Bad Request: unsupported parse_mode"),
        ({"text": "x", "chat_id": 999}, "Bad Request: chat not found"),
        ({"text": "x", "chat_id": "@personne"}, "Bad Request: chat not found"),
        ({"text": "x", "chat_id": ""}, "Bad Request: chat_id is empty"),
        ({"text": "x", "reply_parameters": {"message_id": 777}}, "Bad Request: message to be replied not found"),
        ({"text": "x", "reply_markup": "{"}, "Bad Request: can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_markup": "[]"}, "Bad Request: object expected as reply markup"),
        ({"text": "x", "reply_markup": keyboard([button(callback_data="é" * 33)])}, "Bad Request: BUTTON_DATA_INVALID"),
        (
            {"text": "x", "reply_markup": keyboard([{"text": "seul"}])},
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "reply_markup": keyboard([button(url="pas une adresse")])},
            "Bad Request: inline keyboard button URL 'pas une adresse' is invalid: Wrong HTTP URL",
        ),
        ({"text": "x", "reply_markup": keyboard(*[[button()]] * 101)}, "Bad Request: REPLY_MARKUP_TOO_LONG"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": ["a"]}},
            'Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup should be an Array of Arrays',
        ),
        ({"text": "x", "entities": "[{"}, "Bad Request: can't parse entities JSON object"),
    ],
)
async def test_send_refuses_what_telegram_refuses(api, samira, params, words):
    """Each wrong message is refused with Telegram's words."""
    assert await api.refused("sendMessage", **{"chat_id": 101, **params}) == (400, words)


async def test_limits_are_inclusive(api, samira):
    """4096 characters after the entities are parsed, 64 bytes of data and 100 buttons are accepted."""
    text = "<b>" + "x" * 4096 + "</b>"
    rows = [[button(callback_data="é" * 32)] for _ in range(100)]
    message = await api.ok("sendMessage", chat_id=101, text=text, parse_mode="HTML", reply_markup=keyboard(*rows))
    assert len(message["text"]) == 4096


async def test_no_word_before_start(api, client):
    """The bot cannot write to someone who never started it."""
    assert await api.refused("sendMessage", chat_id=102, text="x") == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )
    await client.telephone(102).start(wait=False)
    await api.ok("sendMessage", chat_id=102, text="x")


async def test_blocked(api, samira):
    """Someone who blocked the bot gets nothing, the bot learns it, and Start takes it back."""
    await samira.block()
    (update,) = await api.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert await api.refused("sendMessage", chat_id=101, text="x") == (403, "Forbidden: bot was blocked by the user")
    await samira.start(wait=False)
    kinds = [next(key for key in update if key != "update_id") for update in await api.updates()]
    assert kinds == ["my_chat_member", "message"]
    await api.ok("sendMessage", chat_id=101, text="x")


async def test_reply(api, samira):
    """A reply carries the message it answers, and may do without it when asked."""
    first = await api.ok("sendMessage", chat_id=101, text="un")
    second = await api.ok("sendMessage", chat_id=101, text="deux", reply_parameters={"message_id": first["message_id"]})
    assert second["reply_to_message"]["text"] == "un"
    alone = await api.ok(
        "sendMessage",
        chat_id=101,
        text="trois",
        reply_parameters={"message_id": 777, "allow_sending_without_reply": True},
    )
    assert "reply_to_message" not in alone


async def test_edit(api, samira):
    """An edit changes text and keyboard, keeps the date and says when."""
    sent = await api.ok("sendMessage", chat_id=101, text="un", reply_markup=keyboard([button()]))
    edited = await api.ok("editMessageText", chat_id=101, message_id=sent["message_id"], text="deux")
    assert (edited["text"], "reply_markup" in edited) == ("deux", False)
    assert (edited["date"], "edit_date" in edited) == (sent["date"], True)
    again = await api.ok(
        "editMessageReplyMarkup", chat_id=101, message_id=sent["message_id"], reply_markup=keyboard([button("Non")])
    )
    assert again["reply_markup"] == keyboard([button("Non")])


async def test_edit_refusals(api, samira):
    """Nothing new, nothing there, someone else's, and the wrong kind are refused."""
    sent = await api.ok("sendMessage", chat_id=101, text="un", reply_markup=keyboard([button()]))
    number = sent["message_id"]
    same = {"chat_id": 101, "message_id": number, "text": "un", "reply_markup": keyboard([button()])}
    code, words = await api.refused("editMessageText", **same)
    assert (code, words.startswith(NOT_MODIFIED)) == (400, True)
    code, words = await api.refused("editMessageReplyMarkup", **same)
    assert words.startswith(NOT_MODIFIED)
    assert (await api.refused("editMessageText", chat_id=101, message_id=999, text="x"))[1] == (
        "Bad Request: message to edit not found"
    )
    assert (await api.refused("editMessageText", chat_id=101, message_id=1, text="x"))[1] == (
        "Bad Request: message can't be edited"
    )
    assert (await api.refused("editMessageCaption", chat_id=101, message_id=number, caption="x"))[1] == (
        "Bad Request: there is no caption in the message to edit"
    )
    keyed = await api.ok("sendMessage", chat_id=101, text="x", reply_markup={"keyboard": [["A"]]})
    assert "reply_markup" not in keyed
    assert (await api.refused("editMessageText", chat_id=101, message_id=keyed["message_id"], text="y"))[1] == (
        "Bad Request: message can't be edited"
    )


async def test_delete(api, samira, client):
    """A message is deleted once; not after 48 hours of the sandbox's clock; many at once skip the missing."""
    one, two, three = [(await api.ok("sendMessage", chat_id=101, text=text))["message_id"] for text in "abc"]
    assert await api.ok("deleteMessage", chat_id=101, message_id=one) is True
    assert (await api.refused("deleteMessage", chat_id=101, message_id=one))[1] == (
        "Bad Request: message to delete not found"
    )
    assert await api.ok("deleteMessages", chat_id=101, message_ids=[one, two]) is True
    await client.advance(49 * 3600)
    assert "message can't be deleted" in (await api.refused("deleteMessage", chat_id=101, message_id=three))[1]


async def test_copy_and_forward(api, samira):
    """A copy is new, a forward says where it comes from."""
    sent = await api.ok("sendMessage", chat_id=101, text="<i>un</i>", parse_mode="HTML")
    copied = await api.ok("copyMessage", chat_id=101, from_chat_id=101, message_id=sent["message_id"])
    assert set(copied) == {"message_id"}
    forwarded = await api.ok("forwardMessage", chat_id=101, from_chat_id=101, message_id=sent["message_id"])
    assert forwarded["forward_origin"]["sender_user"]["id"] == 4242
    assert forwarded["entities"] == sent["entities"]
    assert (await api.refused("copyMessage", chat_id=101, from_chat_id=101, message_id=999))[1] == (
        "Bad Request: message to copy not found"
    )


async def test_other_contents(api, samira):
    """Places, contacts, polls and chat actions are accepted, wrong ones refused."""
    place = await api.ok("sendLocation", chat_id=101, latitude=49.1, longitude=6.1)
    assert place["location"] == {"latitude": 49.1, "longitude": 6.1}
    assert (await api.refused("sendLocation", chat_id=101, latitude=100, longitude=6))[0] == 400
    venue = await api.ok("sendVenue", chat_id=101, latitude=49.1, longitude=6.1, title="Mairie", address="1 place")
    assert venue["venue"]["title"] == "Mairie"
    contact = await api.ok("sendContact", chat_id=101, phone_number="+33100000000", first_name="Accueil")
    assert contact["contact"]["first_name"] == "Accueil"
    poll = await api.ok("sendPoll", chat_id=101, question="Quand ?", options=json.dumps(["lundi", {"text": "mardi"}]))
    assert [option["text"] for option in poll["poll"]["options"]] == ["lundi", "mardi"]
    assert await api.ok("sendChatAction", chat_id=101, action="typing") is True
    assert (await api.refused("sendChatAction", chat_id=101, action="dancing"))[0] == 400


async def test_reaction_and_pin(api, samira, client):
    """Reactions and pins of the bot are seen by the page."""
    sent = await api.ok("sendMessage", chat_id=101, text="un")
    number = sent["message_id"]
    await api.ok("setMessageReaction", chat_id=101, message_id=number, reaction=[{"type": "emoji", "emoji": "👍"}])
    shown = [row for row in await client.get("chats/101/messages") if row["message_id"] == number]
    assert shown[0]["sandbox"]["reactions"] == {"4242": [{"type": "emoji", "emoji": "👍"}]}
    await api.ok("pinChatMessage", chat_id=101, message_id=number)
    assert (await api.ok("getChat", chat_id=101))["pinned_message"]["message_id"] == number
    await api.ok("unpinChatMessage", chat_id=101)
    assert "pinned_message" not in await api.ok("getChat", chat_id=101)


async def test_five_hundred_messages_are_kept(api, samira, client):
    """A chat keeps its last 500 messages, so that a long trial does not fill the memory."""
    for number in range(510):
        await api.ok("sendMessage", chat_id=101, text=str(number))
    kept = await client.get("chats/101/messages")
    assert (len(kept), kept[-1]["text"]) == (500, "509")
