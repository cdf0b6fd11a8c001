"""The knowledge in force: fiches, territory and search, replaced as one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.store import official
from bot.store.database import Store
from knowledge.entries import Fiche, SectionOfThemes, Theme
from knowledge.official import OfficialFiche
from knowledge.official_index import OfficialIndex
from knowledge.search import Found, Search
from knowledge.territory import Category, Emergency, Territory

PAGE = 6
"""Fiches on one page of buttons: what a small telephone shows without scrolling."""


@dataclass(frozen=True)
class Page:
    """One page of a shelf; numbers begin at 0."""

    section: SectionOfThemes
    theme: Theme
    fiches: tuple[Fiche, ...]
    number: int
    count: int


class Understanding:
    """Answers questions about what is known."""

    def __init__(self, territory: Territory, search: Search) -> None:
        self.territory = territory
        self._search = search
        self._import: official.Import | None = None

    def warm_up(self) -> None:
        """Load the models now rather than under the first person who asks."""
        self.find("what is this about")

    def find(self, text: str) -> Found:
        """What a text means."""
        return self._search.find(text)

    def officials(self, ids: tuple[str, ...]) -> list[OfficialFiche]:
        """The State's fiches of these ids that are still there, in order."""
        return [fiche for fiche in map(self._search.official.get, ids) if fiche]

    def refresh_official(self, store: Store) -> bool:
        """Take the imported set in force if it changed; True when it did."""
        last = official.last_import(store)
        if last == self._import:
            return False
        self._search.official = OfficialIndex(official.all(store))
        self._import = last
        return True

    def in_words(self, question: str, found: Found) -> str:
        """What was understood, for a terminal."""
        fiches = self.fiches(found.ids)
        names = "\n".join(f"  {fiche.title} ({fiche.id})" for fiche in fiches)
        kind = found.emergency or found.category or ""
        return f"{question}\n  → {found.outcome} {kind}\n{names}".rstrip()

    def fiche(self, fiche_id: str) -> Fiche | None:
        """A fiche by its id."""
        return self.territory.library.fiches.get(fiche_id)

    def fiches(self, ids: tuple[str, ...]) -> list[Fiche]:
        """Those of the ids that exist, in order."""
        return [fiche for fiche in map(self.fiche, ids) if fiche]

    def by_payload(self, payload: str) -> Fiche | None:
        """The fiche of a deep link (`/` written `_`)."""
        return self.fiche(payload.replace("_", "/", 1))

    def emergency(self, emergency_id: str | None) -> Emergency | None:
        """An emergency by its id."""
        return self.territory.emergencies.get(emergency_id or "")

    def category(self, category_id: str | None) -> Category | None:
        """A category of doléance by its id."""
        return self.territory.categories.get(category_id or "")

    def section(self, section_id: str) -> SectionOfThemes | None:
        """A room of the library by its id."""
        return next((s for s in self.territory.library.sections if s.id == section_id), None)

    def shelf(self, section_id: str, theme_id: str, number: int) -> Page | None:
        """A page of a shelf; a number past the end gives the last one."""
        section = self.section(section_id)
        theme = next((t for t in section.themes if t.id == theme_id), None) if section else None
        if section is None or theme is None:
            return None
        fiches = self.territory.library.of_theme(section_id, theme_id)
        count = max(1, -(-len(fiches) // PAGE))
        number = min(number, count - 1)
        return Page(section, theme, tuple(fiches[number * PAGE : (number + 1) * PAGE]), number, count)
