import json
import struct
import zlib

import httpx
import pytest


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\0\0\0" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


EXIF = b"Exif\0\0GPS 49.1 6.1"
JPEG = (
    b"\xff\xd8\xff\xe1"
    + struct.pack(">H", len(EXIF) + 2)
    + EXIF
    + b"\xff\xc0\x00\x0b\x08"
    + struct.pack(">HH", 600, 900)
    + b"\x01\x01\x11\x00\xff\xda\x00\x02data\xff\xd9"
)


async def upload(api, method, file, **params):
    answer = await api.http.post(method, data={"chat_id": 101, **params}, files=file)
    return answer.json()


async def download(api, sandbox, file_id):
    path = (await api.ok("getFile", file_id=file_id))["file_path"]
    return await api.http.get(f"{sandbox.url}/file/bot4242:sandbox/{path}")


async def test_photo_from_a_person(api, samira, sandbox):
    """A photo has several sizes, and the bot downloads what was sent."""
    content = png(1000, 500)
    await samira.send_photo(content, caption="Voir /aide", wait=False)
    (update,) = await api.updates()
    message = update["message"]
    assert [(size["width"], size["height"]) for size in message["photo"]] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1000, 500),
    ]
    assert message["caption_entities"][0]["type"] == "bot_command"
    assert (await download(api, sandbox, message["photo"][-1]["file_id"])).content == content


async def test_photos_lose_what_the_camera_wrote(api, samira, sandbox):
    """A photo loses its place and date as in Telegram; the same file sent as a document keeps them."""
    await samira.send_photo(JPEG, wait=False)
    await samira.send_document(JPEG, "photo.jpg", "image/jpeg", wait=False)
    photo, document = [update["message"] for update in await api.updates()]
    assert (photo["photo"][-1]["width"], photo["photo"][-1]["height"]) == (900, 600)
    assert EXIF not in (await download(api, sandbox, photo["photo"][-1]["file_id"])).content
    assert (await download(api, sandbox, document["document"]["file_id"])).content == JPEG


async def test_every_kind_from_a_person(api, samira):
    """Voices, documents, videos, stickers, places, contacts, dice and polls reach the bot."""
    await samira.send_voice(7, wait=False)
    await samira.send_document(b"%PDF", "bail.pdf", "application/pdf", wait=False)
    await samira.send_video(wait=False)
    await samira.send_sticker(wait=False)
    await samira.send_location(49.1, 6.1, wait=False)
    await samira.send_contact("+33600000000", wait=False)
    for name in ("dice", "audio", "animation", "video_note"):
        await samira.send({name: True}, wait=False)
    await samira.send({"poll": {"question": "?", "options": ["a", "b"]}}, wait=False)
    messages = [update["message"] for update in await api.updates()]
    assert messages[0]["voice"]["duration"] == 7
    assert messages[1]["document"]["file_name"] == "bail.pdf"
    kinds = ("video", "sticker", "location", "contact", "dice", "audio", "animation", "video_note", "poll")
    assert all(kind in message for kind, message in zip(kinds, messages[2:], strict=True))


@pytest.mark.parametrize("kind", ["document", "voice", "video", "sticker", "audio", "animation"])
async def test_upload_and_send_again(api, samira, kind, sandbox):
    """The bot sends a file, then sends it again by its identifier."""
    method = f"send{kind.capitalize()}"
    sent = (await upload(api, method, {kind: ("x.bin", b"octets")}))["result"]
    again = await api.ok(method, chat_id=101, **{kind: sent[kind]["file_id"]})
    assert again[kind] == sent[kind]
    assert (await download(api, sandbox, sent[kind]["file_id"])).content == b"octets"


async def test_photo_sent_again_has_the_same_sizes(api, samira):
    """A photo uploaded twice is two photos; sent again by identifier it is the same."""
    one = (await upload(api, "sendPhoto", {"photo": png(400, 300)}))["result"]
    two = (await upload(api, "sendPhoto", {"photo": png(400, 300)}))["result"]
    assert one["photo"] != two["photo"]
    again = await api.ok("sendPhoto", chat_id=101, photo=one["photo"][-1]["file_id"])
    assert again["photo"] == one["photo"]


async def test_media_group_and_edit(api, samira):
    """Several media in one go share a group; a medium can be replaced."""
    media = [{"type": "photo", "media": "attach://a", "caption": "un"}, {"type": "photo", "media": "attach://b"}]
    files = {"a": png(100, 100), "b": png(50, 50)}
    group = (await upload(api, "sendMediaGroup", files, media=json.dumps(media)))["result"]
    assert group[0]["media_group_id"] == group[1]["media_group_id"]
    assert group[0]["caption"] == "un"
    fresh = {"type": "document", "media": "attach://d"}
    edited = await upload(
        api, "editMessageMedia", {"d": b"x"}, message_id=group[0]["message_id"], media=json.dumps(fresh)
    )
    assert ("document" in edited["result"], "photo" in edited["result"]) == (True, False)


async def test_refusals(api, samira, sandbox):
    """Empty, unreadable, too long a caption, missing and unknown files are refused."""
    assert (await upload(api, "sendPhoto", {"photo": b"pas une image"}))["description"] == (
        "Bad Request: IMAGE_PROCESS_FAILED"
    )
    assert (await upload(api, "sendPhoto", {"photo": png(2100, 100)}))["description"] == (
        "Bad Request: PHOTO_INVALID_DIMENSIONS"
    )
    assert (await upload(api, "sendDocument", {"document": b""}))["description"] == (
        "Bad Request: file must be non-empty"
    )
    assert (await upload(api, "sendPhoto", {"photo": png(9, 9)}, caption="x" * 1025))["description"] == (
        "Bad Request: message caption is too long"
    )
    assert (await api.refused("sendPhoto", chat_id=101))[1] == "Bad Request: there is no photo in the request"
    assert (await api.refused("sendPhoto", chat_id=101, photo="inconnu"))[1] == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )
    assert (await api.refused("getFile", file_id="inconnu"))[0] == 400
    async with httpx.AsyncClient(base_url=sandbox.url) as http:
        assert (await http.get("/file/bot4242:sandbox/../../etc/passwd")).status_code == 404
        assert (await http.get("/file/bot1:x/photos/file_0.jpg")).status_code == 401


async def test_sizes(api, samira, sandbox):
    """More than 20 MB cannot be downloaded, more than 50 MB cannot be uploaded."""
    big = (await upload(api, "sendDocument", {"document": b"x" * (21 * 1024 * 1024)}))["result"]
    assert await api.refused("getFile", file_id=big["document"]["file_id"]) == (400, "Bad Request: file is too big")
    answer = await upload(api, "sendDocument", {"document": b"x" * (50 * 1024 * 1024 + 1)})
    assert (answer["error_code"], answer["description"]) == (413, "Request Entity Too Large")


async def test_files_for_the_page(api, samira, client):
    """The page shows pictures, and downloads what could run."""
    await samira.send_photo(png(5, 5), wait=False)
    await samira.send_document(b"<script>", "x.html", "text/html", wait=False)
    photo, document = [update["message"] for update in await api.updates()]
    shown = await client.http.get(f"/sandbox/files/{photo['photo'][0]['file_id']}")
    assert shown.headers["content-type"].startswith("image/")
    page = await client.http.get(f"/sandbox/files/{document['document']['file_id']}")
    assert page.headers["content-type"] == "application/octet-stream"
