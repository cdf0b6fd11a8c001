"""Buttons that are stale, forged or tapped twice: the menu, and never a broken state."""

import asyncio

import pytest
from expected import opening
from telephones import Telephone

from bot.texts import plain
from handlers.table import BUTTONS

HUGE = "9" * 60
NEED_AN_OBJECT = "fsrynwSTec"
"""Verbs that name something: without it, or with something foreign, they are stale."""
FORGED = ["{}", "{}:", "{}:::", "{}:inconnu", "{}:droits/inconnu:0", "{}:" + HUGE, "{}:-1:-1", "{}:é:☃"]


@pytest.mark.parametrize("verb", list(NEED_AN_OBJECT))
async def test_a_forged_button_gets_the_menu(resident: Telephone, verb: str) -> None:
    """Whatever is forged behind a verb that names something (nothing, too much, huge, foreign), the menu answers."""
    last = await resident.last()
    for form in FORGED:
        data = form.format(verb)[:60]
        (answer,) = await resident.press_forged(data, last, quiet_ms=5)
        assert answer.text == opening("stale-button"), data
        assert answer.button(plain("menu-question"))


@pytest.mark.parametrize("verb", sorted(set(BUTTONS) - set(NEED_AN_OBJECT)))
async def test_forged_arguments_of_other_verbs_harm_nobody(resident: Telephone, verb: str) -> None:
    """Verbs that need nothing ignore what is forged behind them, or say that it is over; the bot still answers."""
    for form in FORGED:
        (fresh,) = await resident.write("/aide", quiet_ms=5)
        await resident.press_forged(form.format(verb)[:60], fresh, wait=False)
        await resident.settle()
        assert all("😕" not in one.text for one in await resident.from_bot())


@pytest.mark.parametrize("data", ["", ":", "Z", "zz:zz", "f" * 64, "\u202e", "<b>", "M M", "m", "None", "\n", "🏠"])
async def test_an_unknown_verb_gets_the_menu(resident: Telephone, data: str) -> None:
    """Data of no verb at all is answered by the menu."""
    (answer,) = await resident.press_forged(data, await resident.last())
    assert answer.text == opening("stale-button")


@pytest.mark.parametrize("number", ["4", "99", "9999", "-1", HUGE, "1.5", "٣", "²", ""])
async def test_a_forged_part_or_page_is_not_an_error(resident: Telephone, number: str) -> None:
    """A part that a fiche does not have is stale; a page number that is none is the first page."""
    last = await resident.last()
    data = f"s:glossaire/copil:{number}"
    (part,) = await resident.press_forged(data[:64], last)
    assert part.text == opening("stale-button") or "Source :" in part.text
    (room,) = await resident.write("/droits")
    theme = (room.flat[0].data or "").rsplit(":", 1)[0]
    (page,) = await resident.press_forged(f"{theme}:{number}"[:64], room)
    assert page.button(plain("button-back"))


@pytest.mark.parametrize("verb", sorted(set(BUTTONS) - {"x"}))
async def test_a_button_of_a_message_that_is_gone_still_answers(resident: Telephone, verb: str) -> None:
    """A tap on a message that Telegram no longer gives is answered by a new message."""
    answers = await resident.press_forged(f"{verb}:droits:0", 999_999)
    assert answers and answers[-1].flat


async def test_erasing_a_message_that_is_gone_is_silent(resident: Telephone) -> None:
    """« Effacer » on a message Telegram no longer gives says nothing."""
    await resident.press_forged("x", 999_999, wait=False)
    assert await resident.settle() == []


async def test_a_reason_that_does_not_exist_is_not_counted(resident: Telephone) -> None:
    """👎 with a forged reason gets the menu."""
    (answer,) = await resident.press_forged("w:glossaire/copil:nimporte", await resident.last())
    assert answer.text == opening("stale-button")


async def test_every_tap_stops_its_waiting_mark(resident: Telephone) -> None:
    """Each tap, forged or not, is acknowledged, so that no telephone turns for ever."""
    await resident.write("/aide")
    last = await resident.last()
    for data in ("M", "inconnu", "f:glossaire/copil", "y:glossaire/copil", "p:inconnu"):
        before = len(await resident.sandbox.log("answerCallbackQuery"))
        await resident.press_forged(data, last)
        assert len(await resident.sandbox.log("answerCallbackQuery")) > before, data


async def test_many_taps_at_once_are_each_answered(resident: Telephone) -> None:
    """Twenty quick taps on a fiche show it twenty times, in one chat, without an error."""
    last, since = await resident.last(), await resident.sandbox.seq()
    await asyncio.gather(*(resident.press_forged("f:glossaire/copil", last, wait=False) for _ in range(20)))
    resident.since = since
    answers = await resident.reply(answers=20)
    assert len({one.text for one in answers}) == 1
    assert len(answers) == 20
