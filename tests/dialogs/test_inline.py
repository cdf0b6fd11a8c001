"""`@bot mot` in any chat."""

from expected import opening, shown
from telephones import Telephone

from bot.texts import plain


async def test_a_word_gives_its_definition(resident: Telephone) -> None:
    """A word of the contract gives at most three results with title and description."""
    answer = await resident.inline("c'est quoi le copil")
    assert 1 <= len(answer["results"]) <= 4
    first = answer["results"][0]
    assert first["id"] == "glossaire_copil"
    assert first["title"] and first["description"]


async def test_choosing_a_result_posts_the_fiche(resident: Telephone) -> None:
    """The chosen result is posted in the chat with its source and date."""
    answer = await resident.inline("3.9.2")
    posted = await resident.choose(answer, answer["results"][0]["id"])
    assert "3.9.2" in posted.text
    assert "Source :" in posted.text
    assert posted.raw["via_bot"]["is_bot"]


async def test_nothing_written_yet_explains(resident: Telephone) -> None:
    """Before any word, no result, and a button that says what to write."""
    answer = await resident.inline("")
    assert answer["results"] == []
    assert answer["button"]["text"] == plain("inline-empty")


async def test_nothing_found_says_so(resident: Telephone) -> None:
    """Words that mean nothing give no result and a button that says so and opens the bot."""
    answer = await resident.inline("qui a gagné la coupe du monde de football")
    assert answer["results"] == []
    assert answer["button"]["text"] == plain("inline-nothing")
    (welcome,) = await resident.start(answer["button"]["start_parameter"])
    assert welcome.text.startswith(opening("welcome", danger=""))


async def test_danger_written_inline_gives_the_card_first(resident: Telephone) -> None:
    """A danger written after the bot's name offers the emergency card as its first result."""
    answer = await resident.inline("ça sent le gaz dans ma cuisine")
    assert answer["results"][0]["id"] == "urgence/gaz"
    posted = await resident.choose(answer, "urgence/gaz")
    assert shown("emergency-note") in posted.text


async def test_a_very_long_inline_query_is_answered(resident: Telephone) -> None:
    """256 characters, Telegram's limit, of anything are answered."""
    assert (await resident.inline("é" * 256))["button"]
