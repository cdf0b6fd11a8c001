"""Danger: the card with the number before anything else, and discretion where somebody may read the screen."""

import pytest
from expected import opening, shown
from processes import Application
from telephones import SandboxClient, Seen, Telephone

from bot.texts import plain
from knowledge.territory import Territory

GROUP = -1001000000001
GAS = "ça sent le gaz dans ma cuisine"
BEATEN = "mon mari me frappe et j'ai peur"


def is_card(message: Seen, territory: Territory, emergency_id: str) -> bool:
    """Whether a message is the card of that danger, its first number at the top; in no capitals on a discreet one."""
    emergency = territory.emergencies[emergency_id]
    contact = territory.contacts_of(emergency)[0]
    head = "\n".join(message.text.splitlines()[:6])
    call = "emergency-call" if emergency.discreet else "emergency-first"
    return shown(call, phone=contact.phone, name=contact.name, when="") in head


@pytest.mark.parametrize(
    ("text", "emergency"),
    [
        (GAS, "urgence/gaz"),
        ("il y a le feu dans la cage d'escalier", "urgence/incendie"),
        ("mon père fait un malaise, il ne respire plus", "urgence/medical"),
        ("je suis bloqué dans l'ascenseur", "urgence/ascenseur"),
        ("je veux mourir, j'ai envie de me suicider", "urgence/suicide"),
        (
            "Bonjour, je voudrais savoir comment payer ma quittance, je n'ai pas reçu le papier. "
            "Et là dans la cuisine ça sent très fort le gaz depuis ce matin. Merci de me dire pour la quittance.",
            "urgence/gaz",
        ),
    ],
)
async def test_danger_gets_the_card_first(resident: Telephone, territory: Territory, text: str, emergency: str) -> None:
    """A danger, even inside a longer message, gets its card alone, whom to call at the top."""
    answers = await resident.write(text)
    assert len(answers) == 1
    assert is_card(answers[0], territory, emergency), answers[0].text
    assert answers[0].button(plain("button-not-urgent")) and answers[0].button(plain("button-urgent"))


async def test_the_look_alike_gets_no_card(resident: Telephone) -> None:
    """« Le gaz est-il dans les charges ? » is a question, not a danger."""
    (answer,) = await resident.write("le gaz est-il dans les charges ?")
    assert "APPELEZ MAINTENANT" not in answer.text
    assert shown("emergency-note") not in answer.text


@pytest.mark.parametrize("kind", ["caption", "forwarded", "command", "edited"])
async def test_every_free_text_is_checked(resident: Telephone, territory: Territory, kind: str) -> None:
    """Captions, relayed messages, questions of a command and changed messages are checked for danger too."""
    if kind == "caption":
        answers = await resident.send_photo(caption=GAS)
    elif kind == "forwarded":
        answers = await resident.send({"text": GAS, "forward_from": 102})
    elif kind == "command":
        answers = await resident.write(f"/question {GAS}")
    else:
        await resident.write("/aide")
        mine = [one for one in await resident.messages() if one.text == "/aide"][-1]
        answers = await resident.edit(mine, GAS)
    assert is_card(answers[0], territory, "urgence/gaz")


async def test_a_danger_told_to_a_group_gets_the_card_there(
    sandbox: SandboxClient, territory: Territory, resident: Telephone
) -> None:
    """Asked in a group, a danger gets the card as a reply to who told it."""
    there = resident.in_chat(await sandbox.group("Immeuble", [resident.user_id]))
    await there.reply()
    (answer,) = await there.write(f"/question {GAS}")
    assert is_card(answer, territory, "urgence/gaz")


async def test_violences_gets_a_short_card_and_nothing_more(resident: Telephone, territory: Territory) -> None:
    """Violences: one short message, the 114 by SMS first, no follow-up, one button to erase."""
    answers = await resident.write(BEATEN, quiet_ms=500)
    (card,) = answers
    assert len(card.text) < 600
    assert "114" in card.text
    phones = [contact.phone for contact in territory.contacts_of(territory.emergencies["urgence/violences"])]
    assert min(phones, key=card.text.find) == "114"
    assert "SMS au 114" in card.text.splitlines()[0]
    assert "APPELEZ" not in card.text
    assert card.labels == [plain("button-erase")]
    assert territory.emergencies["urgence/violences"].title not in card.text.splitlines()[0]


async def test_erasing_leaves_nothing_and_says_nothing(resident: Telephone) -> None:
    """« Effacer ces messages » deletes the card and what it answers, without a word after it."""
    before = [one.id for one in await resident.messages()]
    await resident.write(BEATEN)
    await resident.press(plain("button-erase"))
    assert await resident.settle() == []
    assert [one.id for one in await resident.messages()] == before
    assert await resident.toasts() == []


async def test_erasing_twice_harms_nobody(resident: Telephone) -> None:
    """A second tap on « Effacer » finds nothing to delete and says nothing."""
    (card,) = await resident.write(BEATEN)
    await resident.press_forged("x", card, wait=False)
    await resident.press_forged("x", card, wait=False)
    await resident.settle()
    assert card.id not in [one.id for one in await resident.from_bot()]
    assert await resident.write("/aide")


async def test_a_doubtful_text_opens_with_one_line(resident: Telephone, territory: Territory) -> None:
    """A kind of problem that can be a danger opens with « En danger ? 112 », then answers as ever."""
    (answer,) = await resident.press_forged("c:gaz", await resident.last())
    assert answer.text.splitlines()[0] == shown("doubt-line")
    assert answer.text.count(shown("doubt-line")) == 1


async def test_what_was_written_in_danger_is_nowhere(resident: Telephone, application: Application) -> None:
    """What was written in an emergency is not in the database's bytes."""
    answers = await resident.write(f"{GAS}, je m'appelle Zorglubette")
    assert "APPELEZ MAINTENANT" in answers[0].text
    assert not await application.remembers("Zorglubette")


async def test_every_danger_can_be_chosen_by_hand(resident: Telephone, territory: Territory) -> None:
    """/urgence lists every danger; each opens its card."""
    (listed,) = await resident.write("/urgence")
    assert "112" in listed.text and "114" in listed.text
    for emergency in territory.emergencies.values():
        (card,) = await resident.press_forged(f"e:{emergency.id}", listed, quiet_ms=5)
        assert is_card(card, territory, emergency.id), emergency.id


async def test_not_a_danger_goes_back_to_questions(resident: Telephone) -> None:
    """« Ce n'est pas un danger » is thanked and leads back to the menu."""
    (card,) = await resident.write(GAS)
    (answer,) = await resident.press(plain("button-not-urgent"), card)
    assert answer.text.startswith(opening("not-urgent"))
    assert answer.button(plain("menu-question"))


@pytest.mark.parametrize(
    "text",
    ["ça sent le gaz dans l'escalier", "y a le feu dans la cave", "il a une douleur dans la poitrine et le bras"],
)
async def test_a_danger_written_as_in_the_page_on_dangers_gets_its_card(resident: Telephone, text: str) -> None:
    """A danger that resembles the pages on dangers gets the card of that danger, not the page."""
    (card,) = await resident.write(text)
    assert "APPELEZ MAINTENANT" in "\n".join(card.text.splitlines()[:4])


async def test_the_dangers_can_be_read_whole(resident: Telephone) -> None:
    """On /urgence a label that shares its line is short enough for half a small screen."""
    (listed,) = await resident.write("/urgence")
    assert all(len(one.label) <= 22 for row in listed.buttons if len(row) > 1 for one in row)


@pytest.mark.parametrize("text", ["aidez moi", "je suis en danger", "URGENCE AIDEZ MOI"])
async def test_a_call_for_help_that_says_nothing_more_gets_the_numbers(resident: Telephone, text: str) -> None:
    """A call for help without what happens opens on numbers to call, and guesses no danger."""
    (answer,) = await resident.write(text)
    assert "APPELEZ MAINTENANT" not in answer.text
    assert "112" in answer.text


async def test_violences_told_to_a_group_is_answered_apart(
    sandbox: SandboxClient, resident: Telephone, territory: Territory
) -> None:
    """Told in a group, violence gets its card in private; the group sees only the number for any danger."""
    there = resident.in_chat(await sandbox.group("Immeuble", [resident.user_id]))
    await there.reply()
    (public,) = await there.write("/question mon mari me frappe tous les soirs j'ai peur")
    assert shown("danger-line") in public.text
    assert "39 19" not in public.text
    private = await resident.last()
    assert all(c.phone in private.text for c in territory.contacts_of(territory.emergencies["urgence/violences"]))


async def test_violences_told_by_a_stranger_still_gets_a_number(sandbox: SandboxClient) -> None:
    """Who never started the bot cannot be written to apart: the group's answer alone must hold a number to call."""
    person = await sandbox.person("Lou")
    there = person.in_chat(await sandbox.group("Immeuble", [person.user_id]))
    await there.reply()
    (public,) = await there.write("/question mon mari me frappe tous les soirs j'ai peur")
    assert shown("danger-line") in public.text
    assert shown("group-private") in public.text
