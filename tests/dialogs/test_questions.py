"""Questions in people's own words: answered, suggested, taken for a problem, or honestly not known."""

import re

import pytest
from expected import opening, shown
from processes import Application
from telephones import SandboxClient, Seen, Telephone

from bot.texts import has, plain
from knowledge.territory import Territory

OUTSIDE = "qui a gagné la coupe du monde de football"
"""Outside its scope, whatever it learns."""


VAGUE = (
    "logement contrat aides papiers enfants association travaux école santé argent dettes loyer bailleur charges "
    "métro bus permis crèche retraite handicap emploi formation stage police justice avocat mairie caf impôts droits"
)
"""Words that may mean several things."""


async def unanswered(person: Telephone, text: str) -> Seen:
    """Ask what the bot cannot know; what it says, with the offer to hand the question to the team."""
    (answer,) = await person.write(text)
    assert answer.button(plain("button-hand")), answer.text
    return answer


async def test_a_question_gets_a_fiche_with_source_and_date(resident: Telephone) -> None:
    """An ordinary question is answered by one fiche that says where it comes from and of when."""
    (answer,) = await resident.write("c'est quoi le copil")
    assert "Source :" in answer.text
    assert re.search(r"Information .*\d{4}", answer.text)
    assert answer.button(plain("button-useful"))


async def test_the_number_of_an_objective_is_enough(resident: Telephone, territory: Territory) -> None:
    """« 3.9.2 » opens that objective of the contract."""
    (answer,) = await resident.write("3.9.2")
    assert answer.text.startswith(territory.library.fiches["contrat/objectif-3-9-2"].title)


async def test_a_housing_problem_gets_its_category_and_fiches(resident: Telephone, territory: Territory) -> None:
    """A sentence that tells a problem names its kind, says whom to tell, and offers the fiches."""
    (answer,) = await resident.write("il y a des cafards dans ma cuisine")
    category = territory.categories["nuisibles"]
    assert answer.text.startswith(opening("doleance", label=category.label))
    assert "bailleur" in answer.text
    assert f"f:{category.fiches[0]}" in [button.data for button in answer.flat]
    assert answer.button(plain("button-who-is-bailleur")) and answer.button(plain("button-human"))


async def test_every_category_can_be_chosen_by_hand(resident: Telephone, territory: Territory) -> None:
    """« Un problème de logement » lists every category; each says what to do, danger first when it can be one."""
    await resident.write("/annuler")
    (listed,) = await resident.press(plain("menu-problem"))
    for category in territory.categories.values():
        assert category.label in listed.labels
        (answer,) = await resident.press_forged(f"c:{category.id}", listed, quiet_ms=5)
        assert category.label in answer.text
        assert answer.text.startswith(shown("doubt-line")) == category.urgent


async def test_what_is_not_known_is_said(resident: Telephone) -> None:
    """The bot says that it does not know, offers the nearest fiches, the team, and somebody to talk to."""
    answer = await unanswered(resident, OUTSIDE)
    assert opening("unknown", nearest="some") in answer.text
    assert 1 <= len([button for button in answer.flat if button.data and button.data.startswith("f:")]) <= 3
    assert answer.button(plain("button-hand")) and answer.button(plain("button-human"))


async def test_the_nearest_fiche_opens(resident: Telephone) -> None:
    """A nearest fiche is a button that shows it."""
    answer = await unanswered(resident, OUTSIDE)
    (fiche,) = await resident.press(answer.flat[0].label, answer)
    assert "Source :" in fiche.text


async def test_suggestions_can_be_refused(resident: Telephone) -> None:
    """« Rien de tout cela » asks for other words and offers somebody."""
    (answer,) = await resident.press_forged("v", await resident.last())
    assert answer.text.startswith(opening("rephrase"))
    assert answer.button(plain("button-human"))


async def test_a_choice_of_suggestions_opens(resident: Telephone) -> None:
    """A vague word gets two to four choices, each a fiche or a kind of problem, quoting the question."""
    for word in VAGUE.split():
        (answer,) = await resident.write(word)
        if answer.text.startswith(opening("suggest")):
            break
    assert answer.text.startswith(opening("suggest")), "no vague word is suggested for"
    choices = [button for button in answer.flat if button.data and button.data[:2] in ("f:", "c:")]
    assert 2 <= len(choices) <= 4
    assert answer.raw["reply_to_message"]["text"] == word
    (fiche,) = await resident.press(choices[0].label, answer)
    assert "Source :" in fiche.text


async def test_a_caption_is_read_as_a_question(resident: Telephone) -> None:
    """Words under a photo or a document are answered like any text."""
    for answers in (
        await resident.send_photo(caption="3.9.2"),
        await resident.send_document(caption="3.9.2"),
        await resident.send_video(caption="3.9.2"),
    ):
        assert "3.9.2" in answers[0].text


async def test_a_forwarded_text_is_read_as_a_question(resident: Telephone) -> None:
    """What somebody else wrote and a person relays is answered too."""
    (answer,) = await resident.send({"text": "3.9.2", "forward_from": 102})
    assert "3.9.2" in answer.text


async def test_a_changed_message_gets_a_new_answer(resident: Telephone) -> None:
    """Editing a question says that this answers the new words."""
    await resident.write(OUTSIDE)
    mine = [one for one in await resident.messages() if one.text == OUTSIDE][-1]
    (answer,) = await resident.edit(mine, "3.9.2")
    assert answer.text.startswith(shown("edited-note"))
    assert "3.9.2" in answer.text


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("ar", "كيف يمكنني دفع الإيجار هذا الشهر؟"),
        ("tr", "bu ay kiramı ödeyemiyorum, ne yapmalıyım"),
        ("en", "how can I apply for help with my rent please, I do not understand the letter"),
        ("ru", "как мне оплатить аренду в этом месяце"),
        ("de", "wie kann ich eine Wohnung beantragen, ich verstehe den Brief nicht"),
        ("es", "cómo puedo pedir una vivienda social, no entiendo esta carta"),
    ],
)
async def test_another_language_gets_one_sentence_in_it(resident: Telephone, language: str, question: str) -> None:
    """Who asks in another language reads one sentence of it, and the French answer below."""
    assert has(f"language-note-{language}", "fr")
    answers = await resident.write(question)
    lines = answers[0].text.splitlines()
    assert lines.count(shown(f"language-note-{language}")) == 1
    assert lines.index(shown(f"language-note-{language}")) <= 1
    assert len(answers[0].text) > len(shown(f"language-note-{language}")) + 20


async def test_nothing_of_a_question_is_kept(resident: Telephone, application: Application) -> None:
    """Once it is answered, the words of a question stand nowhere in the database's bytes."""
    secret = "zorglubienne"
    await resident.write(f"{OUTSIDE} {secret}")
    assert not await application.remembers(secret)


async def test_only_transmitting_keeps_the_question_masked(resident: Telephone, application: Application) -> None:
    """« Transmettre à l'équipe », and nothing before it, keeps one row: without telephone, e-mail or who asked."""
    before = len(application.rows("SELECT id FROM handed_questions"))
    answer = await unanswered(resident, f"{OUTSIDE} grobulon 06 12 34 56 78 alix.exemple@mail.example")
    assert not await application.remembers("grobulon")
    assert len(application.rows("SELECT id FROM handed_questions")) == before
    (handed,) = await resident.press(plain("button-hand"), answer)
    assert handed.text.startswith(opening("handed", days=60))
    rows = application.rows("SELECT * FROM handed_questions ORDER BY id")
    assert len(rows) == before + 1
    assert rows[-1]["text"] == f"{OUTSIDE} grobulon [numéro caché] [adresse cachée]"
    assert str(resident.user_id) not in (rows[-1]["text"], rows[-1]["ticket"])
    assert not await application.remembers("alix.exemple@mail.example", "06 12 34 56 78")


async def test_transmitting_twice_keeps_one_question(resident: Telephone, application: Application) -> None:
    """A double tap on « Transmettre » keeps the question once."""
    answer = await unanswered(resident, f"{OUTSIDE} tagadoum")
    await resident.press(plain("button-hand"), answer)
    await resident.press_forged("h", answer)
    assert len(application.rows("SELECT id FROM handed_questions WHERE text LIKE '%tagadoum%'")) == 1


async def test_who_wants_to_be_told_is_kept_and_forgotten(resident: Telephone, application: Application) -> None:
    """« Prévenez-moi » keeps the chat 60 days at most; « Ne plus me prévenir » removes it."""
    asked = "SELECT julianday(until) - julianday('now') AS days FROM askers WHERE chat_id = ?"
    answer = await unanswered(resident, f"{OUTSIDE} pouet")
    (handed,) = await resident.press(plain("button-hand"), answer)
    assert application.rows(asked, resident.user_id) == []
    (noted,) = await resident.press(plain("button-notify"), handed)
    assert noted.text.startswith(opening("will-notify"))
    (row,) = application.rows(asked, resident.user_id)
    assert 59 < row["days"] <= 60.1
    (done,) = await resident.press(plain("button-forget"), noted)
    assert done.text.startswith(opening("forgotten"))
    assert application.rows(asked, resident.user_id) == []


async def test_a_foreign_ticket_gives_nothing(
    sandbox: SandboxClient, resident: Telephone, application: Application
) -> None:
    """Forging another person's ticket of « Ne plus me prévenir » does not remove them."""
    answer = await unanswered(resident, f"{OUTSIDE} bidule")
    (handed,) = await resident.press(plain("button-hand"), answer)
    await resident.press(plain("button-notify"), handed)
    ticket = application.rows("SELECT ticket FROM handed_questions ORDER BY id DESC LIMIT 1")[0]["ticket"]
    other = await sandbox.person("Autre")
    await other.start()
    await other.press_forged(f"q:{ticket}", await other.last())
    assert application.rows("SELECT chat_id FROM askers WHERE chat_id = ?", resident.user_id)


async def test_a_forged_ticket_is_too_late(resident: Telephone) -> None:
    """A ticket that does not exist is said to be no longer waiting."""
    (answer,) = await resident.press_forged("p:inconnu", await resident.last())
    assert answer.text.startswith(opening("notify-too-late"))


async def test_transmitting_a_question_that_is_gone_asks_for_it_again(resident: Telephone) -> None:
    """When the question can no longer be read, the bot says so and keeps nothing."""
    (answer,) = await resident.press_forged("h", await resident.last())
    assert answer.text.startswith(opening("handed-unreadable"))
