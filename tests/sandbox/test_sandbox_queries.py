import asyncio

import pytest
from telephones import SandboxRefused

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
MARKUP = {"inline_keyboard": [[{"text": "Oui", "callback_data": "oui"}, {"text": "Site", "url": "https://a.fr"}]]}


async def pressed(api, samira):
    message = await api.ok("sendMessage", chat_id=101, text="?", reply_markup=MARKUP)
    await samira.press("Oui", wait=False)
    (update,) = await api.updates()
    return message, update["callback_query"]


async def test_press(api, samira):
    """A press gives the bot the data, the person and the message; the answer is a toast."""
    message, query = await pressed(api, samira)
    assert (query["data"], query["from"]["id"], query["message"]) == ("oui", 101, message)
    assert await api.ok("answerCallbackQuery", callback_query_id=query["id"], text="Merci", show_alert=True) is True
    assert await samira.toasts() == ["Merci"]


async def test_callback_answers_are_refused(api, samira, client):
    """Unknown, twice and after a minute are all too late."""
    _, query = await pressed(api, samira)
    await api.ok("answerCallbackQuery", callback_query_id=query["id"])
    assert await api.refused("answerCallbackQuery", callback_query_id=query["id"]) == (400, TOO_OLD)
    assert await api.refused("answerCallbackQuery", callback_query_id="1") == (400, TOO_OLD)
    _, query = await pressed(api, samira)
    await client.advance(61)
    assert await api.refused("answerCallbackQuery", callback_query_id=query["id"]) == (400, TOO_OLD)


async def test_only_buttons_that_are_there(api, samira, client):
    """A button that is not there or opens a page cannot be pressed; forged data can be sent all the same."""
    message, _ = await pressed(api, samira)
    number = message["message_id"]
    for data in ("non", "https://a.fr", "Site"):
        with pytest.raises(SandboxRefused):
            await client.post("chats/101/press", {"message_id": number, "data": data})
    await samira.press_forged("drop table", number, wait=False)
    await samira.press_forged("fantôme", 9999, wait=False)
    forged, ghost = [update["callback_query"] for update in await api.updates()]
    assert (forged["data"], forged["message"]["text"]) == ("drop table", "?")
    assert ghost["message"] == {"chat": message["chat"], "message_id": 9999, "date": 0}


def article(identifier="1", **more):
    content = {"message_text": "<b>QPV</b>", "parse_mode": "HTML"}
    return {"type": "article", "id": identifier, "title": "QPV", "input_message_content": content, **more}


async def answered(api, samira, results, **more):
    asking = asyncio.create_task(samira.inline("qpv"))
    (update,) = await api.ok("getUpdates", timeout=20)
    await api.ok("getUpdates", offset=update["update_id"] + 1)
    query = update["inline_query"]
    assert (query["query"], query["from"]["id"]) == ("qpv", 101)
    await api.ok("answerInlineQuery", inline_query_id=query["id"], results=results, **more)
    return await asking


async def test_inline(api, samira):
    """Inline results come to the telephone; the chosen one is posted via the bot and can be edited by the bot."""
    answer = await answered(api, samira, [article(reply_markup=MARKUP)], next_offset="2")
    assert (answer["results"][0]["title"], answer["next_offset"]) == ("QPV", "2")
    posted = await samira.in_chat(-1001000000001).choose(answer, "1")
    assert (posted.text, posted.raw["via_bot"]["id"], posted.raw["from"]["id"]) == ("QPV", 4242, 101)
    message, chosen = await api.updates()
    assert message["message"]["text"] == "QPV"
    inline_id = chosen["chosen_inline_result"]["inline_message_id"]
    await samira.in_chat(-1001000000001).press("Oui", wait=False)
    (pressed_update,) = await api.updates()
    assert pressed_update["callback_query"]["inline_message_id"] == inline_id
    assert await api.ok("editMessageText", inline_message_id=inline_id, text="autre") is True
    assert (await samira.in_chat(-1001000000001).messages())[-1].text == "autre"


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([article(str(number)) for number in range(51)], "RESULTS_TOO_MUCH"),
        ([article(), article()], "RESULT_ID_DUPLICATE"),
        ([article("")], "RESULT_ID_INVALID"),
        ([article("é" * 33)], "RESULT_ID_INVALID"),
        ([article(input_message_content={"message_text": ""})], "message text is empty"),
        ([article(input_message_content={"message_text": "<b>", "parse_mode": "HTML"})], "can't parse entities"),
        ([article(input_message_content=None)], "input message content is not specified"),
    ],
)
async def test_inline_refusals(api, results, words):
    """Wrong inline answers are refused."""
    code, said = await api.refused("answerInlineQuery", inline_query_id="1", results=results)
    assert (code, words in said) == (400, True)


async def test_inline_without_answer(client, sandbox, api):
    """An answer to an unknown query is refused."""
    assert await api.refused("answerInlineQuery", inline_query_id="1", results=[]) == (400, TOO_OLD)
