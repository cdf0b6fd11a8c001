"""Fiches: the answer with its source and date, its parts, what to read beside, opinions, and links to each."""

import asyncio
import re

import pytest
from expected import opening, shown
from processes import Application
from telephones import SandboxClient, Seen, Telephone

from bot.texts import plain
from knowledge.entries import Fiche
from knowledge.territory import Territory

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
REASONS = ("wrong", "unclear", "other", "short")


@pytest.fixture(scope="module")
def right(territory: Territory) -> Fiche:
    """A right whose fiche has all four parts."""
    fiches = territory.library.fiches.values()
    return next(one for one in fiches if len(one.sections) == 4 and one.related and one.sources[0].url)


def sourced(message: Seen) -> bool:
    """Whether a message ends with its source and date."""
    return "Source :" in message.text and re.search(r"Information .*\d{4}", message.text) is not None


async def test_a_fiche_says_its_source_and_date(resident: Telephone, right: Fiche) -> None:
    """A deep link opens the fiche with source, date, parts, opinions and the way back."""
    (fiche,) = await resident.start(right.payload)
    assert sourced(fiche)
    for name in ("more", "prepare", "where", "call", "related", "useful", "useless", "menu"):
        assert fiche.button(plain(f"button-{name}")), name


async def test_a_source_is_a_link_that_can_be_opened(resident: Telephone, right: Fiche) -> None:
    """The source of a right leads to an official page."""
    (fiche,) = await resident.start(right.payload)
    assert f'<a href="{right.sources[0].url}">' in fiche.html


@pytest.mark.parametrize("name", ["more", "prepare", "where", "call"])
async def test_each_part_is_shown_on_demand(resident: Telephone, right: Fiche, name: str) -> None:
    """Each part comes as a new message with its source, and « Retour » shows the fiche again."""
    (fiche,) = await resident.start(right.payload)
    (part,) = await resident.press(plain(f"button-{name}"))
    assert part.id != fiche.id
    assert part.text.startswith(fiche.text.splitlines()[0])
    assert sourced(part)
    (again,) = await resident.press(plain("button-back"), part)
    assert again.text == fiche.text


async def test_related_fiches_are_offered_and_open(resident: Telephone, right: Fiche) -> None:
    """« À lire aussi » lists other fiches, and the first opens."""
    (fiche,) = await resident.start(right.payload)
    (listed,) = await resident.press(plain("button-related"))
    first = listed.flat[0]
    (other,) = await resident.press(first.label, listed)
    assert other.text.splitlines()[0] != fiche.text.splitlines()[0]
    assert sourced(other)


async def test_useful_is_counted_without_a_name(resident: Telephone, application: Application, right: Fiche) -> None:
    """👍 is thanked in passing and counted once, with nothing that says who."""
    await resident.start(right.payload)
    before = application.rows("SELECT count(*) AS n FROM opinions WHERE useful = 1")[0]["n"]
    await resident.press(plain("button-useful"))
    assert plain("thanks-useful") in await resident.toasts()
    rows = application.rows("SELECT * FROM opinions WHERE useful = 1")
    assert len(rows) == before + 1
    assert str(resident.user_id) not in [str(value) for value in rows[-1].values()]
    assert rows[-1]["fiche"] == right.id


@pytest.mark.parametrize("reason", REASONS)
async def test_useless_asks_why_and_counts_the_reason(
    resident: Telephone, application: Application, right: Fiche, reason: str
) -> None:
    """👎 asks why with one button a reason; the reason is counted and other ways are offered."""
    await resident.start(right.payload)
    (why,) = await resident.press(plain("button-useless"))
    assert why.text.startswith(opening("why-useless"))
    assert [plain(f"button-reason-{one}") in why.labels for one in REASONS] == [True] * 4
    (thanks,) = await resident.press(plain(f"button-reason-{reason}"), why)
    assert thanks.text.startswith(opening("thanks-useless"))
    assert thanks.button(plain("button-human")) and thanks.button(plain("button-question"))
    assert application.rows("SELECT reason, useful FROM opinions ORDER BY id DESC LIMIT 1") == [
        {"reason": reason, "useful": 0}
    ]


def test_every_fiche_has_a_payload_telegram_takes(territory: Territory) -> None:
    """All ids of the territory give a payload of at most 64 letters, digits, _ or -, each leading to one fiche only."""
    fiches = territory.library.fiches.values()
    assert len(fiches) > 100
    assert [fiche.id for fiche in fiches if not PAYLOAD.fullmatch(fiche.payload)] == []
    assert len({fiche.payload for fiche in fiches}) == len(fiches)
    assert all(fiche.payload == fiche.id.replace("/", "_") for fiche in fiches)


async def test_every_fiche_opens_by_its_link(sandbox: SandboxClient, territory: Territory) -> None:
    """Every fiche of the territory can be sent to Telegram as it is written, with its title, source and date."""
    fiches = list(territory.library.fiches.values())
    for some in (fiches[at : at + 100] for at in range(0, len(fiches), 100)):
        reader = await sandbox.person("Lectrice")
        for fiche in some:
            await reader.start(fiche.payload, wait=False)
        assert await _missing(reader, some) == []


async def _missing(reader: Telephone, fiches: list[Fiche]) -> list[str]:
    """The fiches that were not shown whole, once all were asked for."""
    for _ in range(300):
        shown_now = await reader.from_bot()
        if len(shown_now) >= len(fiches):
            break
        await asyncio.sleep(0.1)
    await reader.settle()
    heads = {one.text.split("\n")[0]: one for one in await reader.from_bot()}
    return [fiche.id for fiche in fiches if fiche.title not in heads or not sourced(heads[fiche.title])]


@pytest.mark.parametrize("payload", ["menu", "droits_inconnu", "____", "a" * 64, "glossaire", "DROITS_logement-apl"])
async def test_an_unknown_link_gets_the_welcome(newcomer: Telephone, payload: str) -> None:
    """A link to something that does not exist welcomes, as /start does."""
    (answer,) = await newcomer.start(payload)
    assert answer.text.startswith(opening("welcome", danger=""))


async def test_an_unsure_fiche_is_marked_to_check(resident: Telephone, territory: Territory) -> None:
    """A fiche of low confidence says « À vérifier » before its answer."""
    unsure = next(fiche for fiche in territory.library.fiches.values() if fiche.to_check)
    answers = await resident.start(unsure.payload)
    assert shown("to-check") in answers[0].text
