import pytest
from telephones import SandboxRefused

GROUP = -1001000000001


@pytest.fixture
def group(client):
    return client.telephone(103, GROUP)


async def texts(api):
    return [update["message"].get("text") for update in await api.updates()]


async def test_privacy(api, group, client):
    """In a group the bot sees commands, mentions and replies to it, and nothing else."""
    sent = await api.ok("sendMessage", chat_id=GROUP, text="Bonjour")
    await group.write("entre nous", wait=False)
    await group.write("/aide", wait=False)
    await group.write("/aide@autre_bot", wait=False)
    await group.write("/aide@Passerelle_bac_a_sable_bot", wait=False)
    await group.write("dis @passerelle_bac_a_sable_bot, un QPV ?", wait=False)
    await group.write("merci", reply_to=sent["message_id"], wait=False)
    assert await texts(api) == [
        "/aide",
        "/aide@Passerelle_bac_a_sable_bot",
        "dis @passerelle_bac_a_sable_bot, un QPV ?",
        "merci",
    ]


async def test_an_administrator_sees_all(api, group, client):
    """As administrator the bot sees everything, and who comes and goes if it asks."""
    await client.member(GROUP, "bot", "promote")
    (update,) = await api.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "administrator"
    await group.write("entre nous", wait=False)
    assert await texts(api) == ["entre nous"]
    await api.ok("getUpdates", allowed_updates=["chat_member", "message"])
    await client.member(GROUP, 104, "join")
    status, service = await api.updates()
    assert status["chat_member"]["new_chat_member"] == {
        "user": {
            "id": 104,
            "is_bot": False,
            "first_name": "Karim",
            "username": "karim_ex",
            "language_code": "fr",
        },
        "status": "member",
    }
    assert service["message"]["new_chat_members"][0]["id"] == 104


async def test_kicked(api, client):
    """A bot put out of a group learns it and can do nothing there."""
    await client.member(GROUP, "bot", "kick")
    (update,) = await api.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    for method in ("sendMessage", "getChat", "getChatMemberCount"):
        code, words = await api.refused(method, chat_id=GROUP, text="x")
        assert (code, words) == (403, "Forbidden: bot was kicked from the supergroup chat")
    await client.telephone(103, GROUP).write("/aide", wait=False)
    assert await api.updates() == []
    await client.member(GROUP, "bot", "join")
    assert [set(update) - {"update_id"} for update in await api.updates()] == [{"my_chat_member"}, {"message"}]


async def test_leave(api):
    """A bot that left is no member."""
    await api.ok("leaveChat", chat_id=GROUP)
    assert (await api.refused("sendMessage", chat_id=GROUP, text="x"))[1] == (
        "Forbidden: bot is not a member of the supergroup chat"
    )


async def test_members(api, client):
    """Members, their number and administrators are told."""
    assert await api.ok("getChatMemberCount", chat_id=GROUP) == 4
    (creator,) = await api.ok("getChatAdministrators", chat_id=GROUP)
    assert (creator["user"]["first_name"], creator["status"]) == ("Nadia", "creator")
    assert (await api.ok("getChatMember", chat_id=GROUP, user_id=104))["status"] == "left"
    assert (await api.refused("getChatMember", chat_id=GROUP, user_id=5))[0] == 400
    await client.member(GROUP, 101, "leave")
    (update,) = await api.updates()
    assert update["message"]["left_chat_member"]["id"] == 101
    with pytest.raises(SandboxRefused, match="n'est pas dans ce groupe"):
        await client.telephone(101, GROUP).write("x", wait=False)


async def test_new_group(api, client):
    """A new group has its own count of messages and tells the bot it is in."""
    number = await client.group("Copropriété", [101, 102])
    kinds = [set(update) - {"update_id"} for update in await api.updates()]
    assert kinds == [{"my_chat_member"}, {"message"}]
    sent = await api.ok("sendMessage", chat_id=number, text="Bonjour")
    assert (sent["message_id"], sent["chat"]["title"]) == (2, "Copropriété")


async def test_rights(api, client):
    """Pins, deletions of others and invitations need an administrator."""
    await client.telephone(103, GROUP).write("/aide", wait=False)
    (update,) = await api.updates()
    number = update["message"]["message_id"]
    assert (await api.refused("deleteMessage", chat_id=GROUP, message_id=number))[1] == (
        "Bad Request: message can't be deleted"
    )
    assert "not enough rights" in (await api.refused("pinChatMessage", chat_id=GROUP, message_id=number))[1]
    assert "not enough rights" in (await api.refused("exportChatInviteLink", chat_id=GROUP))[1]
    await client.member(GROUP, "bot", "promote")
    assert (await api.ok("createChatInviteLink", chat_id=GROUP, name="x"))["invite_link"].startswith("https://t.me/+")
    await api.ok("pinChatMessage", chat_id=GROUP, message_id=number)
    await api.ok("deleteMessage", chat_id=GROUP, message_id=number)


async def test_commands_by_scope(api, client):
    """Commands are kept by scope and language, and wrong ones refused."""
    rows = [{"command": "aide", "description": "Ce que je sais faire"}]
    scope = {"type": "all_group_chats"}
    await api.ok("setMyCommands", commands=rows, scope=scope, language_code="fr")
    assert await api.ok("getMyCommands", scope=scope, language_code="fr") == rows
    assert await api.ok("getMyCommands") == []
    (shown,) = await client.commands()
    assert (shown["scope"], shown["language_code"], shown["commands"]) == (scope, "fr", rows)
    await api.ok("deleteMyCommands", scope=scope, language_code="fr")
    assert await client.commands() == []
    assert (await api.refused("setMyCommands", commands=[{"command": "Aide!", "description": "x"}]))[1] == (
        "Bad Request: BOT_COMMAND_INVALID"
    )
    assert (await api.refused("setMyCommands", commands=rows, scope={"type": "chat", "chat_id": 9}))[0] == 400


async def test_profile(api):
    """Name, descriptions and menu button are kept."""
    await api.ok("setMyDescription", description="Ce que je fais")
    assert await api.ok("getMyDescription", language_code="fr") == {"description": "Ce que je fais"}
    await api.ok("setMyShortDescription", short_description="Court")
    assert await api.ok("getMyShortDescription") == {"short_description": "Court"}
    assert (await api.refused("setMyDescription", description="x" * 513))[0] == 400
    assert await api.ok("getMyName") == {"name": "Passerelle"}
    await api.ok("setMyName", name="Autre")
    assert (await api.ok("getMe"))["first_name"] == "Autre"
    await api.ok("setChatMenuButton", menu_button={"type": "commands"})
    assert await api.ok("getChatMenuButton") == {"type": "commands"}
