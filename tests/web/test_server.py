"""The small HTTP side: Telegram alone may give updates, and one is confirmed only once it is written down."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.web.server import (
    SECRET_HEADER,
    UPDATE_LIMIT_BYTES,
    ListenError,
    WebServer,
    health_route,
    webhook_route,
    webhook_secret,
)

SECRET = webhook_secret("4242:jeton")
HEADERS = {SECRET_HEADER: SECRET}


class Door:
    """Takes updates, or fails as a full disk does."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.broken = False

    def receive(self, updates: Any) -> None:
        if self.broken:
            raise OSError
        self.received += updates


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def web(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    routes = [health_route(lambda: len(door.received)), webhook_route("/telegram", SECRET, door.receive)]
    transport = httpx.ASGITransport(Starlette(routes=routes), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_an_update_with_the_secret_is_received(web: httpx.AsyncClient, door: Door) -> None:
    answer = await web.post("/telegram", json={"update_id": 1, "message": {"text": "é"}}, headers=HEADERS)
    assert answer.status_code == 200
    assert door.received == [{"update_id": 1, "message": {"text": "é"}}]


@pytest.mark.parametrize("secret", [None, "", "faux", SECRET[:-1], SECRET.upper(), "4242:jeton"])
async def test_a_wrong_secret_is_refused_and_nothing_received(
    web: httpx.AsyncClient, door: Door, secret: str | None
) -> None:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    assert (await web.post("/telegram", json={"update_id": 1}, headers=headers)).status_code == 403
    assert door.received == []


async def test_a_secret_of_strange_bytes_is_refused(web: httpx.AsyncClient, door: Door) -> None:
    headers = [(SECRET_HEADER.encode(), b"\xff\xfe")]
    assert (await web.post("/telegram", json={"update_id": 1}, headers=headers)).status_code == 403
    assert door.received == []


def test_the_secret_is_derived_from_the_token_without_showing_it() -> None:
    assert SECRET == webhook_secret("4242:jeton") != webhook_secret("4242:autre")
    assert "jeton" not in SECRET
    assert len(SECRET) <= 256 and SECRET.isalnum()


async def test_a_body_too_large_is_refused(web: httpx.AsyncClient, door: Door) -> None:
    body = json.dumps({"update_id": 1, "x": "a" * UPDATE_LIMIT_BYTES})
    assert (await web.post("/telegram", content=body, headers=HEADERS)).status_code == 413
    assert door.received == []


async def test_a_body_at_the_limit_is_taken(web: httpx.AsyncClient, door: Door) -> None:
    empty = len(json.dumps({"x": ""}))
    body = json.dumps({"x": "a" * (UPDATE_LIMIT_BYTES - empty)})
    assert (await web.post("/telegram", content=body, headers=HEADERS)).status_code == 200
    assert len(door.received) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe\x00", b"[1]", b'"x"', b"null", b"12", b"[" * 100_000, b"{} {}", b"9" * 5000]
)
async def test_what_is_no_update_is_confirmed_and_forgotten(web: httpx.AsyncClient, door: Door, body: bytes) -> None:
    """Telegram would send it again for a day."""
    assert (await web.post("/telegram", content=body, headers=HEADERS)).status_code == 200
    assert door.received == []


async def test_what_cannot_be_written_down_is_not_confirmed(web: httpx.AsyncClient, door: Door) -> None:
    door.broken = True
    assert (await web.post("/telegram", json={"update_id": 1}, headers=HEADERS)).status_code == 500


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_posts_give_updates(web: httpx.AsyncClient, door: Door, method: str) -> None:
    assert (await web.request(method, "/telegram", headers=HEADERS)).status_code == 405
    assert door.received == []


async def test_health_says_ok_and_how_much_waits(web: httpx.AsyncClient, door: Door) -> None:
    door.received = [1, 2, 3]
    answer = await web.get("/sante")
    assert (answer.status_code, answer.text) == (200, "ok 3\n")


async def test_there_is_nothing_else(web: httpx.AsyncClient) -> None:
    assert (await web.get("/")).status_code == 404


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary() | st.text().map(str.encode) | st.from_type(dict).map(lambda d: json.dumps(d, default=str).encode())
)
async def test_any_body_is_answered_and_only_objects_received(web: httpx.AsyncClient, door: Door, body: bytes) -> None:
    door.received.clear()
    assert (await web.post("/telegram", content=body, headers=HEADERS)).status_code == 200
    assert all(isinstance(update, dict) for update in door.received)


async def test_it_listens_says_where_and_stops() -> None:
    server = WebServer([health_route(lambda: 0)])
    address = await server.start("127.0.0.1", 0)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{address}/sante")).text == "ok 0\n"
        await server.stop()
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{address}/sante")


async def test_a_port_in_use_is_told_in_french_with_what_to_do() -> None:
    first, second = WebServer([]), WebServer([])
    port = int((await first.start("127.0.0.1", 0)).rpartition(":")[2])
    with pytest.raises(ListenError) as caught:
        await second.start("127.0.0.1", port)
    await first.stop()
    assert f"127.0.0.1:{port}" in str(caught.value)
    assert "PASSERELLE_HTTP" in str(caught.value)


@pytest.mark.parametrize("host", ["nulle-part.invalid", "999.1.1.1"])
async def test_an_address_that_is_not_ours_is_told_too(host: str) -> None:
    with pytest.raises(ListenError, match="PASSERELLE_HTTP"):
        await WebServer([]).start(host, 0)
