"""Browsing with buttons only: every room, every page, and a crowd that presses whatever it finds."""

import random
from collections import Counter

from expected import opening
from telephones import SandboxClient, Seen, Telephone

from bot.texts import plain
from knowledge.territory import Territory

CRAWLERS = 6
STEPS = 40


async def test_every_fiche_stands_on_a_shelf(resident: Telephone, territory: Territory) -> None:
    """Going through all rooms, themes and pages with « Suite » shows each fiche that has a theme."""
    found: set[str] = set()
    for section in territory.library.sections:
        (room,) = await resident.press_forged(f"S:{section.id}", await resident.last(), quiet_ms=1)
        for theme in [button.data for button in room.flat if button.data and button.data.startswith("T:")]:
            found |= await _pages(resident, theme, room)
    themed = {fiche.id for fiche in territory.library.fiches.values() if fiche.themes}
    assert found >= themed, sorted(themed - found)[:5]


async def _pages(resident: Telephone, data: str, room: Seen) -> set[str]:
    """The fiches of a theme, page after page; the turned page says where it is and « Avant » goes back."""
    found: set[str] = set()
    (page,) = await resident.press_forged(data, room, quiet_ms=1)
    for number in range(1, 100):
        found |= {button.data[2:] for button in page.flat if button.data and button.data.startswith("f:")}
        assert page.button(plain("button-back")) and page.button(plain("button-menu"))
        assert (page.button(plain("button-previous")) is not None) == (number > 1)
        following = page.button(plain("button-next"))
        if following is None or following.data is None:
            break
        (page,) = await resident.press_forged(following.data, page, quiet_ms=1)
        assert f"Page {number + 1} sur" in page.text
    return found


async def test_a_page_past_the_end_is_the_last_one(resident: Telephone) -> None:
    """A button of a shelf that has become shorter shows its last page."""
    (room,) = await resident.write("/droits")
    theme = room.flat[0].data
    assert theme is not None
    (page,) = await resident.press_forged(theme.rsplit(":", 1)[0] + ":9999", room)
    assert page.button(plain("button-back")) and not page.button(plain("button-next"))


class Crawler:
    """Somebody who presses every kind of button they meet, those pressed least first."""

    def __init__(self, telephone: Telephone, seed: int, verbs: Counter[str]) -> None:
        self.telephone = telephone
        self.choices = random.Random(seed)
        self.verbs = verbs
        self.pressed: set[str] = set()
        self.screens: dict[int, Seen] = {}

    async def run(self) -> None:
        """Press and press again."""
        self._meet(await self.telephone.start())
        for _ in range(STEPS):
            data, message = self._next()
            self.pressed.add(data)
            self.verbs[data.split(":")[0]] += 1
            answers = await self.telephone.press_forged(data, message, quiet_ms=5, timeout=30)
            self._check(data, answers, await self.telephone.toasts())
            self._meet(answers)

    def _next(self) -> tuple[str, Seen]:
        standing = [(b.data, screen) for screen in self.screens.values() for b in screen.flat if b.data]
        fresh = [one for one in standing if one[0] not in self.pressed] or standing
        rarest = min(sorted({data.split(":")[0] for data, _ in fresh}), key=lambda verb: self.verbs[verb])
        return self.choices.choice([one for one in fresh if one[0].split(":")[0] == rarest])

    def _meet(self, messages: list[Seen]) -> None:
        self.screens |= {message.id: message for message in messages}

    @staticmethod
    def _check(data: str, answers: list[Seen], toasts: list[str]) -> None:
        lost = (opening("went-wrong", reference=""), opening("stale-button"))
        assert answers or toasts or data == "x", f"« {data} » met silence"
        for answer in answers:
            assert not answer.text.startswith(lost), f"« {data} » answered {answer.text}"
        assert not answers or answers[-1].flat, f"« {data} » is a dead end: {answers[-1].text}"


async def test_whatever_is_pressed_leads_somewhere(sandbox: SandboxClient) -> None:
    """People who press, from the menu, every kind of button they find meet no error, no silence, no dead end."""
    verbs: Counter[str] = Counter()
    for seed in range(CRAWLERS):
        await Crawler(await sandbox.person("Curieux"), seed, verbs).run()
    assert verbs.total() == CRAWLERS * STEPS
    assert set(verbs) >= set("fsrynwSTeEHMCUAPc"), verbs
