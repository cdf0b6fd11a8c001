"""A question → answer, suggestions, doléance, emergency or "I don't know"."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rapidfuzz import fuzz, process, utils

from knowledge.territory import Territory

Outcome = Literal["answer", "suggest", "doleance", "emergency", "unknown"]


@dataclass(frozen=True)
class Found:
    """What a text was understood as. `ids` are fiches, best first, whatever the outcome."""

    outcome: Outcome
    ids: tuple[str, ...] = ()
    category: str | None = None
    emergency: str | None = None
    """The danger spoken of; filled with another outcome when it is doubtful."""
    official: tuple[str, ...] = ()
    language: str = "fr"
    """The language asked in, as far as known (ISO 639-1)."""

    def as_json(self) -> dict[str, object]:
        """The fields scripts rely on, in their order."""
        return {
            "outcome": self.outcome,
            "ids": list(self.ids),
            "category": self.category,
            "emergency": self.emergency,
            "official": list(self.official),
        }


class Search:
    """Finds what a text means. Pure: the same text gives the same answer."""

    def __init__(self, territory: Territory) -> None:
        self._territory = territory
        self._names: list[str] = []
        self._ids: list[str] = []
        for fiche in territory.library.fiches.values():
            for name in (fiche.title, *fiche.aliases, *fiche.questions):
                self._names.append(utils.default_process(name))
                self._ids.append(fiche.id)

    def find(self, text: str) -> Found:
        """What the text means."""
        hits = process.extract(utils.default_process(text), self._names, scorer=fuzz.WRatio, limit=20)
        ids = tuple(dict.fromkeys(self._ids[i] for _, _, i in hits))[:3]
        best = hits[0][1] if hits else 0
        if best >= 88:
            return Found("answer", ids)
        return Found("suggest" if best >= 75 else "unknown", ids)


def load_search(territory: Territory, cache: Path) -> Search:
    """The search of a territory; what is slow to compute is kept in the folder `cache`."""
    return Search(territory)
