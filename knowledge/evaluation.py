"""How well questions are understood, on a file of questions with the right answers."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from knowledge.errors import KnowledgeError, Problem
from knowledge.search import Found

COLUMNS = ("question", "outcome", "gold", "voice")
OUTCOMES = ("answer", "suggest", "doleance", "emergency", "unknown")


@dataclass(frozen=True)
class Line:
    """A question and what is right: ids or categories, any of them; empty for what nobody can answer."""

    question: str
    outcome: str
    gold: tuple[str, ...]
    voice: str = ""


@dataclass(frozen=True)
class Judged:
    """A line and what was understood."""

    line: Line
    found: Found

    @property
    def first(self) -> bool:
        """The right fiche, category or emergency came first."""
        return self._named()[:1] != () and self._named()[0] in self.line.gold

    @property
    def among_three(self) -> bool:
        """The right fiche is among the first three."""
        return any(name in self.line.gold for name in self._named()[:3])

    @property
    def outcome_right(self) -> bool:
        """The outcome is the expected one; a suggestion counts as answering."""
        said = "answer" if self.found.outcome == "suggest" else self.found.outcome
        return said == self.line.outcome

    def _named(self) -> tuple[str, ...]:
        if self.line.outcome == "doleance":
            return (self.found.category,) if self.found.category else ()
        if self.line.outcome == "emergency":
            return (self.found.emergency,) if self.found.emergency else ()
        return self.found.ids


def read_exam(path: Path) -> list[Line]:
    """The lines of a file `question;outcome;gold;voice`.

    Raises KnowledgeError when a column is missing or an outcome unknown.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter=";")
            missing = [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]
            if missing:
                cure = "première ligne attendue : " + ";".join(COLUMNS)
                raise KnowledgeError([Problem(path, 1, f"colonne absente : {', '.join(missing)}", cure)])
            return [_line(row, path, reader.line_num) for row in reader]
    except UnicodeDecodeError:
        raise KnowledgeError([Problem(path, 0, "le fichier n'est pas en UTF-8", "enregistrez-le en UTF-8")]) from None


def _line(row: dict[str, str], path: Path, number: int) -> Line:
    outcome = (row["outcome"] or "").strip()
    if outcome not in OUTCOMES:
        raise KnowledgeError(
            [Problem(path, number, f"issue inconnue : {outcome!r}", "choisissez : " + ", ".join(OUTCOMES))]
        )
    gold = tuple(name.strip() for name in (row["gold"] or "").split("|") if name.strip())
    return Line(row["question"], outcome, gold, row.get("voice") or "")


@dataclass(frozen=True)
class Evaluation:
    """Every line judged, and the figures drawn from them."""

    judged: tuple[Judged, ...]

    def figures(self) -> dict[str, float]:
        """The figures that count, as shares from 0 to 1."""
        of = {name: [j for j in self.judged if j.line.outcome == name] for name in OUTCOMES}
        others = [j for j in self.judged if j.line.outcome != "emergency"]
        answerable = [j for j in others if j.line.outcome != "unknown"]
        return {
            "answer_first": _share(j.first for j in of["answer"]),
            "answer_among_three": _share(j.among_three for j in of["answer"]),
            "answer_outcome": _share(j.outcome_right for j in of["answer"]),
            "doleance_outcome": _share(j.outcome_right for j in of["doleance"]),
            "doleance_category": _share(j.first for j in of["doleance"]),
            "emergency_found": _share(
                j.found.outcome == "emergency" or bool(j.found.emergency) for j in of["emergency"]
            ),
            "emergency_kind": _share(j.first for j in of["emergency"]),
            "false_emergency": _share(j.found.outcome == "emergency" for j in others),
            "doubtful_emergency": _share(bool(j.found.emergency) and j.found.outcome != "emergency" for j in others),
            "unknown_said": _share(j.found.outcome == "unknown" for j in of["unknown"]),
            "answerable_unknown": _share(j.found.outcome == "unknown" for j in answerable),
        }

    def as_table(self) -> str:
        """Figures, accuracy per section and voice, confusion of outcomes, and the misses."""
        parts = [
            _table("Chiffres", [(k, f"{v:.3f}") for k, v in self.figures().items()], ("mesure", "part")),
            _table(
                "Par section", self._by(lambda j: _section(j.line)), ("section", "lignes", "premier", "parmi trois")
            ),
            _table("Par voix", self._by(lambda j: j.line.voice), ("voix", "lignes", "premier", "parmi trois")),
            _table("Confusion (attendu, compris)", self._confusion(), ("attendu", *OUTCOMES)),
            _table("Ratés", self._misses(), ("question", "attendu", "juste", "compris", "trouvé")),
        ]
        return "\n\n".join(parts)

    def _by(self, key: Callable[[Judged], str]) -> list[tuple[str, int, str, str]]:
        groups: dict[str, list[Judged]] = {}
        for judged in self.judged:
            if judged.line.gold:
                groups.setdefault(key(judged), []).append(judged)
        return [
            (name, len(group), f"{_share(j.first for j in group):.3f}", f"{_share(j.among_three for j in group):.3f}")
            for name, group in sorted(groups.items())
        ]

    def _confusion(self) -> list[tuple[str | int, ...]]:
        counts = Counter((j.line.outcome, str(j.found.outcome)) for j in self.judged)
        expected = [name for name in OUTCOMES if any(e == name for e, _ in counts)]
        return [(name, *(counts[name, said] for said in OUTCOMES)) for name in expected]

    def _misses(self) -> list[tuple[str, str, str, str, str]]:
        return [
            (
                j.line.question[:90],
                j.line.outcome,
                "|".join(j.line.gold),
                j.found.outcome,
                " ".join(filter(None, (*j.found.ids[:3], j.found.category, j.found.emergency))),
            )
            for j in self.judged
            if not j.outcome_right or (j.line.gold and not j.first)
        ]


def evaluate(find: Callable[[str], Found], lines: Iterable[Line]) -> Evaluation:
    """Ask every question and judge what comes back."""
    return Evaluation(tuple(Judged(line, find(line.question)) for line in lines))


def _section(line: Line) -> str:
    return line.gold[0].partition("/")[0] if line.outcome == "answer" else line.outcome


def _share(flags: Iterable[bool]) -> float:
    given = list(flags)
    return sum(given) / len(given) if given else 0.0


def _table(title: str, rows: Sequence[Sequence[object]], headers: tuple[str, ...]) -> str:
    return f"{title}\n{tabulate(rows, headers=headers)}"
