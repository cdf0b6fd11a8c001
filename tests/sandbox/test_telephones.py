import asyncio

import pytest
from telephones import Telephone, seen

MARKUP = {
    "inline_keyboard": [
        [{"text": "Mes droits", "callback_data": "droits"}, {"text": "Site", "url": "https://a.fr/"}],
        [{"text": "Urgence", "callback_data": "urgence"}],
    ]
}


@pytest.fixture
async def bot(polling, api):
    """A bot that answers in two messages, edits on a press and keeps quiet when told."""

    async def handle(update):
        if "callback_query" in update:
            await pressed(update["callback_query"])
            return
        message = update.get("message") or update["edited_message"]
        chat = message["chat"]["id"]
        if message.get("text") == "chut":
            return
        await api.ok("sendMessage", chat_id=chat, text=f"<b>Reçu</b> : {message.get('text', '?')}", parse_mode="HTML")
        await asyncio.sleep(0.01)
        await api.ok("sendMessage", chat_id=chat, text="Que voulez-vous ?", reply_markup=MARKUP)

    async def pressed(query):
        toast = {"text": "Un instant"} if query["data"] == "droits" else {}
        await api.ok("answerCallbackQuery", callback_query_id=query["id"], **toast)
        if query["data"] == "droits":
            where = {"chat_id": query["message"]["chat"]["id"], "message_id": query["message"]["message_id"]}
            await api.ok("editMessageText", text="Vos droits", **where)

    async with polling(handle):
        yield


async def test_a_conversation(bot, client):
    """Write gives the answers, press gives what changed, toasts are seen."""
    samira = client.telephone(101)
    first, second = await samira.start("fiche")
    assert (first.text, first.html) == ("Reçu : /start fiche", "<b>Reçu</b> : /start fiche")
    assert [list(map(tuple, row)) for row in second.buttons] == [
        [("Mes droits", "droits"), ("Site", "https://a.fr/")],
        [("Urgence", "urgence")],
    ]
    (edited,) = await samira.press("droits")
    assert (edited.id, edited.text, edited.edited) == (second.id, "Vos droits", True)
    assert await samira.toasts() == ["Un instant"]
    assert [one.text for one in await samira.from_bot()] == ["Reçu : /start fiche", "Vos droits"]


async def test_a_press_without_words(bot, client):
    """A button answered without words or changes is an answer all the same."""
    samira = client.telephone(101)
    await samira.start()
    assert await samira.press("Urgence") == []


async def test_silence(bot, client):
    """Silence is recognised, and an unexpected word or an unexpected silence fails."""
    samira = client.telephone(101)
    await samira.start()
    assert await samira.write("chut", expect_silence=True) == []
    await samira.quiet(0.1)
    with pytest.raises(AssertionError, match="devait se taire"):
        await samira.write("bonjour", expect_silence=True)
    with pytest.raises(AssertionError, match="n'a pas répondu"):
        await samira.write("chut", timeout=0.3)


async def test_latency_is_waited_for(bot, client):
    """A slow Telegram does not make the telephone believe that the bot has finished."""
    samira = client.telephone(101)
    await client.latency(150)
    assert [one.text for one in await samira.start()] == ["Reçu : /start", "Que voulez-vous ?"]


async def test_missing_buttons(bot, client):
    """A button that is not there says which ones were."""
    samira = client.telephone(101)
    await samira.start()
    with pytest.raises(AssertionError, match="Mes droits"):
        await samira.press("Inconnu")
    with pytest.raises(AssertionError, match="ne s'envoie pas"):
        await samira.press("Site")


async def test_many_at_once(bot, client):
    """Twenty telephones talk at once and each gets its own answers."""

    async def talk(number):
        person = await client.person(f"P{number}")
        answers = await person.write(f"n{number}", answers=2)
        return [one.text for one in answers] == [f"Reçu : n{number}", "Que voulez-vous ?"]

    assert all(await asyncio.gather(*[talk(number) for number in range(20)]))


async def test_by_address(bot, sandbox):
    """A telephone can be made from the address alone."""
    nadia = Telephone(sandbox.url, 103)
    assert len(await nadia.write("bonjour")) == 2
    await nadia.sandbox.close()


def test_html_of_a_message():
    """The marks of a message are shown as HTML, nested and beside characters of two units."""
    message = {
        "message_id": 1,
        "text": "😀 a<b",
        "entities": [{"type": "bold", "offset": 3, "length": 3}, {"type": "italic", "offset": 5, "length": 1}],
    }
    assert seen(message).html == "😀 <b>a&lt;<i>b</i></b>"
