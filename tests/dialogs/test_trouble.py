"""Telegram fails in every way it has: the answer comes at last, and nobody else waits for it."""

import asyncio

import pytest
from expected import opening
from processes import Application
from telephones import Json, SandboxClient, Telephone

WAITING = "SELECT id FROM inbox WHERE done_at IS NULL AND set_aside_at IS NULL"
FAULTS: list[Json] = [
    {"kind": "429", "retry_after": 1},
    {"kind": "5xx", "times": 2},
    {"kind": "5xx", "status": 500},
    {"kind": "cut"},
    {"kind": "cut_after"},
    {"kind": "late", "seconds": 1},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["kind"])
async def test_the_answer_comes_at_last(sandbox: SandboxClient, resident: Telephone, fault: Json) -> None:
    """However sending fails, the answer comes (twice at most), and the next one too."""
    await sandbox.fault("sendMessage", chat_id=resident.user_id, **fault)
    answers = await resident.write("/aide", timeout=40, quiet_ms=300)
    assert 1 <= len(answers) <= 2
    assert all(one.text.startswith(opening("help")) for one in answers)
    await resident.write("/annuler", wait=False)
    for _ in range(200):
        if (await resident.last()).text.startswith(opening("cancelled")):
            break
        await asyncio.sleep(0.1)
    assert (await resident.last()).text.startswith(opening("cancelled"))


async def test_a_call_never_answered_is_tried_again(sandbox: SandboxClient, resident: Telephone) -> None:
    """Telegram that holds a call for ever keeps one chat waiting only: others are answered, then that one too."""
    await sandbox.fault("sendMessage", "never", times=-1, chat_id=resident.user_id)
    await resident.write("/aide", wait=False)
    other = await sandbox.person("Autre")
    assert await other.start()
    assert [one for one in await resident.from_bot() if one.text.startswith(opening("help"))] == []
    await sandbox.clear_faults()
    answers = await resident.reply(timeout=40)
    assert answers[0].text.startswith(opening("help"))


async def test_answers_stay_in_order_through_trouble(sandbox: SandboxClient, resident: Telephone) -> None:
    """While Telegram refuses a chat for a second, its messages wait and are answered in their order."""
    since = await sandbox.seq()
    await sandbox.fault("sendMessage", "429", retry_after=1, times=2, chat_id=resident.user_id)
    for command in ("/aide", "/annuler", "/urgence"):
        await resident.write(command, wait=False)
    resident.since = since
    answers = await resident.reply(answers=3, timeout=40)
    expected = [opening("help"), opening("cancelled"), opening("emergency-list")]
    assert [one.text.splitlines()[0] for one in answers] == expected


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["kind"])
async def test_a_button_works_at_last(sandbox: SandboxClient, resident: Telephone, fault: Json) -> None:
    """However editing fails, the screen changes at last and stays one message."""
    await resident.write("/annuler")
    last = await resident.last()
    await sandbox.fault("editMessageText", chat_id=resident.user_id, **fault)
    await resident.press("M" if last.button("M") else "S:droits", last, wait=False)
    for _ in range(200):
        if (await resident.last()).text != last.text:
            break
        await asyncio.sleep(0.1)
    changed = await resident.last()
    assert changed.id == last.id and changed.text != last.text


@pytest.mark.parametrize("kind", ["429", "5xx", "cut", "late"])
async def test_a_tap_that_cannot_be_acknowledged_is_no_error(
    sandbox: SandboxClient, resident: Telephone, kind: str
) -> None:
    """When only the waiting mark cannot be stopped, the screen has changed and nobody reads of an error."""
    await resident.write("/annuler")
    await sandbox.fault("answerCallbackQuery", kind, seconds=1, retry_after=1)
    await resident.press("S:droits", await resident.last(), wait=False)
    await asyncio.sleep(1.5)
    assert await resident.write("/aide", timeout=40)
    assert all("😕" not in one.text for one in await resident.from_bot())


@pytest.mark.parametrize("kind", ["5xx", "cut", "429", "late"])
async def test_polling_survives(sandbox: SandboxClient, resident: Telephone, kind: str) -> None:
    """Trouble with receiving only delays: the next message is answered."""
    await sandbox.fault("getUpdates", kind, times=2, seconds=1, retry_after=1)
    answers = await resident.write("/aide", timeout=40)
    assert answers[0].text.startswith(opening("help"))


async def test_everything_failing_for_a_while(sandbox: SandboxClient, resident: Telephone) -> None:
    """When every call fails for a while, what was written meanwhile is answered after."""
    await sandbox.fault("*", "5xx", times=-1)
    await resident.write("/aide", wait=False)
    await asyncio.sleep(1)
    await sandbox.clear_faults()
    answers = await resident.reply(timeout=40)
    assert answers[0].text.startswith(opening("help"))


async def test_who_blocked_the_bot_harms_nobody(
    sandbox: SandboxClient, resident: Telephone, application: Application
) -> None:
    """Who blocks the bot before its answer is not written to again, others are answered, and nothing stays waiting."""
    await sandbox.latency(200)
    await resident.write("/aide", wait=False)
    await resident.block()
    await sandbox.latency(0)
    other = await sandbox.person("Autre")
    assert await other.start()
    for _ in range(100):
        if not application.rows(WAITING):
            break
        await asyncio.sleep(0.1)
    assert application.rows(WAITING) == []
    await resident.block(blocked=False)
    assert await resident.write("/aide")


async def test_flood_limits_are_obeyed(sandbox: SandboxClient, resident: Telephone) -> None:
    """With Telegram's limits switched on, five quick messages of one chat are all answered."""
    await sandbox.limits(per_second=30, per_chat_per_second=1)
    since = await sandbox.seq()
    for _ in range(3):
        await resident.write("/aide", wait=False)
    resident.since = since
    assert len(await resident.reply(answers=3, timeout=40)) == 3
