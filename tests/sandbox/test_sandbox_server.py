import asyncio
import json
import os
import signal
import sys

import httpx
import pytest
from telephones import SandboxClient

from bot.sandbox import Sandbox


async def test_a_restart_shows_the_same(tmp_path):
    """Messages, people, clock, mail, files, commands and waiting updates survive a restart."""
    path = tmp_path / "var" / "bac.json"
    sandbox = Sandbox(path)
    async with SandboxClient(await sandbox.start()) as client:
        await client.telephone(101).send_photo(caption="Fuite", wait=False)
        await client.block(101)
        await client.advance(3600)
        await client.post("mailbox", {"to": "a", "from": "b", "subject": "c", "text": "d"})
        await client.http.post(
            "/bot4242:sandbox/setMyCommands", json={"commands": [{"command": "aide", "description": "x"}]}
        )
        await client.inject_raw(3)
        before = await client.state()
        updates = (await client.http.get("/bot4242:sandbox/getUpdates")).json()["result"]
    await sandbox.stop()
    again = Sandbox(path)
    async with SandboxClient(await again.start()) as client:
        after = await client.state()
        for name in ("people", "chats", "messages", "commands", "mailbox", "seq", "bot"):
            assert after[name] == before[name]
        assert after["clock"]["offset_seconds"] == before["clock"]["offset_seconds"]
        kept = (await client.http.get("/bot4242:sandbox/getUpdates")).json()["result"]
        assert kept == [update for update in updates if update != 3]
        file_id = after["messages"]["101"][0]["photo"][0]["file_id"]
        assert (await client.http.get(f"/sandbox/files/{file_id}")).content.startswith(b"\x89PNG")
    await again.stop()


async def test_it_saves_while_running(tmp_path):
    """A change is on disk soon after, without waiting for the end."""
    path = tmp_path / "bac.json"
    sandbox = Sandbox(path)
    async with SandboxClient(await sandbox.start()) as client:
        await client.telephone(101).start(wait=False)
        while not path.exists() or "/start" not in path.read_text():
            await asyncio.sleep(0.05)
    await sandbox.stop()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version":1}', '{"seq":"x"}', "é\x00"])
async def test_a_damaged_snapshot_is_set_aside(tmp_path, content):
    """A damaged snapshot is kept under another name and the first day begins."""
    path = tmp_path / "bac.json"
    path.write_text(content)
    sandbox = Sandbox(path)
    assert len(sandbox.world.people) == 4
    assert [file.read_text() for file in tmp_path.glob("bac.json.abime-*")] == [content]


async def test_stop_with_everything_open():
    """The sandbox stops with a long poll, an event stream, a held request and idle connections open."""
    sandbox = Sandbox()
    url = await sandbox.start()
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        await http.post("/sandbox/chats/101/start", json={"from": 101})
        await http.get("/bot4242:sandbox/getUpdates?offset=-1")
        await http.get("/bot4242:sandbox/getUpdates?offset=9999999999")
        for kind in ("never", "late"):
            await http.post("/sandbox/faults", json={"method": "sendMessage", "kind": kind, "seconds": 60})
        paths = (
            "/bot4242:sandbox/getUpdates?timeout=50",
            "/sandbox/events",
            "/sandbox/wait?chat_id=101&since=99&timeout=50",
            "/bot4242:sandbox/sendMessage?chat_id=101&text=x",
            "/bot4242:sandbox/sendMessage?chat_id=101&text=y",
        )
        open_requests = [asyncio.create_task(http.get(path)) for path in paths]
        await asyncio.sleep(0.3)
        await asyncio.wait_for(sandbox.stop(), 5)
        await asyncio.gather(*open_requests, return_exceptions=True)
    restarted = await sandbox.start()
    async with httpx.AsyncClient(base_url=restarted) as http:
        assert (await http.get("/sandbox/clock")).status_code == 200
    await sandbox.stop()


async def test_a_taken_port_is_an_error():
    """A port already taken is an OSError, not the end of the program."""
    sandbox = Sandbox()
    url = await sandbox.start()
    with pytest.raises(OSError, match="in use"):
        await Sandbox().start(port=int(url.rsplit(":", 1)[1]))
    await sandbox.stop()


async def test_as_a_process(tmp_path):
    """`python -m bot.sandbox` prints its address, serves, and ends well on SIGTERM."""
    command = (sys.executable, "-m", "bot.sandbox", "--port", "0", "--state", str(tmp_path / "bac.json"))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/bot4242:sandbox/getMe")).json()["ok"]
    os.kill(process.pid, signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert json.loads((tmp_path / "bac.json").read_text())["version"] == 1
