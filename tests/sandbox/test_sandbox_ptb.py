from collections.abc import AsyncIterator

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter
from test_sandbox_files import png


@pytest.fixture
async def ptb(sandbox) -> AsyncIterator[Bot]:
    async with Bot("4242:sandbox", base_url=f"{sandbox.url}/bot", base_file_url=f"{sandbox.url}/file/bot") as bot:
        yield bot


async def test_ptb_reads_our_answers(ptb, samira, api):
    """python-telegram-bot sends, edits, copies and deletes, and understands every answer."""
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Oui", callback_data="oui")]])
    message = await ptb.send_message(101, "<b>é</b>", parse_mode="HTML", reply_markup=markup)
    assert (message.text_html, message.reply_markup, message.chat.type) == ("<b>é</b>", markup, "private")
    edited = await message.edit_text("deux")
    assert (edited.text, edited.edit_date is not None) == ("deux", True)
    assert (await message.copy(101)).message_id > message.message_id
    assert await message.delete() is True
    chat = await ptb.get_chat(-1001000000001)
    assert chat.title == "Conseil citoyen (exemple)"
    assert (await ptb.get_chat_member(chat.id, 103)).status == "creator"
    await ptb.set_my_commands([BotCommand("aide", "x")], BotCommandScopeAllPrivateChats(), "fr")
    assert (await ptb.get_my_commands(BotCommandScopeAllPrivateChats(), "fr"))[0].command == "aide"
    assert (await ptb.get_webhook_info()).url == ""


async def test_ptb_reads_our_updates(ptb, samira, api):
    """Every kind of update is one that python-telegram-bot reads."""
    await samira.send_photo(png(700, 300), caption="x", wait=False)
    await samira.send_voice(wait=False)
    await samira.send_sticker(wait=False)
    await samira.send_document(wait=False)
    await samira.send_location(49, 6, wait=False)
    for name in ("dice", "audio", "animation", "video_note"):
        await samira.send({name: True}, wait=False)
    await samira.send({"poll": {"question": "?"}}, wait=False)
    await samira.press_forged("x", 99, wait=False)
    await samira.block()
    updates = await ptb.get_updates(timeout=5)
    assert all(update.effective_user is not None for update in updates)
    assert updates[0].message.photo[-1].width == 700
    downloaded = await (await updates[0].message.photo[-1].get_file()).download_as_bytearray()
    assert bytes(downloaded) == png(700, 300)
    assert updates[-2].callback_query.data == "x"
    assert updates[-1].my_chat_member.new_chat_member.status == "kicked"


async def test_ptb_uploads(ptb, samira):
    """Photos, documents and groups of photos go up."""
    photo = await ptb.send_photo(101, png(20, 20), caption="<i>x</i>", parse_mode="HTML")
    assert photo.caption_html == "<i>x</i>"
    document = await ptb.send_document(101, b"octets", filename="a.txt")
    assert (document.document.file_name, document.document.file_size) == ("a.txt", 6)
    group = await ptb.send_media_group(101, [InputMediaPhoto(png(9, 9)), InputMediaPhoto(png(8, 8))])
    assert len({message.media_group_id for message in group}) == 1


async def test_ptb_raises_the_right_errors(ptb, client, sandbox):
    """Refusals become the exceptions a bot expects."""
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await ptb.send_message(101, "x")
    with pytest.raises(BadRequest, match="hat not found"):
        await ptb.send_message(5, "x")
    await client.fault("sendMessage", "429", retry_after=3)
    with pytest.raises(RetryAfter):
        await ptb.send_message(101, "x")
    with pytest.raises(InvalidToken):
        async with Bot("1:x", base_url=f"{sandbox.url}/bot"):
            pass
