"""In groups the bot speaks only when asked, and answers as a reply."""

import pytest
from expected import opening, shown
from telephones import SandboxClient, Seen, Telephone

from bot.texts import plain

NAME = "@passerelle_bac_a_sable_bot"


@pytest.fixture
async def group(sandbox: SandboxClient) -> Telephone:
    """Somebody's telephone, open on a new group with the bot, which has said how to ask."""
    person = await sandbox.person("Nour")
    there = person.in_chat(await sandbox.group("Immeuble", [person.user_id]))
    await there.reply()
    return there


def replies_to(answer: Seen, text: str) -> bool:
    """Whether an answer quotes that message."""
    return bool(answer.raw.get("reply_to_message", {}).get("text") == text)


async def test_joining_a_group_says_once_how_to_ask(sandbox: SandboxClient) -> None:
    """Added to a group, the bot says how to ask and where to ask in private, once."""
    person = await sandbox.person("Nour")
    there = person.in_chat(await sandbox.group("Immeuble", [person.user_id]))
    (joined,) = await there.reply()
    assert "/question" in joined.text and NAME in joined.text
    assert shown("group-private") in joined.text
    private = joined.button(plain("button-private"))
    assert private is not None and private.url == "https://t.me/passerelle_bac_a_sable_bot"
    await there.quiet(0.5)


async def test_a_group_talks_without_the_bot(group: Telephone) -> None:
    """What people say to each other, in words or pictures, gets no word of the bot, even about danger."""
    await group.write("il y a des cafards chez moi aussi", expect_silence=True)
    await group.write("quelqu'un connaît l'apl ? ça sent le gaz", expect_silence=True)
    await group.send_photo(caption="regardez", expect_silence=True)
    await group.send_sticker(expect_silence=True)


async def test_an_administrator_bot_stays_silent_too(sandbox: SandboxClient, group: Telephone) -> None:
    """Made administrator, the bot receives everything and still answers only when asked."""
    await sandbox.member(group.chat_id, "bot", "promote")
    await group.write("il y a des cafards chez moi aussi", expect_silence=True)
    await group.write("/unecommande@un_autre_bot", expect_silence=True)
    await group.send_voice(expect_silence=True)
    mine = [one for one in await group.messages() if "cafards" in one.text][-1]
    await group.edit(mine, "il y a des rats chez moi", expect_silence=True)


async def test_a_question_in_a_group_quotes_it(group: Telephone) -> None:
    """/question is answered as a reply, so that everyone sees to what."""
    (answer,) = await group.write("/question 3.9.2")
    assert "3.9.2" in answer.text
    assert replies_to(answer, "/question 3.9.2")


async def test_a_command_named_for_the_bot_is_answered(group: Telephone) -> None:
    """/glossaire@bot opens the glossary; the same for another bot is left alone."""
    (answer,) = await group.write(f"/glossaire{NAME}")
    assert answer.flat
    await group.write("/glossaire@un_autre_bot", expect_silence=True)


@pytest.mark.parametrize("text", [f"{NAME} 3.9.2", f"3.9.2 {NAME} ?", f"{NAME.upper()} 3.9.2"])
async def test_the_bots_name_asks_it(group: Telephone, text: str) -> None:
    """A message that names the bot is answered without its name."""
    (answer,) = await group.write(text)
    assert "3.9.2" in answer.text
    assert replies_to(answer, text)


async def test_the_name_alone_is_an_empty_question(group: Telephone) -> None:
    """Only the bot's name gets a kind sentence."""
    (answer,) = await group.write(NAME)
    assert answer.text.startswith(opening("empty-message"))


async def test_replying_to_the_bot_asks_it(group: Telephone) -> None:
    """A reply to what the bot said is a question; a reply to somebody else is not."""
    (first,) = await group.write("/aide")
    (answer,) = await group.write("3.9.2", reply_to=first)
    assert "3.9.2" in answer.text
    mine = [one for one in await group.messages() if one.text == "3.9.2"][-1]
    await group.write("3.9.2", reply_to=mine, expect_silence=True)


async def test_start_in_a_group_is_not_the_welcome(group: Telephone) -> None:
    """/start in a group says how to ask there, without the five choices."""
    (answer,) = await group.write("/start")
    assert answer.text.startswith(opening("group-help", username=NAME[1:]))
    assert not answer.flat


async def test_a_question_handed_in_a_group_does_not_offer_to_tell(group: Telephone) -> None:
    """« Prévenez-moi » is for private chats: a group is never kept."""
    (answer,) = await group.write("/question qui a gagné la coupe du monde de football")
    (handed,) = await group.press(plain("button-hand"), answer)
    assert handed.text.startswith(opening("handed", days=60))
    assert handed.button(plain("button-notify")) is None


async def test_leaving_a_group_is_no_trouble(sandbox: SandboxClient, group: Telephone, resident: Telephone) -> None:
    """Put out of a group while asked, the bot says nothing there and goes on elsewhere."""
    await sandbox.latency(100)
    await group.write("/question 3.9.2", wait=False)
    await sandbox.member(group.chat_id, "bot", "kick")
    await sandbox.latency(0)
    await group.settle()
    assert await resident.write("/aide")


async def test_channel_posts_are_left_alone(sandbox: SandboxClient, resident: Telephone) -> None:
    """A post of a channel is a deliberate silence."""
    seen = len(await sandbox.log("sendMessage"))
    chat = {"id": -1009999999999, "type": "channel", "title": "Annonces"}
    await sandbox.inject({"channel_post": {"message_id": 1, "date": 1700000000, "chat": chat, "text": "/aide 3.9.2"}})
    assert await resident.write("/aide")
    assert len(await sandbox.log("sendMessage")) == seen + 1
