"""Politenesses: answered as a person would, never with « Je ne sais pas »."""

import pytest
from expected import opening
from telephones import SandboxClient, Telephone

from bot.texts import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bonjour !", "greeting"),
        ("slt", "greeting"),
        ("MERCI BEAUCOUP 🙏", "thanks-reply"),
        ("ok", "thanks-reply"),
        ("👍", "thanks-reply"),
        ("Au revoir", "goodbye-reply"),
        ("oui", "ask-away"),
        ("???", "ask-away"),
    ],
)
async def test_a_politeness_is_said_back(resident: Telephone, text: str, expected: str) -> None:
    """A greeting, thanks, a farewell, a yes or signs alone get one short sentence and a way on."""
    (answer,) = await resident.write(text)
    assert answer.text.startswith(opening(expected))
    assert answer.button(plain("button-menu")) or answer.button(plain("menu-question"))


@pytest.mark.parametrize("text", ["merci de me dire ce qu'est un qpv", "bonjour c koi un qpv"])
async def test_a_question_with_a_politeness_is_answered(resident: Telephone, text: str) -> None:
    """A politeness around a question hides nothing of it."""
    (answer,) = await resident.write(text)
    assert "QPV" in answer.text or answer.button("QPV")


async def test_a_group_gets_no_menu_for_a_thank_you(sandbox: SandboxClient, resident: Telephone) -> None:
    """Thanked by its name in a group, the bot answers there without buttons."""
    there = resident.in_chat(await sandbox.group("Immeuble", [resident.user_id]))
    await there.reply()
    (answer,) = await there.write("@passerelle_bac_a_sable_bot merci")
    assert answer.text.startswith(opening("thanks-reply"))
    assert answer.flat == []
