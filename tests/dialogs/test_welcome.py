"""The first screen, the commands, and what Telegram shows of the bot."""

import asyncio

import pytest
from expected import opening, shown
from telephones import SandboxClient, Seen, Telephone

from bot.texts import plain

SCREEN = 1000
FIVE_CHOICES = [plain(f"menu-{name}") for name in ("question", "rights", "problem", "contract", "help-now")]


async def test_the_welcome_is_one_screen_with_five_large_choices(newcomer: Telephone) -> None:
    """/start answers once, in at most 1000 characters, with five buttons, each alone on its line."""
    (welcome,) = await newcomer.start()
    assert len(welcome.text) <= SCREEN
    assert [[button.label for button in row] for row in welcome.buttons] == [[label] for label in FIVE_CHOICES]


async def test_the_welcome_says_what_is_kept_and_why(newcomer: Telephone) -> None:
    """The first screen tells what is kept, when, why, and whom to call in danger."""
    (welcome,) = await newcomer.start()
    assert "Ce que je garde" in welcome.text
    assert plain("button-hand").split(" ", 1)[1] in welcome.text
    assert "C'est pour y répondre" in welcome.text
    assert "112" in welcome.text


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/start", "welcome"),
        ("/aide", "help"),
        ("/help", "help"),
        ("/question", "ask-away"),
        ("/urgence", "emergency-list"),
        ("/humain", "human"),
        ("/annuler", "cancelled"),
        ("/nimportequoi", "unknown-command"),
    ],
)
async def test_each_command_answers_with_a_way_on(resident: Telephone, command: str, expected: str) -> None:
    """Each command, a mistyped one too, gets its own screen once, with buttons below."""
    values = dict.fromkeys(("danger", "places"), "")
    (answer,) = await resident.write(command)
    assert answer.text.startswith(opening(expected, **values))
    assert answer.flat


@pytest.mark.parametrize(
    ("command", "section"),
    [("/droits", "Mes droits"), ("/glossaire", "mots"), ("/contrat", "contrat")],
)
async def test_each_room_opens_by_its_command(resident: Telephone, command: str, section: str) -> None:
    """The rooms of the library show their themes as buttons and the way back to the menu."""
    (answer,) = await resident.write(command)
    assert section.casefold() in answer.text.splitlines()[0].casefold()
    assert len(answer.flat) >= 2
    assert answer.labels[-1] == plain("button-menu")


async def test_a_question_may_follow_the_command(resident: Telephone) -> None:
    """/question with words after it answers them, not "I am listening"."""
    (answer,) = await resident.write("/question 3.9.2")
    assert "3.9.2" in answer.text


async def test_humain_names_places_with_source_and_date(resident: Telephone) -> None:
    """Every place where somebody can be met says where it is known from and of when."""
    (answer,) = await resident.write("/humain")
    places = [line for line in answer.text.splitlines() if line.startswith("📍")]
    assert places
    assert all("source :" in place and "20" in place for place in places)


@pytest.mark.parametrize("choice", FIVE_CHOICES)
async def test_each_choice_leads_somewhere_and_back(newcomer: Telephone, choice: str) -> None:
    """Each of the five choices changes the screen in place, and « Menu » brings them back."""
    (welcome,) = await newcomer.start()
    (screen,) = await newcomer.press(choice)
    assert screen.id == welcome.id
    assert screen.text != welcome.text
    (back,) = await newcomer.press(plain("button-menu"))
    assert back.labels == FIVE_CHOICES


async def test_the_menu_pressed_twice_is_no_error(resident: Telephone) -> None:
    """« message is not modified » harms nobody: the same button again keeps the same screen, and questions go on."""
    await resident.write("/droits")
    (menu,) = await resident.press(plain("button-menu"))
    assert await resident.press_forged("M", menu) == []
    assert (await resident.last()).text == menu.text
    assert await resident.write("/aide")


async def test_double_taps_leave_one_screen(resident: Telephone) -> None:
    """The same button tapped twice at once shows the same screen, without an error after it."""
    await resident.write("/annuler")
    last = await resident.last()
    await asyncio.gather(resident.press("S:droits", last, wait=False), resident.press_forged("S:droits", last))
    await resident.settle()
    assert (await resident.last()).id == last.id
    assert "😕" not in (await resident.last()).text


async def test_commands_are_published_per_scope(sandbox: SandboxClient, resident: Telephone) -> None:
    """Telegram shows all commands in private and fewer in groups, with the descriptions of the bot."""
    for _ in range(100):
        scopes = {row["scope"]["type"]: [c["command"] for c in row["commands"]] for row in await sandbox.commands()}
        texts = (await sandbox.state())["texts"]
        if len(scopes) >= 3 and texts:
            break
        await asyncio.sleep(0.1)
    assert set(scopes) >= {"default", "all_private_chats", "all_group_chats"}
    assert {"start", "aide", "question", "droits", "glossaire", "contrat", "urgence", "humain", "annuler"} <= set(
        scopes["all_private_chats"]
    )
    assert "question" in scopes["all_group_chats"] and "start" not in scopes["all_group_chats"]
    shown_texts = str(texts)
    assert shown("bot-short-description") in shown_texts


async def test_every_published_command_is_answered(sandbox: SandboxClient, resident: Telephone) -> None:
    """No command of the menu is unknown to the bot."""
    names = {command["command"] for row in await sandbox.commands() for command in row["commands"]}
    assert names
    for name in sorted(names):
        answers: list[Seen] = await resident.write(f"/{name}")
        assert answers and opening("unknown-command") not in answers[-1].text, name
