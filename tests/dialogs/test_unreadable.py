"""Messages without words get a kind sentence, never silence; service messages get none."""

import pytest
from expected import opening, shown
from telephones import SandboxClient, Telephone

from bot.texts import plain

KINDS: list[tuple[str, dict[str, object]]] = [
    ("sticker", {"sticker": True}),
    ("sticker", {"animation": True}),
    ("voice", {"voice_seconds": 3}),
    ("voice", {"audio": True}),
    ("voice", {"video_note": True}),
    ("photo", {"photo": True}),
    ("photo", {"video": True}),
    ("document", {"document": True}),
    ("location", {"location": {"latitude": 49.11, "longitude": 6.17}}),
    (
        "location",
        {"venue": {"location": {"latitude": 49.11, "longitude": 6.17}, "title": "Mairie", "address": "Place"}},
    ),
    ("other", {"contact": {"phone_number": "+33600000000", "first_name": "Alix"}}),
    ("other", {"poll": {"question": "Oui ?", "options": ["Oui", "Non"]}}),
    ("other", {"dice": True}),
]


@pytest.mark.parametrize(("kind", "content"), KINDS, ids=[next(iter(content)) for _, content in KINDS])
async def test_what_cannot_be_read_gets_a_sentence(resident: Telephone, kind: str, content: dict[str, object]) -> None:
    """Each kind of message without words is answered once, saying what to do instead."""
    (answer,) = await resident.send(content)
    assert answer.text == shown("unreadable", kind=kind)
    assert answer.labels == [plain("button-menu")]


async def test_a_kind_telegram_may_invent_gets_a_sentence(sandbox: SandboxClient, resident: Telephone) -> None:
    """A message of a kind nobody knows yet is answered too."""
    chat = {"id": resident.user_id, "type": "private", "first_name": "Alix"}
    person = {"id": resident.user_id, "is_bot": False, "first_name": "Alix"}
    message = {"message_id": 9999, "date": 1700000000, "chat": chat, "from": person, "hologram": {"depth": 3}}
    resident.since = await sandbox.seq()
    await sandbox.inject({"message": message})
    (answer,) = await resident.reply()
    assert answer.text.startswith(opening("unreadable", kind="other"))


async def test_several_photos_get_an_answer_each(resident: Telephone) -> None:
    """An album is several messages: each is answered, none breaks the others."""
    since = await resident.sandbox.seq()
    for _ in range(3):
        await resident.send({"photo": True, "media_group_id": "77"}, wait=False)
    resident.since = since
    answers = await resident.reply(answers=3)
    assert [one.text for one in answers] == [shown("unreadable", kind="photo")] * 3


async def test_a_reaction_and_a_pinned_message_are_left_alone(sandbox: SandboxClient, resident: Telephone) -> None:
    """Service messages and reactions are a deliberate silence."""
    await resident.react(await resident.last(), "👍", expect_silence=True)
    chat = {"id": resident.user_id, "type": "private", "first_name": "Alix"}
    await sandbox.inject(
        {
            "message": {
                "message_id": 9998,
                "date": 1700000000,
                "chat": chat,
                "message_auto_delete_timer_changed": {"message_auto_delete_time": 86400},
            }
        }
    )
    await resident.quiet(0.5)


async def test_an_edited_sticker_or_place_is_left_alone(sandbox: SandboxClient, resident: Telephone) -> None:
    """A place that moves (a live location) is answered at its first message only."""
    chat = {"id": resident.user_id, "type": "private", "first_name": "Alix"}
    place = {"latitude": 49.11, "longitude": 6.17, "live_period": 60}
    message = {"message_id": 9997, "date": 1700000000, "edit_date": 1700000001, "chat": chat, "location": place}
    await sandbox.inject({"edited_message": message})
    await resident.quiet(0.5)
