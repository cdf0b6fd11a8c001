import asyncio

import httpx
import pytest


async def send(api, text="x"):
    return await api.call("sendMessage", chat_id=101, text=text)


async def said(client):
    return [row["text"] for row in await client.get("chats/101/messages") if row["from"]["is_bot"]]


async def test_429_and_5xx(api, samira, client):
    """An ordered refusal comes as often as ordered, and nothing is sent."""
    await client.fault("sendMessage", "429", times=2, retry_after=7)
    answer = await send(api)
    assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 7})
    assert (await send(api))["description"] == "Too Many Requests: retry after 7"
    await client.fault("*", "5xx", status=500)
    assert (await send(api))["description"] == "Internal Server Error"
    assert await said(client) == []
    assert (await send(api))["ok"]


async def test_cut(api, samira, client):
    """A cut connection gives no answer: before acting nothing is sent, after acting it is."""
    await client.fault("sendMessage", "cut")
    with pytest.raises(httpx.TransportError):
        await send(api, "avant")
    await client.fault("sendMessage", "cut_after")
    with pytest.raises(httpx.TransportError):
        await send(api, "après")
    assert await said(client) == ["après"]
    assert [call["outcome"] for call in await client.log("sendMessage")] == ["cut", "cut"]


async def test_never(api, samira, client, sandbox):
    """A request can be held until the client gives up, while others are answered."""
    await client.fault("sendMessage", "never")
    with pytest.raises(httpx.ReadTimeout):
        await api.http.post("sendMessage", json={"chat_id": 101, "text": "x"}, timeout=0.2)
    assert (await send(api))["ok"]
    while (await client.get("pending"))["in_flight"]:
        await asyncio.sleep(0.01)


async def test_late_has_acted(api, samira, client):
    """A late answer comes after the message is there."""
    await client.fault("sendMessage", "late", seconds=30)
    late = asyncio.create_task(send(api, "tard"))
    while await said(client) != ["tard"]:
        await asyncio.sleep(0.01)
    assert not late.done()
    await client.clear_faults()
    assert (await late)["ok"]


async def test_faults_are_for_one_chat(api, samira, client):
    """A fault may concern one chat, is listed, and can be cleared."""
    await client.telephone(102).start(wait=False)
    await client.fault("*", "5xx", times=-1, chat_id=102)
    assert (await send(api))["ok"]
    assert (await api.refused("sendMessage", chat_id=102, text="x"))[0] == 502
    assert len((await client.get("faults"))["faults"]) == 1
    await client.clear_faults()
    await api.ok("sendMessage", chat_id=102, text="x")


async def test_flood_limits(api, samira, client):
    """Flood limits are off, and refuse with a pause once switched on."""
    for _ in range(5):
        await api.ok("sendMessage", chat_id=101, text="x")
    await client.limits(per_chat_per_second=1)
    await api.ok("sendMessage", chat_id=101, text="x")
    answer = await send(api)
    assert (answer["error_code"], answer["parameters"]["retry_after"]) == (429, 1)
    await client.limits(per_group_per_minute=2)
    codes = [(await api.call("sendMessage", chat_id=-1001000000001, text="x")).get("error_code") for _ in range(3)]
    assert codes == [None, None, 429]
    await client.delete("limits")
    await api.ok("sendMessage", chat_id=101, text="x")


async def test_latency_does_not_block(api, samira, client):
    """Slow answers are slow together, and getUpdates is not."""
    await client.latency(300)
    calls = [asyncio.create_task(send(api, str(number))) for number in range(20)]
    while len(await said(client)) < 20:
        await asyncio.sleep(0.01)
    assert not any(call.done() for call in calls)
    assert all(answer["ok"] for answer in await asyncio.gather(*calls))
