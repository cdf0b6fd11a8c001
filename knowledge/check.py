"""Everything wrong or stale in fiches and territory, as an editor reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tabulate import tabulate

from knowledge.entries import is_stale, review_problems
from knowledge.errors import Problem
from knowledge.territory import load_territory


@dataclass(frozen=True)
class Report:
    """What must be mended, and what is only to be looked at."""

    wrong: tuple[Problem, ...]
    stale: tuple[str, ...]
    to_check: tuple[str, ...]
    fiches: int
    questions: int

    def as_table(self) -> str:
        """Counts, then a line per problem."""
        counts = [
            ("fiches", self.fiches),
            ("façons de demander", self.questions),
            ("à corriger", len(self.wrong)),
            ("à relire (date passée)", len(self.stale)),
            ("montrées « à vérifier »", len(self.to_check)),
        ]
        parts = [tabulate(counts, headers=("quoi", "combien"))]
        if self.wrong:
            rows = [(f"{p.path.name}:{p.line}", p.what, p.cure) for p in self.wrong]
            parts.append(tabulate(rows, headers=("où", "quoi", "que faire")))
        if self.stale:
            parts.append("À relire : " + ", ".join(self.stale))
        if self.to_check:
            parts.append("À vérifier : " + ", ".join(self.to_check))
        return "\n\n".join(parts)


def check(folder: Path, today: date | None = None) -> Report:
    """Load a territory and look at every fiche as an editor would; `today` is a day in Paris.

    Raises KnowledgeError when the files cannot be used at all.
    """
    day = today or date.today()
    fiches = load_territory(folder).library.fiches.values()
    return Report(
        wrong=tuple(problem for fiche in fiches for problem in review_problems(fiche)),
        stale=tuple(fiche.id for fiche in fiches if is_stale(fiche, day)),
        to_check=tuple(fiche.id for fiche in fiches if fiche.to_check),
        fiches=len(fiches),
        questions=sum(len(fiche.questions) for fiche in fiches),
    )
