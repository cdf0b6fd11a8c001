import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from telephones import SandboxRefused


async def test_state(client, api, samira):
    """The state shows the bot, the people, the chats, the messages, the clock and the mailbox."""
    state = await client.state()
    assert state["bot"]["id"] == 4242
    assert [person["first_name"] for person in state["people"]] == ["Samira", "M. Léon", "Nadia", "Karim"]
    assert [person["started"] for person in state["people"]] == [True, False, False, False]
    assert [row["text"] for row in state["messages"]["101"]] == ["/start"]
    group = next(chat for chat in state["chats"] if chat["type"] == "supergroup")
    assert {member["id"]: member["status"] for member in group["members"]}[103] == "creator"
    assert state["mailbox"] == []


async def stream(client, since, count):
    events = []
    async with client.http.stream("GET", "/sandbox/events", params={"since": since}) as reply:
        async for line in reply.aiter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line[6:]))
            if len(events) >= count:
                break
    return events


async def test_events(client, api, samira):
    """Events come in order, old ones first, each with its number and kind."""
    since = (await client.state())["seq"]
    reading = asyncio.create_task(stream(client, since, 6))
    sent = await api.ok("sendMessage", chat_id=101, text="un")
    await api.ok("sendChatAction", chat_id=101, action="typing")
    await api.ok("editMessageText", chat_id=101, message_id=sent["message_id"], text="deux")
    await api.ok("setMessageReaction", chat_id=101, message_id=sent["message_id"], reaction=[])
    await api.ok("deleteMessage", chat_id=101, message_id=sent["message_id"])
    await client.advance(1)
    events = await asyncio.wait_for(reading, 10)
    assert [event["kind"] for event in events] == ["message", "typing", "edited", "reaction", "deleted", "clock"]
    assert [event["seq"] for event in events] == list(range(since + 1, since + 7))
    assert await stream(client, since, 6) == events


async def test_an_old_listener_starts_again(client, sandbox, api, samira):
    """Someone who missed more than is kept is told to read the state again."""
    sandbox.world.events.clear()
    (event,) = await stream(client, 0, 1)
    assert event["kind"] == "reset"


async def test_clock(client, api, samira, sandbox):
    """The clock moves forward only, and messages follow it."""
    before = sandbox.now()
    await client.advance(3 * 86400)
    assert sandbox.clock_offset >= timedelta(days=3)
    sent = await api.ok("sendMessage", chat_id=101, text="x")
    assert sent["date"] >= int(before.timestamp()) + 3 * 86400
    with pytest.raises(SandboxRefused, match="ne recule pas"):
        await client.set_clock("2020-01-01T00:00:00Z")
    with pytest.raises(SandboxRefused, match="ne recule pas"):
        await client.advance(-5)
    with pytest.raises(SandboxRefused):
        await client.set_clock("demain")
    there = datetime.now(UTC) + timedelta(days=30)
    assert (await client.set_clock(there.isoformat()))["now"] >= there.isoformat()


async def test_mailbox(client, sandbox):
    """Letters are delivered by the application and by tests."""
    sandbox.deliver_mail("bailleur@exemple.fr", "passerelle@exemple.fr", "Sujet", "Texte", headers={"X": "1"})
    await client.post("mailbox", {"to": "a@exemple.fr", "from": "b@exemple.fr", "subject": "Deux", "text": "x"})
    first, second = await client.mailbox()
    assert (first["from"], first["headers"], second["subject"]) == ("passerelle@exemple.fr", {"X": "1"}, "Deux")


async def test_people_and_log(client, api):
    """New people have telephones; every call of the bot is written down."""
    alix = await client.person("Alix", language_code="ar", started=True)
    await api.ok("sendMessage", chat_id=alix.chat_id, text="x" * 2000)
    (call,) = await client.log("sendMessage", chat_id=alix.chat_id)
    assert (call["outcome"], len(call["params"]["text"])) == ("ok", 501)
    assert (await api.call("sendMessage", chat_id=5, text="x"))["error_code"] == 400
    assert (await client.log())[-1]["outcome"] == "Bad Request: chat not found"
    await client.clear_log()
    assert await client.log() == []
    with pytest.raises(SandboxRefused, match="déjà pris"):
        await client.person("Double", id=101)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("chats/7/messages", {"from": 101, "text": "x"}),
        ("chats/101/messages", {"from": 102, "text": "x"}),
        ("chats/101/messages", {"from": 101, "text": "  "}),
        ("chats/101/messages", {"from": 101, "text": "x" * 4097}),
        ("chats/101/messages", {"from": 101, "text": "x", "reply_to": 99}),
        ("chats/101/messages", {"from": "qui", "text": "x"}),
        ("chats/101/messages", []),
        ("chats/101/edit", {"from": 101, "message_id": 99, "text": "x"}),
        ("chats/101/press", {"from": 101, "message_id": "x", "data": "a"}),
        ("chats/101/members", {"user": 101, "action": "join"}),
        ("chats", {}),
        ("people", {}),
        ("faults", {"kind": "grêle"}),
        ("inline/choose", {"from": 101, "chat_id": 101, "inline_query_id": "1", "result_id": "1"}),
        ("latency", {"ms": "beaucoup"}),
    ],
)
async def test_what_people_cannot_do_is_said_in_french(client, path, body):
    """Impossible and malformed orders are refused with a French sentence, never an internal error."""
    answer = await client.http.post(f"/sandbox/{path}", json=body)
    assert (answer.status_code, answer.json()["error"].endswith(".")) == (400, True)


async def test_halves_of_characters(client, api):
    """Half of a character typed by a broken telephone breaks neither the bot's updates nor the page."""
    body = b'{"from":101,"text":"a\\ud800b"}'
    await client.http.post("/sandbox/chats/101/messages", content=body)
    (update,) = await api.updates()
    assert update["message"]["text"] == "a?b"
    await client.http.post("/sandbox/updates", content=b'{"update":{"message":{"text":"\\ud800"}}}')
    assert len(await api.updates()) == 1
    assert await client.state()


async def test_other_sites_cannot_drive(client):
    """A page of another site cannot drive the sandbox of this machine."""
    headers = {"origin": "https://exemple.fr"}
    answer = await client.http.post("/sandbox/reset", json={}, headers=headers)
    assert answer.status_code == 403


async def test_reset(client, api, samira):
    """Back to the first day, with counters that never go back; the bot's settings stay if asked."""
    await api.ok("setMyCommands", commands=[{"command": "aide", "description": "x"}])
    before = await api.ok("sendMessage", chat_id=101, text="x")
    await client.advance(5000)
    await client.reset(keep_bot=True)
    state = await client.state()
    assert (state["messages"]["101"], state["people"][0]["started"], len(state["commands"])) == ([], False, 1)
    assert abs(state["clock"]["offset_seconds"]) < 1
    await samira.start(wait=False)
    (row,) = await client.get("chats/101/messages")
    assert row["message_id"] > before["message_id"]
    await client.reset()
    assert (await client.state())["commands"] == []


async def test_page(client):
    """The page and its files are served."""
    page = await client.http.get("/")
    assert (page.status_code, "text/html" in page.headers["content-type"]) == (200, True)
    assert (await client.http.get("/static/index.html")).status_code == 200
    async with httpx.AsyncClient(base_url=client.base_url) as http:
        assert (await http.get("/static/../server.py")).status_code == 404
