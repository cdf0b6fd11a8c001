import asyncio
import json

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route


async def test_offset_confirms(api, samira):
    """Updates come again until a higher offset confirms them; limit and negative offsets are obeyed."""
    for text in ("un", "deux", "trois"):
        await samira.write(text, wait=False)
    first = await api.ok("getUpdates")
    assert [update["message"]["text"] for update in first] == ["un", "deux", "trois"]
    assert await api.ok("getUpdates", limit=1) == first[:1]
    assert await api.ok("getUpdates", offset=first[1]["update_id"]) == first[1:]
    assert await api.ok("getUpdates", offset=-1) == first[2:]
    assert await api.ok("getUpdates", offset=first[2]["update_id"] + 1) == []


async def test_long_poll_wakes(api, samira):
    """A waiting getUpdates answers as soon as someone writes."""
    poll = asyncio.create_task(api.ok("getUpdates", timeout=50))
    await asyncio.sleep(0.05)
    await samira.write("bonjour", wait=False)
    (update,) = await poll
    assert update["message"]["text"] == "bonjour"


async def test_a_hundred_at_once(api, samira):
    """getUpdates gives at most 100 updates, in order."""
    for number in range(130):
        await samira.write(str(number), wait=False)
    found = await api.ok("getUpdates")
    assert [update["message"]["text"] for update in found] == [str(number) for number in range(100)]


async def test_two_pollers_conflict(api, samira):
    """The older of two getUpdates is told to stop."""
    older = asyncio.create_task(api.call("getUpdates", timeout=50))
    await asyncio.sleep(0.05)
    newer = asyncio.create_task(api.call("getUpdates", timeout=50))
    answer = await older
    assert (answer["error_code"], answer["description"]) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    await samira.write("bonjour", wait=False)
    assert (await newer)["ok"]


async def test_allowed_updates_are_remembered(api, samira):
    """Only the kinds asked for are queued, until something else is asked."""
    await api.ok("getUpdates", allowed_updates=["callback_query"])
    await samira.write("perdu", wait=False)
    assert await api.updates() == []
    await api.ok("getUpdates", allowed_updates=json.dumps([]))
    await samira.write("reçu", wait=False)
    assert [update["message"]["text"] for update in await api.updates()] == ["reçu"]


async def test_edits_reach_the_bot(api, samira):
    """Someone's edit is an edited_message."""
    await samira.write("bonjur", wait=False)
    (update,) = await api.updates()
    await samira.edit(update["message"], "bonjour", wait=False)
    (edited,) = await api.updates()
    assert (edited["edited_message"]["text"], "edit_date" in edited["edited_message"]) == ("bonjour", True)


async def test_injected_updates(api, client):
    """Raw updates get a number when they have none; what is no update at all is served once."""
    await client.inject({"message": {"odd": True}}, {"update_id": 5, "poll": None}, {"callback_query": 3})
    await client.inject_raw("pas un objet")
    found = await api.ok("getUpdates")
    assert [type(one) for one in found] == [dict, dict, dict, str]
    assert found[1]["update_id"] == 5
    assert await api.ok("getUpdates", offset=found[2]["update_id"] + 1) == []


async def test_unknown_method_and_token(api, sandbox):
    """Unknown methods are 404, wrong tokens 401, whatever the case of the method."""
    assert await api.refused("sendFlowers") == (404, "Not Found")
    assert (await api.call("GETME"))["ok"]
    async with httpx.AsyncClient(base_url=sandbox.url) as http:
        for token in ("12:x", "4242:", "4242", ""):
            answer = await http.get(f"/bot{token}/getMe")
            assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")
        assert (await http.get("/bot4242:autre/getMe")).json()["result"]["username"].endswith("bot")


async def test_every_way_to_send_parameters(api, sandbox, samira):
    """Query, form, JSON and multipart parameters are the same; unreadable ones are refused."""
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/bot4242:sandbox") as http:
        params = {"chat_id": "101", "text": "é"}
        for answer in (
            await http.get("/sendMessage", params=params),
            await http.post("/sendMessage", params=params),
            await http.post("/sendMessage", data=params),
            await http.post("/sendMessage", json=params),
            await http.post("/sendMessage", data=params, files={"unused": b"x"}),
        ):
            assert answer.json()["result"]["text"] == "é"
        kind = {"content-type": "application/json"}
        for body in (b"{", b"[]", b'{"chat_id":101,"text":"\\ud800"}', b"\xff"):
            assert (await http.post("/sendMessage", content=body, headers=kind)).status_code == 400
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = await http.post("/sendMessage", content=b"chat_id=101&text=%ff", headers=form)
        assert answer.json()["description"] == "Bad Request: strings must be encoded in UTF-8"
        multi = {"content-type": "multipart/form-data; boundary=x"}
        assert (await http.post("/sendMessage", content=b"garbage", headers=multi)).status_code == 400


class Receiver:
    """A bot that waits for webhooks."""

    def __init__(self):
        self.got = []
        self.secrets = []
        self.failures = 0
        self.answer = None
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, request: Request):
        update = await request.json()
        self.running += 1
        self.most = max(self.most, self.running)
        await self.gate.wait()
        self.running -= 1
        if self.failures:
            self.failures -= 1
            return PlainTextResponse("non", 500)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.got.append(update)
        return JSONResponse(self.answer) if self.answer else PlainTextResponse("")

    async def until(self, count):
        while len(self.got) < count:
            await asyncio.sleep(0.01)


@pytest.fixture
async def receiver():
    made = Receiver()
    config = uvicorn.Config(
        Starlette(routes=[Route("/hook", made.__call__, methods=["POST"])]), port=0, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    made.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    yield made
    made.gate.set()
    await server.shutdown()


async def test_webhook(api, samira, receiver):
    """Updates are posted with the secret, getUpdates is refused meanwhile, deleteWebhook ends it."""
    await api.ok("setWebhook", url=receiver.url, secret_token="abc-1")
    await samira.write("bonjour", wait=False)
    await receiver.until(1)
    assert (receiver.got[0]["message"]["text"], receiver.secrets) == ("bonjour", ["abc-1"])
    assert (await api.refused("getUpdates"))[0] == 409
    assert (await api.ok("getWebhookInfo"))["url"] == receiver.url
    await api.ok("deleteWebhook")
    assert (await api.ok("getWebhookInfo"))["url"] == ""
    await samira.write("encore", wait=False)
    assert len(await api.updates()) == 1


async def test_webhook_tries_again(api, samira, receiver):
    """What the bot does not accept is posted again, and the failure is told."""
    receiver.failures = 1
    await api.ok("setWebhook", url=receiver.url)
    await samira.write("bonjour", wait=False)
    await receiver.until(1)
    info = await api.ok("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_webhook_order(api, client, receiver):
    """Chats are served side by side up to max_connections, each in order."""
    people = [await client.person(f"P{number}") for number in range(6)]
    receiver.gate.clear()
    await api.ok("setWebhook", url=receiver.url, max_connections=4)
    for text in ("1", "2", "3"):
        for person in people:
            await person.write(text, wait=False)
    while receiver.running < 4:
        await asyncio.sleep(0.01)
    receiver.gate.set()
    await receiver.until(18)
    assert receiver.most == 4
    for person in people:
        texts = [one["message"]["text"] for one in receiver.got if one["message"]["chat"]["id"] == person.chat_id]
        assert texts == ["1", "2", "3"]


async def test_webhook_answer_is_a_call(api, samira, client, receiver):
    """A bot may answer a webhook with a method."""
    receiver.answer = {"method": "sendMessage", "chat_id": 101, "text": "reçu"}
    await api.ok("setWebhook", url=receiver.url)
    answers = await samira.write("bonjour")
    assert [one.text for one in answers] == ["reçu"]


async def test_webhook_addresses(api):
    """Only https, or http on this machine."""
    assert "HTTPS" in (await api.refused("setWebhook", url="http://exemple.fr/x"))[1]
    assert (await api.refused("setWebhook", url="https://"))[0] == 400
    assert (await api.refused("setWebhook", url="http://127.0.0.1:1/x", secret_token="é"))[0] == 400
